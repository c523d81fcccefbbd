/** The time budget of a study: how many seeds and variants fit, by the measured pace of the runs. */
import { SpecError } from "../../core/errors/index.js";
import { modelSize } from "../../core/nn/plan/size.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { planSteps } from "../../core/train/loop/steps.js";
import { getOrMake } from "../../core/util/growing.js";
import type { Design, Variant } from "./design.js";
import { lookCounts } from "./study-look.js";
import type { RunResult } from "./train-run.js";

/** Smallest number of seeds; below it, variants are left out instead, since fewer seeds cannot estimate noise. */
export const fewestSeeds = 4;
/** Largest number of seeds; a study then ends early, since differences that need more do not matter. */
const mostBudgetSeeds = 100;

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

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

export interface BudgetQuestion {
  readonly design: Design;
  readonly lanes: number;
  readonly seeds: readonly number[] | null;
  readonly left: () => number;
  readonly secondsOf: (variant: Variant) => number;
  readonly planned?: (runs: number) => void;
}

/** The last run may exceed the budget by this factor: a little extra time is worth a run. */
const overrun = 1.1;
/** Two seeds are trained regardless of time, since an interval needs two. */
const leastSeeds = 2;

/**
 * Schedules runs by time, seed by seed. It starts with the variants that fit with {@link fewestSeeds}. Estimates
 * improve after each seed, and further variants are added if there is time, with the same seeds. One variant with two
 * seeds is trained regardless of time. It pauses for looks, which may stop variants.
 */
export class BudgetSchedule {
  readonly #question: BudgetQuestion;
  readonly #seeds: readonly number[];
  #active: Variant[];
  #queue: PlannedRun[] = [];
  #begun = 0;
  readonly #stopped = new Set<Variant>();
  readonly #looks: Set<number>;
  #pauses = false;
  #ended = 0;

  constructor(question: BudgetQuestion) {
    this.#question = question;
    this.#seeds = question.seeds ?? Array.from({ length: mostBudgetSeeds }, (_, at) => at + 1);
    this.#active = question.design.variants.slice(0, 1);
    // The last seed needs no look: the study ends.
    this.#looks = new Set(lookCounts(this.#seeds.length).slice(0, -1));
    this.#takeIn();
  }

  get looksNow(): boolean {
    return this.#pauses;
  }

  get begun(): readonly number[] {
    return this.#seeds.slice(0, this.#begun);
  }

  get progress(): number {
    return this.#begun / this.#seeds.length;
  }

  looked(stopped: readonly Variant[]): void {
    this.#pauses = false;
    this.#looks.delete(this.#begun);
    for (const variant of stopped) this.#stopped.add(variant);
    this.#active = this.#active.filter((variant) => !this.#stopped.has(variant));
    this.#ended += stopped.length * this.#begun;
  }

  get leftOut(): readonly Variant[] {
    const { variants } = this.#question.design;
    return variants.filter((variant) => !this.#active.includes(variant) && !this.#stopped.has(variant));
  }

  /** @param beside number of runs that it trains together with */
  next(beside = 0): PlannedRun | null {
    if (this.#queue.length === 0) this.#nextSeed();
    const run = this.#queue[0];
    if (run === undefined) return null;
    const { left, secondsOf, design, lanes } = this.#question;
    // A run of the model is useful only together with a variant's.
    const follower = this.#queue[1];
    const alone = run.variant === design.model && lanes === 1 && follower ? secondsOf(follower.variant) : 0;
    const needed = secondsOf(run.variant) * (beside + 1) + alone;
    if (this.#begun > leastSeeds && needed > left() * overrun) return null;
    this.#queue.shift();
    return run;
  }

  #nextSeed(): void {
    this.#takeIn();
    const seed = this.#seeds[this.#begun];
    if (this.#queue.length > 0 || seed === undefined || this.#active.length === 0) return;
    this.#pauses = this.#looks.has(this.#begun);
    if (this.#pauses) return;
    this.#begun++;
    this.#queue = [this.#question.design.model, ...this.#active].map((variant) => ({ variant, seed }));
  }

  #takeIn(): void {
    const { design, left, lanes, secondsOf, planned } = this.#question;
    const seedCount = Math.min(fewestSeeds, this.#seeds.length);
    const perSeed = [design.model, ...this.#active].reduce((sum, variant) => sum + secondsOf(variant), 0);
    let spare = left() * lanes - perSeed * Math.max(0, seedCount - this.#begun);
    for (const variant of this.leftOut) {
      const needed = secondsOf(variant) * Math.max(seedCount, this.#begun);
      if (needed > spare) break;
      spare -= needed;
      this.#active = design.variants.filter((each) => each === variant || this.#active.includes(each));
      this.#queue.push(...this.#seeds.slice(0, this.#begun).map((seed) => ({ variant, seed })));
    }
    const seconds = [design.model, ...this.#active].reduce((sum, variant) => sum + secondsOf(variant), 0);
    const more = Math.max(0, Math.floor((left() * lanes) / seconds));
    planned?.(
      this.#ended + (this.#active.length + 1) * Math.min(this.#seeds.length, Math.max(leastSeeds, this.#begun + more)),
    );
  }
}

/** Operations per row besides the matrix products: embedding lookups and updates. */
const perRow = 100_000;

export function workOf(spec: ModelSpec, trainRows: number): number {
  const { totalSteps, stepsPerEpoch } = planSteps(spec.training, trainRows);
  return (totalSteps / stepsPerEpoch) * trainRows * (modelSize(spec).trainingFlopsPerRow + perRow);
}

export class Pace {
  readonly #trainRows: number;
  readonly #work = new Map<Variant, number>();
  #seconds = 0;
  #done = 0;

  constructor(trainRows: number) {
    this.#trainRows = trainRows;
  }

  learn(variant: Variant, seconds: number): void {
    this.#seconds += seconds;
    this.#done += this.work(variant);
  }

  secondsOf(variant: Variant): number | null {
    return this.#done === 0 ? null : (this.#seconds / this.#done) * this.work(variant);
  }

  work(variant: Variant): number {
    return getOrMake(this.#work, variant, () => workOf(variant.spec, this.#trainRows));
  }
}

export interface PlannedRun {
  readonly variant: Variant;
  readonly seed: number;
}

export interface FinishedRun extends PlannedRun {
  readonly result: RunResult;
  readonly kept: boolean;
}

/** Sorts runs by seed, since sums of the same numbers in another order may differ in their last digit. */
export function inOrder(runs: readonly FinishedRun[]): FinishedRun[] {
  return [...runs].sort((a, b) => a.seed - b.seed);
}

/**
 * Lists runs seed by seed, the model first, so that pairs are complete whenever a study stops; then the extra seeds.
 */
export function plannedRuns(design: Design, seeds: readonly number[], ofModel: readonly number[] = []): PlannedRun[] {
  const pairs = seeds.flatMap((seed) => [design.model, ...design.variants].map((variant) => ({ variant, seed })));
  return [...pairs, ...ofModel.map((seed) => ({ variant: design.model, seed }))];
}
