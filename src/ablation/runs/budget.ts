/** What fits into a given time: as many seeds as there is time for; fewer variants where even four seeds do not fit. */
import { SpecError } from "../../errors/index.js";
import type { Design, Variant } from "../design/design.js";
import type { PlannedRun } from "./study-run.js";

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

/** What a schedule goes by. */
export interface BudgetQuestion {
  readonly design: Design;
  readonly lanes: number;
  /** At most these; `null`: as many as fit. */
  readonly seeds: readonly number[] | null;
  /** Seconds that are left now. */
  readonly left: () => number;
  /** Of one run, `lanes` at once; what is known now. */
  readonly secondsOf: (variant: Variant) => number;
  /** Told how many runs there are to be, as it is known now. */
  readonly planned?: (runs: number) => void;
}

/** The last run may end this much late: a little time is worth less than a run. */
const overrun = 1.1;
/** Seeds that are trained whatever it takes: without two there is no interval. */
const leastSeeds = 2;

/**
 * Runs by the clock, seed by seed. It begins with the variants that fit with {@link fewestSeeds}; what is estimated at
 * first is known better after each seed, and then further variants are taken in where there is time, with the seeds that
 * the others have had. One variant with two seeds is trained whatever it takes.
 */
export class BudgetSchedule {
  readonly #question: BudgetQuestion;
  readonly #seeds: readonly number[];
  #active: Variant[];
  #queue: PlannedRun[] = [];
  /** Seeds begun. */
  #begun = 0;

  constructor(question: BudgetQuestion) {
    this.#question = question;
    this.#seeds = question.seeds ?? Array.from({ length: mostBudgetSeeds }, (_, at) => at + 1);
    this.#active = question.design.variants.slice(0, 1);
    this.#takeIn();
  }

  /** In their order, those that there is no time for. */
  get leftOut(): readonly Variant[] {
    return this.#question.design.variants.filter((variant) => !this.#active.includes(variant));
  }

  /** The next run; `null`: no other fits. */
  next(): PlannedRun | null {
    if (this.#queue.length === 0) this.#nextSeed();
    const run = this.#queue[0];
    if (run === undefined) return null;
    const { left, secondsOf, design, lanes } = this.#question;
    // A run of the model is of use beside one of a variant only.
    const follower = this.#queue[1];
    const alone = run.variant === design.model && lanes === 1 && follower ? secondsOf(follower.variant) : 0;
    const must = this.#begun <= leastSeeds;
    if (!must && secondsOf(run.variant) + alone > left() * overrun) return null;
    this.#queue.shift();
    return run;
  }

  #nextSeed(): void {
    this.#takeIn();
    const seed = this.#seeds[this.#begun];
    if (this.#queue.length > 0 || seed === undefined) return;
    this.#begun++;
    this.#queue = [this.#question.design.model, ...this.#active].map((variant) => ({ variant, seed }));
  }

  /** Takes in variants that fit with the fewest seeds, beside what the active ones still need for theirs. */
  #takeIn(): void {
    const { design, left, lanes, secondsOf, planned } = this.#question;
    const wanted = Math.min(fewestSeeds, this.#seeds.length);
    const perSeed = [design.model, ...this.#active].reduce((sum, variant) => sum + secondsOf(variant), 0);
    let spare = left() * lanes - perSeed * Math.max(0, wanted - this.#begun);
    for (const variant of this.leftOut) {
      const needed = secondsOf(variant) * Math.max(wanted, this.#begun);
      if (needed > spare) break;
      spare -= needed;
      this.#active = design.variants.filter((each) => each === variant || this.#active.includes(each));
      this.#queue.push(...this.#seeds.slice(0, this.#begun).map((seed) => ({ variant, seed })));
    }
    const seconds = [design.model, ...this.#active].reduce((sum, variant) => sum + secondsOf(variant), 0);
    const more = Math.max(0, Math.floor((left() * lanes) / seconds));
    planned?.((this.#active.length + 1) * Math.min(this.#seeds.length, Math.max(leastSeeds, this.#begun + more)));
  }
}
