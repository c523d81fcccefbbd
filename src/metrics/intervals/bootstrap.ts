/**
 * Bootstrap intervals of metrics: rows (or whole users) are drawn with replacement, and each metric is computed on
 * every draw. A draw is one weight per row, so that rows are sorted only once and two models are compared on the
 * same draws.
 */
import { Numbering } from "../../util/growing.js";
import { random } from "../../util/random.js";
import { rankedRows } from "../auc.js";

/** An estimate with its interval. */
export interface Interval {
  /** The metric on the original rows; `null` if it is not defined. */
  readonly value: number | null;
  /** Lower end; `null`: there are too few rows, users or draws for an interval. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Of a difference: whether it is beyond noise. */
export function excludesZero({ low, high }: Pick<Interval, "low" | "high">): boolean {
  return low !== null && high !== null && (low > 0 || high < 0);
}

/** How rows are drawn. */
export interface BootstrapOptions {
  /** Number of draws. Default: 300. */
  readonly draws?: number;
  /** Seed of the draws. Default: 1. */
  readonly seed?: number;
  /** Share of draws inside the interval. Default: 0.95. */
  readonly level?: number;
  /** [rows], the user of each row: draws whole users, because their rows are not independent. Default: draws rows. */
  readonly users?: ArrayLike<number> | null;
}

/** A metric as a function of row weights; `null` if it is not defined. */
export type WeightedMetric = (weights: ArrayLike<number>) => number | null;

/** Estimates computed from metric values; `null` if not defined. */
export type Estimates = (values: readonly (number | null)[]) => readonly (number | null)[];

/**
 * Intervals of several metrics over the same draws.
 * @param rows number of weights
 * @param estimates what the intervals are of; default: the metrics themselves
 * @example const [auc] = bootstrap(labels.length, [weightedAuc(scores, labels)], { users });
 */
export function bootstrap(
  rows: number,
  metrics: readonly WeightedMetric[],
  options: BootstrapOptions = {},
  estimates: Estimates = (values) => values,
): Interval[] {
  const { draws = 300, seed = 1, level = 0.95, users = null } = options;
  const on = (weights: ArrayLike<number>) => estimates(metrics.map((metric) => metric(weights)));
  const values = on(new Uint16Array(rows).fill(1));
  const definedValues = values.map((): number[] => []);
  for (const weights of rowWeights(rows, users, draws, seed)) {
    on(weights).forEach((value, index) => {
      if (value !== null && Number.isFinite(value)) definedValues[index]?.push(value);
    });
  }
  return values.map((value, index) => ({ value, ...percentiles(definedValues[index]!, level, draws) }));
}

/** How often each row is drawn, draw by draw, in one reused array. */
export function* rowWeights(
  rows: number,
  users: ArrayLike<number> | null,
  draws: number,
  seed: number,
): Generator<Uint16Array> {
  const source = random(seed).fork("bootstrap");
  const { clusterOf, clusters } = users === null ? { clusterOf: null, clusters: rows } : numbered(users, rows);
  const counts = new Uint16Array(clusters);
  const weights = clusterOf === null ? counts : new Uint16Array(rows);
  for (let draw = 0; draw < draws; draw++) {
    counts.fill(0);
    for (let pick = 0; pick < clusters; pick++) {
      const at = source.integer(clusters);
      counts[at] = counts[at]! + 1;
    }
    if (clusterOf !== null) {
      for (let row = 0; row < rows; row++) weights[row] = counts[clusterOf[row]!]!;
    }
    yield weights;
  }
}

function numbered(users: ArrayLike<number>, rows: number): { clusterOf: Int32Array; clusters: number } {
  const numbers = new Numbering<number>();
  const clusterOf = Int32Array.from({ length: rows }, (_, row) => numbers.of(users[row]!));
  return { clusterOf, clusters: numbers.values.length };
}

function percentiles(values: number[], level: number, draws: number): Pick<Interval, "low" | "high"> {
  if (values.length * 2 < draws || values.length === 0) return { low: null, high: null };
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
}

/** The value that one more draw would be below with this probability, interpolated between the sorted values. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = Math.min(sorted.length - 1, Math.max(0, share * (sorted.length + 1) - 1));
  const low = sorted[Math.floor(place)]!;
  return low + (sorted[Math.ceil(place)]! - low) * (place - Math.floor(place));
}

/** The exact AUC of weighted rows; ties count half. Sorts once. @param rows numbers of weighted rows; default: all */
export function weightedAuc(scores: Float32Array, labels: Float32Array, rows?: Int32Array): WeightedMetric {
  const places = rows ?? Int32Array.from(labels, (_, row) => row);
  if (places.some((row) => Number.isNaN(scores[row]!))) return () => Number.NaN;
  const { rows: sorted, starts } = rankedRows(scores, labels, places);
  const isPositive = Uint8Array.from(sorted, (row) => (labels[row]! > 0 ? 1 : 0));
  const isLastOfTies = new Uint8Array(sorted.length);
  for (const start of starts.subarray(1)) isLastOfTies[start - 1] = 1;
  return (weights) => {
    let [pairs, positives, negatives, tiedPositives, tied] = [0, 0, 0, 0, 0];
    for (let at = 0; at < sorted.length; at++) {
      const weight = weights[sorted[at]!]!;
      tied += weight;
      tiedPositives += weight * isPositive[at]!;
      if (isLastOfTies[at] === 0) continue;
      const tiedNegatives = tied - tiedPositives;
      pairs += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
      tied = tiedPositives = 0;
    }
    return positives === 0 || negatives === 0 ? null : pairs / (positives * negatives);
  };
}

/** Σ w · numerator / Σ w · denominator over some rows: a mean, or a ratio of means; `null` if the denominator is 0. */
export function weightedRatio(
  numerator: (row: number) => number,
  denominator: (row: number) => number,
  rows: Int32Array,
): WeightedMetric {
  const above = Float64Array.from(rows, numerator);
  const below = Float64Array.from(rows, denominator);
  return (weights) => {
    let [top, bottom] = [0, 0];
    for (let at = 0; at < rows.length; at++) {
      const weight = weights[rows[at]!]!;
      top += weight * above[at]!;
      bottom += weight * below[at]!;
    }
    return bottom === 0 ? null : top / bottom;
  };
}

/** The difference of two metrics on the same draws. */
export function difference(a: WeightedMetric, b: WeightedMetric): WeightedMetric {
  return (weights) => {
    const [one, other] = [a(weights), b(weights)];
    return one === null || other === null ? null : one - other;
  };
}
