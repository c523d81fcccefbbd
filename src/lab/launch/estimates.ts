/** Metrics of trained starts and their differences, with two sources of noise: other users, and other trainings. */
import { studentQuantile } from "../../core/metrics/distributions.js";
import { combined, type Influenced } from "../../core/metrics/influence.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { userSquares } from "../../core/metrics/intervals/clusters.js";
import { fewestForInterval } from "../../core/metrics/intervals/normal.js";
import { getOrMake } from "../../core/util/growing.js";
import { everyRow, mean, sampleVariance } from "../../core/util/numbers.js";
import type { Random } from "../../core/util/random.js";

/** A metric of a model, and of the same model trained on draws of the users. */
export interface LaunchEstimate extends Influenced {
  /** By draw. */
  readonly draws: readonly number[];
}

/** With fewer draws, the variation between trainings is a guess. */
export const fewestDraws = 2;

/** The weighted sum of estimates; `null` if one of them is. */
export function weightedSum(
  terms: readonly (readonly [weight: number, estimate: LaunchEstimate | null])[],
): LaunchEstimate | null {
  const defined = terms.flatMap(([weight, estimate]) => (estimate === null ? [] : [[weight, estimate] as const]));
  if (defined.length < terms.length || defined.length === 0) return null;
  const draws = defined[0]![1].draws.map((_, draw) =>
    defined.reduce((sum, [weight, estimate]) => sum + weight * estimate.draws[draw]!, 0),
  );
  return { ...combined(defined), draws };
}

interface Noise {
  readonly variance: number;
  readonly df: number;
}

/** Over other users (each one unit, heavy ones by their rows); `null`: too few of them. */
function usersNoise({ rows, influence }: LaunchEstimate, users: ArrayLike<number>): Noise | null {
  const units = rows.map((row) => users[row]!);
  const { count, squares } = userSquares(everyRow(rows.length), units, (place) => influence[place]!);
  return count < fewestForInterval ? null : { variance: (squares * count) / (count - 1), df: count - 1 };
}

/** The interval over other users and other trainings; without ends if there are too few of either. @param tests that hold together */
export function estimateInterval(
  estimate: LaunchEstimate | null,
  users: ArrayLike<number>,
  tests = 1,
  level = 0.95,
): Interval {
  if (estimate === null) return { value: null, low: null, high: null };
  const { value, draws } = estimate;
  const ofUsers = usersNoise(estimate, users);
  if (ofUsers === null || draws.length < fewestDraws) return { value, low: null, high: null };
  const noises: Noise[] = [ofUsers, { variance: sampleVariance(draws), df: draws.length - 1 }];
  const variance = noises.reduce((sum, each) => sum + each.variance, 0);
  // Satterthwaite 1946
  const df = variance ** 2 / noises.reduce((sum, each) => sum + each.variance ** 2 / each.df, 0);
  const reach = variance === 0 ? 0 : studentQuantile((1 - level) / tests, Math.max(1, df)) * Math.sqrt(variance);
  return { value, low: value - reach, high: value + reach };
}

/**
 * Draws of several estimates that err together: normal errors of users, and of trainings. The spread of a few trainings
 * is a guess, so theirs is divided by a draw of it.
 */
export function jointDraws(
  estimates: readonly LaunchEstimate[],
  users: ArrayLike<number>,
  source: Random,
  count: number,
): Float64Array[] {
  const size = estimates.length;
  const root = squareRoot(usersCovariance(estimates, users), size);
  const df = estimates[0]!.draws.length - 1;
  const deviations = estimates.map(({ draws }) => draws.map((each) => (each - mean(draws)) / Math.sqrt(df)));
  return Array.from({ length: count }, () => {
    const values = Float64Array.from(estimates, ({ value }) => value);
    for (let part = 0; part < size; part++) {
      const weight = source.normal();
      for (let at = part; at < size; at++) values[at]! += weight * root[at * size + part]!;
    }
    let squares = 0;
    for (let each = 0; each < df; each++) squares += source.normal() ** 2;
    const scale = Math.sqrt(df / squares);
    for (let draw = 0; draw <= df; draw++) {
      const weight = scale * source.normal();
      for (let at = 0; at < size; at++) values[at]! += weight * deviations[at]![draw]!;
    }
    return values;
  });
}

/** [size, size] */
function usersCovariance(estimates: readonly LaunchEstimate[], users: ArrayLike<number>): Float64Array {
  const size = estimates.length;
  const byUser = new Map<number, Float64Array>();
  for (const [at, { rows, influence }] of estimates.entries()) {
    for (const [place, row] of rows.entries()) {
      const unit = users[row]! < 0 ? -1 - row : users[row]!;
      getOrMake(byUser, unit, () => new Float64Array(size))[at]! += influence[place]!;
    }
  }
  const matrix = new Float64Array(size * size);
  for (const share of byUser.values()) {
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) matrix[i * size + j]! += share[i]! * share[j]!;
  }
  return matrix;
}

/** The lower triangle L of a covariance L Lᵀ (Cholesky); columns without variance of their own are 0. */
function squareRoot(matrix: Float64Array, size: number): Float64Array {
  const root = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    for (let row = column; row < size; row++) {
      let rest = matrix[row * size + column]!;
      for (let at = 0; at < column; at++) rest -= root[row * size + at]! * root[column * size + at]!;
      if (row === column) root[row * size + column] = Math.sqrt(Math.max(0, rest));
      else root[row * size + column] = root[column * size + column]! > 0 ? rest / root[column * size + column]! : 0;
    }
  }
  return root;
}
