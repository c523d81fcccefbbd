/**
 * Simultaneous bootstrap intervals: of many separate 95% intervals, one in twenty excludes 0 by chance. These
 * intervals are widened to the largest of all deviations (sup-t bands), so that all of them hold at once in 95% of
 * cases.
 */
import type { Work } from "../../util/turns.js";
import { type BootstrapOptions, type Estimates, type Interval, rowWeights, type WeightedMetric } from "./bootstrap.js";

/**
 * Simultaneous intervals of estimates that are functions of metrics, such as differences of differences. Yields
 * between draws.
 * @param rows number of weights
 * @param metrics each computed once per draw, for all estimates that use it
 * @example
 * const [a, b] = yield* simultaneous(rows, [auc, other, third], ([x, y, z]) => [minus(x, y), minus(x, z)]);
 */
export function* simultaneous(
  rows: number,
  metrics: readonly WeightedMetric[],
  estimates: Estimates,
  options: BootstrapOptions = {},
): Work<Interval[]> {
  const { draws = 300, seed = 1, level = 0.95, users = null } = options;
  const on = (weights: ArrayLike<number>): Float64Array =>
    Float64Array.from(estimates(metrics.map((metric) => metric(weights))), (value) => value ?? Number.NaN);
  const values = on(new Uint16Array(rows).fill(1));
  const estimateDraws: Float64Array[] = [];
  for (const weights of rowWeights(rows, users, draws, seed)) {
    estimateDraws.push(on(weights));
    yield;
  }
  const errors = Array.from(values, (value, at) => standardError(estimateDraws, at, value));
  const largest = estimateDraws.map((draw) => largestDeviation(draw, values, errors)).sort((a, b) => a - b);
  const factor = largest[Math.ceil(level * largest.length) - 1] ?? Number.NaN;
  return Array.from(values, (value, at): Interval => {
    const error = errors[at]!;
    if (Number.isNaN(value)) return { value: null, low: null, high: null };
    if (Number.isNaN(error)) return { value, low: null, high: null };
    return { value, low: value - factor * error, high: value + factor * error };
  });
}

/** NaN if fewer than half of the draws define the estimate. */
function standardError(estimateDraws: readonly Float64Array[], at: number, value: number): number {
  const finiteDraws = estimateDraws.map((draw) => draw[at]!).filter(Number.isFinite);
  if (finiteDraws.length === 0 || finiteDraws.length * 2 < estimateDraws.length) return Number.NaN;
  return Math.sqrt(finiteDraws.reduce((sum, draw) => sum + (draw - value) ** 2, 0) / finiteDraws.length);
}

function largestDeviation(draw: Float64Array, values: Float64Array, errors: readonly number[]): number {
  let largest = 0;
  for (let at = 0; at < draw.length; at++) {
    const deviation = Math.abs(draw[at]! - values[at]!) / errors[at]!;
    if (deviation > largest) largest = deviation; // NaN (no variation, or not defined) is not larger
  }
  return largest;
}
