/** Verdicts on variants: the difference from the model with its interval, and what a clear verdict would need. */
import type { Ends } from "../../../core/metrics/intervals/normal.js";
import { mean, sampleVariance } from "../../../core/util/numbers.js";
import { count } from "../../../core/util/text.js";
import type { FinishedRun } from "../budget.js";
import { type BySeed, groupNoise, type SeedNoise } from "./group-noise.js";
import type { DrawnMetrics, StudyMetric } from "./metric-draws.js";
import { type Confidence, intervalOf, mostSeeds, type NoiseLevel, rowsFactor, seedsFor } from "./power.js";

/**
 * `equivalent`: smaller than the difference that matters, either way. `undecided`: neither a difference nor equivalence
 * was shown, or fewer than two seeds. `no difference beyond noise`: the same, if no difference that matters was given.
 */
export type VerdictKind = "better" | "worse" | "equivalent" | "no difference beyond noise" | "undecided";

/** A verdict, or what a verdict would need. */
export interface VariantVerdict {
  readonly kind: VerdictKind;
  /** The interval excludes larger differences, in either direction; `null` with one seed. */
  readonly bound: number | null;
  /** Seeds for a verdict on a difference of the observed size with 80% probability; `null`: over 1,000. */
  readonly seedsNeeded: number | null;
  /** The smallest factor by which evaluation rows must grow for that, with any number of seeds; 1: enough rows. */
  readonly rowsFactor: number;
  readonly remedy: string | null;
  readonly text: string;
}

export interface ComparisonNoise extends DifferenceNoise {
  /** Variance of one seed's difference, moderated by the group's other comparisons; `null` with one seed. */
  readonly moderatedVariance: number | null;
  /** Degrees of freedom of `moderatedVariance`; `null` with one seed. */
  readonly df: number | null;
}

/** A compared pair: the mean difference with its interval. */
export interface VariantDifference {
  readonly bySeed: readonly number[];
  readonly mean: number;
  /** Ends of the interval, corrected for the number of comparisons; `null` with one seed. */
  readonly low: number | null;
  readonly high: number | null;
  readonly noise: ComparisonNoise;
  readonly verdict: VariantVerdict;
}

export interface ComparedRuns {
  readonly runs: BySeed;
  readonly paired: PairedDifferences;
}

export interface ComparedGroup {
  readonly model: BySeed;
  readonly variants: readonly ComparedRuns[];
}

export interface Judgement {
  readonly confidence: Confidence;
  readonly higherIsBetter: boolean;
  readonly matters: number | null;
}

export function compared({ model, variants }: ComparedGroup, judgement: Judgement): VariantDifference[] {
  const seedNoise = groupNoise({ model, variants: variants.map(({ runs }) => runs) });
  return variants.map(({ paired }, at) => difference(paired, seedNoise[at] ?? null, judgement));
}

function difference(paired: PairedDifferences, seeds: SeedNoise | null, judgement: Judgement): VariantDifference {
  const parts = differenceNoise(paired);
  const mean = parts.mean + (seeds?.shift ?? 0);
  const noise = { ...parts, mean, moderatedVariance: seeds?.variance ?? null, df: seeds?.df ?? null };
  const interval = seeds && intervalOf(mean, { seeds, rowsVariance: parts.rowsVariance }, judgement.confidence);
  return {
    bySeed: paired.values,
    mean,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    noise,
    verdict: verdictOf(noise, interval, judgement),
  };
}

/** Standard deviations of a difference's noise; `null` with one seed. */
export function noiseLevel({ seeds, moderatedVariance, df, rowsVariance }: ComparisonNoise): NoiseLevel | null {
  if (moderatedVariance === null || df === null) return null;
  return { seed: Math.sqrt(moderatedVariance), rows: Math.sqrt(rowsVariance), worth: df / (seeds - 1) };
}

/** What an interval shows; `null`: neither a difference nor equivalence. */
export function shownKind(
  { low, high }: Ends,
  { higherIsBetter, matters }: Omit<Judgement, "confidence">,
): "better" | "worse" | "equivalent" | null {
  if (matters !== null && -matters < low && high < matters) return "equivalent";
  if (low <= 0 && high >= 0) return null;
  return low > 0 === higherIsBetter ? "better" : "worse";
}

/** @param interval `null` with one seed */
function verdictOf(
  noise: ComparisonNoise,
  interval: Ends | null,
  { confidence, higherIsBetter, matters }: Judgement,
): VariantVerdict {
  const level = noiseLevel(noise);
  if (level === null || interval === null) {
    const remedy = "one seed says nothing about noise; use three or more";
    const text = `undecided: ${remedy}`;
    return { kind: "undecided", bound: null, seedsNeeded: null, rowsFactor: 1, remedy, text };
  }
  const effect = Math.abs(noise.mean);
  const bound = Math.max(-interval.low, interval.high);
  const kind = shownKind(interval, { higherIsBetter, matters });
  if (kind !== null) {
    const text = kind === "equivalent" ? `equivalent: less than ${short(matters!)} either way` : kind;
    return { kind, bound, seedsNeeded: noise.seeds, rowsFactor: 1, remedy: null, text };
  }
  const seedsNeeded = seedsFor(effect, level, confidence, matters);
  const factor = rowsFactor(effect, level, confidence, matters);
  const remedy = remedyFor(seedsNeeded, factor, noise.seeds);
  const open = matters === null ? "no difference beyond noise" : "undecided";
  const text = `${open}, at most ±${short(bound)}; ${remedy}`;
  return { kind: open, bound, seedsNeeded, rowsFactor: factor, remedy, text };
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function remedyFor(seedsNeeded: number | null, factor: number, seeds: number): string {
  // A borderline difference may already have enough power; suggest more seeds anyway.
  if (seedsNeeded !== null) return `about ${Math.max(seedsNeeded, seeds + 1)} seeds would settle it`;
  if (factor > mostSeeds) return "if there is one, it is too small to settle";
  const times = factor < 10 ? factor.toFixed(1) : Math.round(factor);
  if (factor > 1) return `seeds alone cannot settle it: it takes more than ${times} times the evaluation rows`;
  return `it takes more than ${count(mostSeeds, "seed")} to settle`;
}

export interface PairedDifferences {
  /** `[seeds]`: variant minus model, per seed. */
  readonly values: readonly number[];
  /** [seeds][draws]: the same on bootstrap draws of rows (or users); all seeds use the same draws. */
  readonly draws: readonly (readonly number[])[];
}

/** Mean difference and the variances of its parts. */
export interface DifferenceNoise {
  readonly seeds: number;
  readonly mean: number;
  /** Variance of one seed's difference on these rows, n − 1 in the denominator; `null` with one seed. */
  readonly seedVariance: number | null;
  readonly rowsVariance: number;
}

/**
 * Splits the noise. The bootstrap variance of one seed's difference contains the rows' effect on all seeds and their
 * effect on that seed alone; the variance over seeds already includes the latter. So the rows' part is the mean
 * covariance over the draws of two different seeds' differences (at least 0). With one seed it is the variance.
 */
export function differenceNoise({ values, draws }: PairedDifferences): DifferenceNoise {
  const seeds = values.length;
  const centre = mean(values);
  const seedVariance = seeds < 2 ? null : sampleVariance(values);
  // The draws on which every seed's difference is defined: a draw of a small domain may lack a class.
  const isDefined = (draws[0] ?? []).map((_, draw) => draws.every((of) => Number.isFinite(of[draw])));
  const whole = draws.map((of) => of.filter((_, draw) => isDefined[draw]));
  const single = whole.map((seedDraws) => sampleVariance(seedDraws));
  if (seeds < 2) return { seeds, mean: centre, seedVariance, rowsVariance: single[0] ?? 0 };
  const sums = (whole[0] ?? []).map((_, draw) => whole.reduce((sum, seedDraws) => sum + seedDraws[draw]!, 0));
  const covariances = sampleVariance(sums) - single.reduce((sum, variance) => sum + variance, 0);
  return { seeds, mean: centre, seedVariance, rowsVariance: Math.max(0, covariances / (seeds * (seeds - 1))) };
}

/** The smallest difference that matters: one number, or one by metric. */
export type Matters = number | Readonly<Partial<Record<StudyMetric, number>>>;

export interface Compared {
  readonly tasks?: readonly string[] | undefined;
  /** The compared metric, for tasks that have it; `undefined`: each task's first metric. */
  readonly metric?: StudyMetric | undefined;
  readonly matters?: Matters | undefined;
}

export function comparedTasks({ result }: FinishedRun, { tasks }: Compared): FinishedRun["result"]["tasks"] {
  return result.tasks.filter(({ tower }) => tasks === undefined || tasks.includes(tower));
}

/** The requested metric if the task has it; else its first: AUC, log loss or squared error. */
export function metricOf(metrics: DrawnMetrics, preferredMetric: StudyMetric | undefined): StudyMetric {
  const has = Object.keys(metrics) as StudyMetric[];
  return preferredMetric !== undefined && has.includes(preferredMetric) ? preferredMetric : has[0]!;
}
