/** Seeded random numbers: the same seed gives the same stream on every machine. */
import { everyRow } from "./numbers.js";
import { inRuns, type Work } from "./turns.js";

/** A seeded stream of random numbers (xoshiro128**, seeded by splitmix32). */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** Integer, uniform in 0 … n − 1. */
  integer(n: number): number;
  /** Returns an independent named stream: the same parent seed and name always return the same stream. */
  fork(name: string): Random;
  /** The state; `restoreRandom` resumes from it exactly. */
  state(): RandomState;
}

/** The value of {@link Random.state}: four 32-bit words, the spare normal and the seed. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  /** The second normal of the last pair, if unused. */
  readonly spare: number | null;
  /** The seed of the stream, for {@link Random.fork}. */
  readonly seed: number;
}

/** Creates a stream from a seed (any integer up to 2^53). */
export function random(seed: number): Random {
  const mix = splitmix32((seed ^ Math.floor(seed / 4294967296)) | 0);
  return restoreRandom({ words: [mix(), mix(), mix(), mix()], spare: null, seed });
}

export function permutation(n: number, source: Random): Int32Array {
  const order = everyRow(n);
  shuffle(order, n - 1, 0, source);
  return order;
}

/** {@link permutation} as pausable work; do not draw from `source` in the meantime. */
export function* permuting(n: number, source: Random): Work<Int32Array> {
  const order = everyRow(n);
  yield* inRuns(n - 1, 1 << 14, (start, end) => shuffle(order, n - 1 - start, n - 1 - end, source));
  return order;
}

/** Exchanges the values at `from` … `to + 1`, from the last to the first, with one at or before each. */
function shuffle(order: Int32Array, from: number, to: number, source: Random): void {
  for (let i = from; i > to; i--) {
    const j = source.integer(i + 1);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
}

export function restoreRandom(start: RandomState): Random {
  let [a, b, c, d] = start.words;
  let spare = start.spare;
  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  };
  const uniform = (): number => next() / 4294967296;
  return {
    uniform,
    normal() {
      if (spare !== null) {
        const held = spare;
        spare = null;
        return held;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    integer: (n) => Math.floor(uniform() * n),
    fork: (name) => random(hashText(`${start.seed}/${name}`)),
    state: () => ({ words: [a, b, c, d], spare, seed: start.seed }),
  };
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

export function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
