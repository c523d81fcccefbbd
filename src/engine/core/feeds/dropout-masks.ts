/** Seeded dropout masks, generated in bulk: a step needs millions of values. */

/** Rates are rounded to 1 / 65,536; the scale compensates. State for resuming: the seed and the number of masks. */
export class MaskSource {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** [count] of 1 (kept) and 0, reproducible from seed, step and site. */
  draw(count: number, rate: number, step: number, site: number): Uint8Array {
    const threshold = Math.round(rate * 65536);
    const mask = new Uint8Array(count);
    let [a, b, c, d] = start(this.#seed, step, site);
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

  scale(rate: number): number {
    return 65536 / (65536 - Math.round(rate * 65536));
  }
}

function start(seed: number, step: number, site: number): [number, number, number, number] {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b) ^ Math.imul(site + 1, 0xc2b2ae35)) | 0;
  const mix = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  return [mix(), mix(), mix(), mix()];
}
