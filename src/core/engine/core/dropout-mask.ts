/** Masks of dropout, from the seed, the step and the place in the program. */
import { splitmix32 } from "../../util/random.js";

/** [count] of 1 (kept) and 0, from seed, step and site; rates are rounded to 1 / 65,536, as {@link maskScale} is. */
export function drawMask(count: number, rate: number, seed: number, step: number, site: number): Uint8Array {
  const threshold = Math.round(rate * 65536);
  const mask = new Uint8Array(count);
  const mix = splitmix32(
    Math.imul(seed, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b) ^ Math.imul(site + 1, 0xc2b2ae35),
  );
  let [a, b, c, d] = [mix(), mix(), mix(), mix()] as const;
  for (let i = 0; i < count; i += 2) {
    // xoshiro128+, inlined: a call per number costs three times as much.
    const word = (a + d) | 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    mask[i] = word >>> 16 >= threshold ? 1 : 0;
    if (i + 1 < count) mask[i + 1] = (word & 0xffff) >= threshold ? 1 : 0;
  }
  return mask;
}
