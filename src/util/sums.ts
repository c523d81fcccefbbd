/** Sums and means, added in order: the same values give the same bits wherever they are summed. */

/** The sum; 0 of no values. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at]!;
  return total;
}

/** The mean; NaN of no values. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length;
}
