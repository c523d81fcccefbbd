/** The infinitesimal jackknife: estimates with the influence of each row, and their intervals without drawing rows. */
import { Numbering } from "../util/growing.js";
import { everyRow, mean } from "../util/numbers.js";
import { random } from "../util/random.js";
import type { Work } from "../util/turns.js";
import { placements } from "./delong.js";
import { studentQuantile } from "./distributions.js";
import type { Interval } from "./intervals/bootstrap.js";
import { userSquares } from "./intervals/clusters.js";
import { criticalZ, fewestForInterval } from "./intervals/normal.js";

/** An estimate with each row's influence on it (the infinitesimal jackknife), by row number. */
export interface Influenced {
  readonly value: number;
  readonly influence: Float64Array;
}

/** An AUC with its rows' influence. @returns `null` if a class has no rows, or a score is NaN */
export function aucInfluence(scores: Float32Array, labels: Float32Array, rows: Int32Array): Influenced | null {
  if (rows.some((row) => Number.isNaN(scores[row]!))) return null;
  const { auc, positives, negatives, values } = placements(scores, labels, rows);
  if (positives === 0 || negatives === 0) return null;
  const influence = new Float64Array(labels.length);
  for (const row of rows) influence[row] = (values[row]! - auc) / (labels[row]! > 0 ? positives : negatives);
  return { value: auc, influence };
}

/** The mean of the values of some rows; `null` if it is not finite, or without rows. @param count number of all rows */
export function meanInfluence(values: Float64Array, rows: Int32Array, count: number): Influenced | null {
  const value = mean(values);
  if (!Number.isFinite(value)) return null;
  const influence = new Float64Array(count);
  for (let at = 0; at < rows.length; at++) influence[rows[at]!] = (values[at]! - value) / rows.length;
  return { value, influence };
}

/** The weighted sum of estimates. */
export function combined(terms: readonly (readonly [weight: number, estimate: Influenced])[]): Influenced {
  const influence = new Float64Array(terms[0]![1].influence.length);
  for (const [weight, estimate] of terms) {
    for (let row = 0; row < influence.length; row++) influence[row]! += weight * estimate.influence[row]!;
  }
  return { value: terms.reduce((sum, [weight, { value }]) => sum + weight * value, 0), influence };
}

/** `a` minus `b`; `null` if one of them is. */
export function difference(a: Influenced | null, b: Influenced | null): Influenced | null {
  const weights = [1, -1] as const;
  return a === null || b === null ? null : combined([a, b].map((each, at) => [weights[at]!, each]));
}

/** Smaller influences are rounding errors; of a million rows, a pair that changes places has 1e-12. */
const rounding = 1e-15;

/** The interval of an estimate; rows of one user count as one unit. Fewer than ten units have no ends. */
export function influenceInterval(
  estimate: Influenced | null,
  users: ArrayLike<number> | null,
  level = 0.95,
): Interval {
  if (estimate === null) return { value: null, low: null, high: null };
  const { influence } = estimate;
  const value = Math.abs(estimate.value) > rounding ? estimate.value : 0;
  const rows = everyRow(influence.length).filter((row) => Math.abs(influence[row]!) > rounding);
  if (rows.length === 0) return { value, low: value, high: value };
  const { count, squares } = userSquares(rows, users ?? everyRow(influence.length), (row) => influence[row]!);
  if (count < fewestForInterval) return { value, low: null, high: null };
  const reach = studentQuantile(1 - level, count - 1) * Math.sqrt((squares * count) / (count - 1));
  return { value, low: value - reach, high: value + reach };
}

const draws = 1000;

/** Intervals that all hold in 95% of cases (sup-t bands), from draws that give each user or row a normal weight. */
export function* simultaneousIntervals(
  estimates: readonly (Influenced | null)[],
  users: ArrayLike<number> | null,
  { seed = 1, level = 0.95 }: { readonly seed?: number; readonly level?: number } = {},
): Work<Interval[]> {
  const alone = estimates.map((estimate) => influenceInterval(estimate, users, level));
  const source = random(seed).fork("simultaneous");
  const numbers = new Numbering<number>();
  const unitOf = Int32Array.from({ length: estimates.find((each) => each !== null)?.influence.length ?? 0 }, (_, row) =>
    numbers.of(users?.[row] ?? row),
  );
  // The influence of each user (or row), in standard errors.
  const shares = estimates.map((estimate, at) => {
    const { low, high } = alone[at]!;
    if (estimate === null || low === null || high === low) return null;
    const sums = new Float64Array(numbers.values.length);
    estimate.influence.forEach((part, row) => {
      sums[unitOf[row]!]! += part;
    });
    const error = Math.sqrt(sums.reduce((total, part) => total + part ** 2, 0));
    return sums.map((part) => part / error);
  });
  const weights = new Float64Array(numbers.values.length);
  const largest = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    for (let unit = 0; unit < weights.length; unit++) weights[unit] = source.normal();
    for (const share of shares) {
      if (share === null) continue;
      let sum = 0;
      for (let unit = 0; unit < weights.length; unit++) sum += weights[unit]! * share[unit]!;
      largest[draw] = Math.max(largest[draw]!, Math.abs(sum));
    }
    yield;
  }
  const widening = largest.sort()[Math.ceil(level * draws) - 1]! / criticalZ(level);
  return alone.map((interval, at) => {
    if (shares[at] === null) return interval;
    const { value, high } = interval;
    const reach = widening * (high! - value!);
    return { value, low: value! - reach, high: value! + reach };
  });
}
