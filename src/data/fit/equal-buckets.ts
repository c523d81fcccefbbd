/**
 * Boundaries of buckets with about equal numbers of values.
 */

/**
 * At most `count` − 1 ascending boundaries; a value at a boundary is in the bucket above it. Equal values stay
 * together: a bucket of a frequent value may be larger, and the other buckets share the rest equally.
 */
export function equalBuckets(values: Float64Array, count: number): number[] {
  const sorted = values.slice().sort();
  const boundaries: number[] = [];
  let start = 0;
  for (let left = count; left > 1; left--) {
    const cut = start + (sorted.length - start) / left;
    const next = nextStart(sorted, start, Math.round(cut));
    if (next === null) break;
    boundaries.push(sorted[next]!);
    start = next;
  }
  return boundaries;
}

/** The first value of the next bucket, as float32 above the last one of this bucket; `null`: none. */
function nextStart(sorted: Float64Array, start: number, cut: number): number | null {
  if (cut >= sorted.length) return null;
  const value = Math.fround(sorted[cut]!);
  // The values equal to the one at the cut go to the nearer side, but no bucket is empty.
  let first = cut;
  while (first > start && Math.fround(sorted[first - 1]!) === value) first--;
  let after = cut;
  while (after < sorted.length && Math.fround(sorted[after]!) === value) after++;
  if (first > start && (after === sorted.length || cut - first <= after - cut)) return first;
  return after === sorted.length ? null : after;
}
