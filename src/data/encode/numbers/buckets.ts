/**
 * The bucket of a number.
 */

/** The number of boundaries at or below a value; boundaries are ascending. */
export function findBucket(value: number, boundaries: Float32Array): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value >= boundaries[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}
