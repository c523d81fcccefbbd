/** The processor waits for many scattered reads at once; gathering from tables beyond the cache takes half the time. */

/** How many vectors to read before the first is used: they stay in the cache. */
export const preloadRows = 64;

/** V8 would remove reads whose result is not stored. */
const result = new Float64Array(1);

/** Reads the first number of the vectors at these places; negative places are none. */
export function preload(values: Float32Array, dim: number, places: Int32Array, count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const place = places[i]!;
    if (place >= 0) sum += values[place * dim]!;
  }
  result[0] = sum;
}

export function preloadInts(values: Int32Array, places: Int32Array, count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const place = places[i]!;
    if (place >= 0) sum += values[place]!;
  }
  result[0] = sum;
}
