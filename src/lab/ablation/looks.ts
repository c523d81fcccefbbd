/** Looks at a growing study: compares its runs so far, and stops variants whose verdict more seeds would not change. */
import { normalCdf, normalQuantile, normalTails } from "../../core/metrics/distributions.js";
import { type FinishedRun, inOrder } from "./budget.js";
import { comparedTask, jointConfidence, studyTasks } from "./compared-task.js";
import type { Design, Variant } from "./design.js";
import type { Confidence } from "./statistics/power.js";
import type { Compared, VariantDifference } from "./statistics/verdict.js";
import { confidenceAt, type RecordedLook, type StoppedVariant, type StudyLook, spentAfter } from "./study-look.js";

/**
 * How much of the error each of several looks at one growing sample may use, so that all of them together err no more
 * often than one look would (Lan & DeMets, 1983). Later looks see the runs of earlier ones, so they err together, and
 * their shares add up to more than 1. By numeric integration (Armitage, McPherson & Rowe, 1969).
 */

export interface SpentLook {
  readonly seeds: number;
  /** Share of the error that it and all earlier looks may use together, 0 … 1; it never falls. */
  readonly spent: number;
}

const points = 401;
const halvings = 50;

/** The share of the error probability of one comparison that each look's intervals may use. */
export function lookShares(looks: readonly SpentLook[], error: number): number[] {
  let inside: Inside = { seeds: 0, limit: 0, density: null };
  let before = 0;
  return looks.map(({ seeds, spent }) => {
    const crossing = error * (spent - before);
    before = spent;
    if (crossing <= 0) return 0;
    if (seeds <= inside.seeds) {
      // The same runs again: the earlier look's interval gets the rest.
      return normalTails(inside.limit / Math.sqrt(inside.seeds)) / error + crossing / error;
    }
    const z = boundary(inside, seeds, crossing);
    inside = nextInside(inside, seeds, z * Math.sqrt(seeds));
    return Math.min(1, normalTails(z) / error);
  });
}

/** The distribution of the sum of the differences, in standard deviations of one, while no look has found anything. */
interface Inside {
  readonly seeds: number;
  readonly limit: number;
  /** At {@link points} places from −limit to limit; `null`: the sum is 0. */
  readonly density: Float64Array | null;
}

/** The critical |z| that a sum crosses now for the first time with this probability. */
function boundary(inside: Inside, seeds: number, crossing: number): number {
  let [low, high] = [0, normalQuantile(crossing / 2) + 1];
  for (let step = 0; step < halvings; step++) {
    const z = (low + high) / 2;
    if (crossesAt(inside, seeds, z * Math.sqrt(seeds)) > crossing) low = z;
    else high = z;
  }
  return high;
}

function crossesAt(inside: Inside, seeds: number, limit: number): number {
  const deviation = Math.sqrt(seeds - inside.seeds);
  return integral(inside, (sum) => normalCdf((sum - limit) / deviation) + normalCdf((-limit - sum) / deviation));
}

function nextInside(inside: Inside, seeds: number, limit: number): Inside {
  const deviation = Math.sqrt(seeds - inside.seeds);
  const density = Float64Array.from({ length: points }, (_, at) => {
    const place = placeOf(at, limit);
    return integral(inside, (sum) => normalDensity((place - sum) / deviation) / deviation);
  });
  return { seeds, limit, density };
}

function integral({ limit, density }: Inside, value: (sum: number) => number): number {
  if (density === null) return value(0);
  let total = 0;
  for (let at = 0; at < points; at++) {
    const weight = at === 0 || at === points - 1 ? 1 : at % 2 === 1 ? 4 : 2;
    total += weight * density[at]! * value(placeOf(at, limit));
  }
  return (total * 2 * limit) / (points - 1) / 3;
}

function placeOf(at: number, limit: number): number {
  return limit * ((2 * at) / (points - 1) - 1);
}

function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** Why a variant is settled in every task, such as `worse in ctr, equivalent in cvr`; `null` if it is not. */
function whySettled(
  tasks: readonly { readonly tower: string; readonly difference: VariantDifference | null }[],
  confidence: Confidence,
): string | null {
  const towersByReason = new Map<string, string[]>();
  for (const { tower, difference } of tasks) {
    const reason = difference && reasonFor(difference, confidence);
    if (reason === null) return null;
    towersByReason.set(reason, [...(towersByReason.get(reason) ?? []), tower]);
  }
  return [...towersByReason].map(([reason, towers]) => `${reason} in ${towers.join(" and ")}`).join(", ");
}

function reasonFor(difference: VariantDifference, confidence: Confidence): string | null {
  const { kind } = difference.verdict;
  if (kind === "better" || kind === "worse" || kind === "equivalent") return kind;
  return isLimitedByRows(difference, confidence) ? "open, and only more evaluation rows can settle it," : null;
}

/** A variant is limited by rows if more seeds would leave at least this share of its interval's width. */
const widthLeft = 0.9;

function isLimitedByRows({ noise, low, high, verdict }: VariantDifference, confidence: Confidence): boolean {
  if (low === null || high === null || verdict.rowsFactor <= 1) return false;
  const byRows = normalQuantile((1 - confidence.level) / confidence.comparisons) * Math.sqrt(noise.rowsVariance);
  return byRows >= (widthLeft * (high - low)) / 2;
}

export interface LookQuestion extends Compared {
  readonly design: Design;
  readonly level: number;
}

export class Looks {
  readonly #question: LookQuestion;
  readonly #looks: StudyLook[] = [];
  readonly #stopped = new Set<Variant>();
  #spending: readonly SpentLook[] = [];

  constructor(question: LookQuestion) {
    this.#question = question;
  }

  get all(): readonly StudyLook[] {
    return this.#looks;
  }

  get active(): readonly Variant[] {
    return this.#question.design.variants.filter((variant) => !this.#stopped.has(variant));
  }

  /**
   * Stops the settled variants and returns them.
   * @param progress 0 … 1: seeds or time used, of those planned
   * @param notBegun variants that the budget has not begun
   */
  look(
    runs: readonly FinishedRun[],
    seeds: readonly number[],
    progress: number,
    notBegun: readonly Variant[] = [],
  ): readonly Variant[] {
    const joint = this.#joint(runs);
    const spending = [...this.#spending, { seeds: seeds.length, spent: spentAfter(progress) }];
    const share = joint === null ? 0 : lookShares(spending, pairError(joint)).at(-1)!;
    const all = joint === null || share === 0 ? [] : this.#settled(runs, confidenceAt(joint, { share }));
    const settled = all.filter(({ variant }) => !notBegun.includes(variant));
    for (const { variant } of settled) this.#stopped.add(variant);
    if (joint !== null) this.#spending = spending;
    const stopped = settled.map(({ variant, why }): StoppedVariant => ({ variant: variant.name, why }));
    this.#looks.push({ seeds, share, stopped });
    return settled.map(({ variant }) => variant);
  }

  /** Takes the last look, at the variants that were not stopped. It spends the rest of the error. */
  close(runs: readonly FinishedRun[], seeds: readonly number[]): void {
    if (this.active.length === 0 && this.#looks.length > 0) return;
    const last = this.#looks.at(-1);
    // Nothing was trained since the last look, so that look gets the rest as well.
    const again = last !== undefined && last.seeds.length === seeds.length;
    if (again) this.#looks.pop();
    const before = again ? this.#spending.filter((look) => look.seeds < seeds.length) : this.#spending;
    const joint = this.#joint(runs);
    const share =
      joint === null ? 1 : lookShares([...before, { seeds: seeds.length, spent: 1 }], pairError(joint)).at(-1)!;
    this.#looks.push({ seeds, share, stopped: again ? last.stopped : [] });
  }

  /** The looks as plain data, with variants by their place in the design, since names may change. */
  record(): readonly RecordedLook[] {
    const { variants } = this.#question.design;
    return this.#looks.map((look) => ({
      ...look,
      stopped: look.stopped.map(({ variant, why }) => {
        return { variant: variants.findIndex(({ name }) => name === variant), why };
      }),
    }));
  }

  replay(looks: readonly RecordedLook[]): void {
    const { variants } = this.#question.design;
    for (const { stopped, ...look } of looks) {
      for (const { variant } of stopped) this.#stopped.add(variants[variant]!);
      const names = stopped.map(({ variant, why }): StoppedVariant => ({ variant: variants[variant]!.name, why }));
      this.#looks.push({ ...look, stopped: names });
    }
  }

  #joint(runs: readonly FinishedRun[]): Confidence | null {
    const { design, level } = this.#question;
    const first = runs.find((run) => run.variant === design.model);
    if (first === undefined) return null;
    const tasks = studyTasks([first], this.#question);
    return jointConfidence(level, design.variants.length, tasks.length, first.result.domainNames.length).overall;
  }

  #settled(finished: readonly FinishedRun[], overall: Confidence): { variant: Variant; why: string }[] {
    const { design } = this.#question;
    const runs = inOrder(finished);
    const of = (variant: Variant): FinishedRun[] => runs.filter((run) => run.variant === variant);
    const tasks = studyTasks([of(design.model)[0]!], this.#question);
    const models = [design.model, ...design.variants].map(of);
    const cells = tasks.map((task) => comparedTask(task, models, { overall, domains: null }));
    return this.active.flatMap((variant) => {
      const at = design.variants.indexOf(variant) + 1;
      if (models[at]!.length === 0) return [{ variant, why: "no run finished" }];
      const differences = tasks.map(({ tower }, task) => {
        return { tower, difference: cells[task]![at]!.overall.difference };
      });
      const why = whySettled(differences, overall);
      return why === null ? [] : [{ variant, why }];
    });
  }
}

function pairError({ level, comparisons }: Confidence): number {
  return (1 - level) / comparisons;
}
