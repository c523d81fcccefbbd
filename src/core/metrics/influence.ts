/** The infinitesimal jackknife: estimates with the influence of each row, and their intervals without drawing rows. */
import { Numbering, pickRows } from "../util/growing.js";
import { everyRow, mean, sameNumbers } from "../util/numbers.js";
import { random } from "../util/random.js";
import type { Work } from "../util/turns.js";
import { placements } from "./delong.js";
import { studentQuantile } from "./distributions.js";
import type { Interval } from "./intervals/bootstrap.js";
import { userSquares } from "./intervals/clusters.js";
import { criticalZ, fewestForInterval } from "./intervals/normal.js";

/** An estimate with the influence of its rows on it (the infinitesimal jackknife); others have none. */
export interface Influenced {
  readonly value: number;
  /** Row numbers, each once. */
  readonly rows: Int32Array;
  /** By place in `rows`. */
  readonly influence: Float64Array;
}

/** An AUC with its rows' influence. @returns `null` if a class has no rows, or a score is NaN */
export function aucInfluence(scores: Float32Array, labels: Float32Array, rows: Int32Array): Influenced | null {
  const [ownScores, ownLabels] = [pickRows(scores, rows), pickRows(labels, rows)];
  if (ownScores.some(Number.isNaN)) return null;
  const { auc, positives, negatives, values } = placements(ownScores, ownLabels, everyRow(rows.length));
  if (positives === 0 || negatives === 0) return null;
  const influence = values.map((value, at) => (value - auc) / (ownLabels[at]! > 0 ? positives : negatives));
  return { value: auc, rows, influence };
}

/** The mean of the values of some rows; `null` if it is not finite, or without rows. */
export function meanInfluence(values: Float64Array, rows: Int32Array): Influenced | null {
  const value = mean(values);
  if (!Number.isFinite(value)) return null;
  return { value, rows, influence: values.map((each) => (each - value) / rows.length) };
}

/** The weighted sum of estimates. */
export function combined(terms: readonly (readonly [weight: number, estimate: Influenced])[]): Influenced {
  const value = terms.reduce((sum, [weight, estimate]) => sum + weight * estimate.value, 0);
  const [[, { rows }]] = terms as [(typeof terms)[number]];
  const isSame = terms.every(([, estimate]) => estimate.rows === rows || sameNumbers(estimate.rows, rows));
  const count = isSame ? rows.length : rowsUpTo(terms.map(([, estimate]) => estimate));
  const influence = new Float64Array(count);
  for (const [weight, estimate] of terms) {
    for (let at = 0; at < estimate.rows.length; at++)
      influence[isSame ? at : estimate.rows[at]!]! += weight * estimate.influence[at]!;
  }
  return { value, rows: isSame ? rows : everyRow(count), influence };
}

/** The number of rows up to the last one of any estimate. */
function rowsUpTo(estimates: readonly (Influenced | null)[]): number {
  return estimates.reduce((most, each) => each?.rows.reduce((last, row) => Math.max(last, row + 1), most) ?? most, 0);
}

/** `a` minus `b`; `null` if one of them is. */
export function difference(a: Influenced | null, b: Influenced | null): Influenced | null {
  const weights = [1, -1] as const;
  return a === null || b === null ? null : combined([a, b].map((each, at) => [weights[at]!, each]));
}

/** The mean of estimates; not defined if one is not. */
export function meanEstimate(estimates: readonly (Influenced | null)[]): Influenced | null {
  const defined = estimates.filter((each) => each !== null);
  return defined.length < estimates.length ? null : combined(defined.map((each) => [1 / defined.length, each]));
}

/** The mean change of an AUC from one array of scores to several; `null` if an AUC is not defined. */
export function aucChange(
  labels: Float32Array,
  before: Float32Array,
  afters: readonly Float32Array[],
  rows: Int32Array,
): Influenced | null {
  const changed = meanEstimate(afters.map((after) => aucInfluence(after, labels, rows)));
  return difference(changed, aucInfluence(before, labels, rows));
}

/** Over parts where they are defined, weighted by their rows; `null` with fewer than `fewest`. */
export function meanOverParts(
  estimates: readonly (Influenced | null)[],
  parts: readonly Int32Array[],
  fewest = 1,
): Influenced | null {
  const measured = estimates.flatMap((each, at) => (each === null ? [] : [{ each, rows: parts[at]!.length }]));
  const total = measured.reduce((sum, { rows }) => sum + rows, 0);
  return measured.length < fewest ? null : combined(measured.map(({ each, rows }) => [rows / total, each]));
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
  const { rows, influence } = estimate;
  const value = Math.abs(estimate.value) > rounding ? estimate.value : 0;
  const places = everyRow(rows.length).filter((at) => Math.abs(influence[at]!) > rounding);
  if (places.length === 0) return { value, low: value, high: value };
  const units = users === null ? rows : rows.map((row) => users[row]!);
  const { count, squares } = userSquares(places, units, (at) => influence[at]!);
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
  const unitOf = Int32Array.from({ length: rowsUpTo(estimates) }, (_, row) => numbers.of(users?.[row] ?? row));
  // The influence of each user (or row), in standard errors.
  const shares = estimates.map((estimate, at) => {
    const { low, high } = alone[at]!;
    if (estimate === null || low === null || high === low) return null;
    const units = Int32Array.from(new Set(estimate.rows.map((row) => unitOf[row]!))).sort();
    const places = new Map(Array.from(units, (unit, place) => [unit, place]));
    const sums = new Float64Array(units.length);
    estimate.influence.forEach((part, place) => {
      sums[places.get(unitOf[estimate.rows[place]!]!)!]! += part;
    });
    const error = Math.sqrt(sums.reduce((total, part) => total + part ** 2, 0));
    return { units, parts: sums.map((part) => part / error) };
  });
  const weights = new Float64Array(numbers.values.length);
  const largest = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    for (let unit = 0; unit < weights.length; unit++) weights[unit] = source.normal();
    for (const share of shares) {
      if (share === null) continue;
      const { units, parts } = share;
      let sum = 0;
      for (let place = 0; place < units.length; place++) sum += weights[units[place]!]! * parts[place]!;
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
