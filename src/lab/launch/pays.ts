/** The number of rows from which a domain's own tower gains enough over another's: where a rising curve through its gains crosses. */
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { sampleVariance } from "../../core/util/numbers.js";
import { random } from "../../core/util/random.js";
import { jointDraws, type LaunchEstimate } from "./estimates.js";

const drawCount = 1000;
/** The share of draws that may lie outside on each side. */
const tail = 0.025;

/**
 * The number of rows at which the gain reaches `matters`, with a 95% interval. `value` and `high` are `null` if that is
 * not within the sizes.
 * @param sizes ascending, above 0
 */
export function crossing(
  sizes: readonly number[],
  gains: readonly LaunchEstimate[],
  users: ArrayLike<number>,
  matters: number,
): Interval {
  const source = random(1).fork("pays");
  const draws = jointDraws(gains, users, source, drawCount);
  const weights = gains.map((_, at) => 1 / (sampleVariance(draws.map((draw) => draw[at]!)) || Number.MIN_VALUE));
  const at = (values: readonly number[]): number => crossingOf(sizes, rising(values, weights), matters);
  const value = at(gains.map((gain) => gain.value));
  const places = draws.map((draw) => at([...draw])).sort((a, b) => a - b);
  const low = places[Math.floor(tail * drawCount)]!;
  const high = places[Math.ceil((1 - tail) * drawCount) - 1]!;
  const within = (place: number): number | null => (Number.isFinite(place) ? place : null);
  return { value: within(value), low: within(Math.min(low, value)), high: within(Math.max(high, value)) };
}

/** The weighted rising curve that is nearest to the values (pools adjacent violators). */
export function rising(values: readonly number[], weights: readonly number[]): number[] {
  const pools: { value: number; weight: number; length: number }[] = [];
  for (const [at, each] of values.entries()) {
    let pool = { value: each, weight: weights[at]!, length: 1 };
    for (let before = pools.at(-1); before !== undefined && before.value > pool.value; before = pools.at(-1)) {
      pools.pop();
      const weight = before.weight + pool.weight;
      const value = (before.value * before.weight + pool.value * pool.weight) / weight;
      pool = { value, weight, length: before.length + pool.length };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ value, length }) => Array.from({ length }, () => value));
}

/**
 * Where the curve reaches the level; infinity: nowhere. Up to the first size the gain rises by row, from 0; then by the
 * logarithm of rows.
 */
function crossingOf(sizes: readonly number[], curve: readonly number[], level: number): number {
  const at = curve.findIndex((value) => value >= level);
  if (at === -1) return Number.POSITIVE_INFINITY;
  if (at === 0) return Math.max(1, (sizes[0]! * level) / curve[0]!);
  const [from, to] = [curve[at - 1]!, curve[at]!];
  return sizes[at - 1]! * (sizes[at]! / sizes[at - 1]!) ** ((level - from) / (to - from));
}
