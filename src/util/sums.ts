/**
 * Sums and means in a fixed order: the same values always produce the same bits.
 */

/** The sum; 0 for an empty list. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at]!;
  return total;
}

/** The mean; NaN for an empty list. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length;
}

/** The variance, n − 1 in the denominator; 0 for fewer than two values. */
export function sampleVariance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((total, value) => total + (value - centre) ** 2, 0) / (values.length - 1);
}

/** The mean weighted by `weight`; NaN for an empty list. */
export function weightedMean<Item>(
  items: readonly Item[],
  weight: (item: Item) => number,
  value: (item: Item) => number,
): number {
  let [total, weights] = [0, 0];
  for (const item of items) {
    total += weight(item) * value(item);
    weights += weight(item);
  }
  return total / weights;
}
