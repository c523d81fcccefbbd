/** What fits into a given time: as many seeds as there is time for; fewer variants where even four seeds do not fit. */
import { SpecError } from "../errors/index.js";
import type { Design, Variant } from "./design.js";

/** Seeds below which variants are left out instead: fewer say next to nothing of noise. */
export const fewestSeeds = 4;
/** Seeds beyond which a study ends before its time: differences that need more do not matter. */
export const mostBudgetSeeds = 100;

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds of `"90s"`, `"10m"`, `"1.5h"`, or of a number of seconds. */
export function budgetSeconds(budget: string | number): number {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*([smh])\s*$/.exec(String(budget)) ?? [];
  const seconds = typeof budget === "number" ? budget : Number(amount) * (units[unit ?? ""] ?? Number.NaN);
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new SpecError({
    path: "ablate.budget",
    message: "not a time",
    received: JSON.stringify(budget),
    expected: `"90s", "10m", "1.5h", or a number of seconds`,
  });
}

/** What there is time for. */
export interface BudgetPlan {
  /** In their order, those that fit. */
  readonly variants: readonly Variant[];
  readonly leftOut: readonly Variant[];
  /** Whole seeds that fit; the schedule goes by the clock. */
  readonly seeds: number;
}

/** What the plan is made from. */
export interface BudgetQuestion {
  readonly design: Design;
  /** That are left. */
  readonly seconds: number;
  readonly lanes: number;
  /** Of one run, `lanes` at once. */
  readonly secondsOf: (variant: Variant) => number;
  /** At most; `null`: as many as fit. */
  readonly seeds: number | null;
}

/** Fits a study into its time. One variant with two seeds is planned, whatever it takes. */
export function planBudget({ design, seconds, lanes, secondsOf, seeds }: BudgetQuestion): BudgetPlan {
  const wanted = Math.min(seeds ?? fewestSeeds, fewestSeeds);
  const room = seconds * lanes;
  const variants: Variant[] = [];
  let perSeed = secondsOf(design.model);
  for (const variant of design.variants) {
    const more = perSeed + secondsOf(variant);
    if (variants.length > 0 && more * wanted > room) break;
    variants.push(variant);
    perSeed = more;
  }
  const fitting = Math.max(Math.min(2, wanted), Math.floor(room / perSeed));
  return {
    variants,
    leftOut: design.variants.slice(variants.length),
    seeds: Math.min(fitting, seeds ?? mostBudgetSeeds),
  };
}
