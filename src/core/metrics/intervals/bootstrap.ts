/**
 * The bootstrap: rows (or whole users) are drawn with replacement, and each metric is computed on every draw. A draw is
 * one weight per row, so that rows are sorted only once and two models are compared on the same draws.
 */
import { Numbering } from "../../util/growing.js";
import { everyRow } from "../../util/numbers.js";
import { random } from "../../util/random.js";
import { rankedRows } from "../auc.js";

/** An estimate with its interval. */
export interface Interval {
  /** The metric on the original rows; `null` if it is not defined. */
  readonly value: number | null;
  /** Lower end; `null`: there are too few rows, users or draws for an interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** Degrees of freedom of its width, of a few rows or users; absent: many. */
  readonly df?: number;
}

/** The interval of minus the estimate. */
export function negated({ value, low, high }: Interval): Interval {
  const minus = (each: number | null): number | null => (each === null ? null : -each);
  return { value: minus(value), low: minus(high), high: minus(low) };
}

/** Whether a difference is beyond noise. */
export function excludesZero({ low, high }: Pick<Interval, "low" | "high">): boolean {
  return low !== null && high !== null && (low > 0 || high < 0);
}

/** A metric as a function of row weights; `null` if it is not defined. */
export type WeightedMetric = (weights: ArrayLike<number>) => number | null;

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
  const clusterOf = new Int32Array(rows).map((_, row) => numbers.of(users[row]!));
  return { clusterOf, clusters: numbers.values.length };
}

/** The quantile: one more draw would be below it with this probability. Interpolates between the sorted values. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = Math.min(sorted.length - 1, Math.max(0, share * (sorted.length + 1) - 1));
  const low = sorted[Math.floor(place)]!;
  return low + (sorted[Math.ceil(place)]! - low) * (place - Math.floor(place));
}

/** The exact AUC of weighted rows; ties count half. Sorts once. @param rows numbers of weighted rows; default: all */
export function weightedAuc(scores: Float32Array, labels: Float32Array, rows?: Int32Array): WeightedMetric {
  const places = rows ?? everyRow(labels.length);
  if (places.some((row) => Number.isNaN(scores[row]!))) return () => Number.NaN;
  const { rows: sorted, starts } = rankedRows(scores, labels, places);
  const isPositive = new Uint8Array(sorted.length).map((_, at) => (labels[sorted[at]!]! > 0 ? 1 : 0));
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
