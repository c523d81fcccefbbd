/** The chance of a quadratic score, from how its parts vary over clusters of rows. */
import { fisherTail } from "../../core/metrics/distributions.js";

/** Of a score without an effect, estimated from the clusters' own sums. */
export interface Moments {
  /** The mean: the sum of its eigenvalues. */
  readonly mean: number;
  /** The sum of their squares. */
  readonly squares: number;
  /** The effective number of clusters that these estimates rest on. */
  readonly clusters: number;
}

/** A score, and its moments by each clustering of the rows. */
export interface QuadraticScore {
  readonly score: number;
  readonly moments: readonly Moments[];
}

/** Rao and Scott's second order (1984): score / mean is Fisher's F with `d` and d · (clusters − 1) degrees of freedom. */
export function chance(score: number, { mean, squares, clusters }: Moments): number {
  if (mean <= 0 || squares <= 0) return 1;
  const d = Math.max(1, mean ** 2 / squares);
  return fisherTail(score / mean, d, d * Math.max(1, clusters - 1));
}

/** A cluster's scores count as if the effect had been estimated without it, at most tenfold. @param share of the cluster */
export function leftOut(share: number): number {
  return 1 / Math.max(1 - share, 0.1);
}
