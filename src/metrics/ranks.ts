/**
 * Scores as unsigned integers in the order of the scores: they sort natively without a comparator, and equal scores
 * are equal integers.
 */

/** Bits of a NaN lie above those of infinity, whatever the sign. */
const infinityBits = 0x7f800000;

/** The bits of float32 scores, shared with them. */
export function scoreBits(scores: Float32Array): Uint32Array {
  return new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
}

/** Whether these are the bits of NaN. */
export function isNaNBits(bits: number): boolean {
  return (bits & 0x7fffffff) > infinityBits;
}

/** The integer of a score's bits. −0 and 0 are one score. */
export function rankKey(bits: number): number {
  if (bits === 0x80000000) return 0x80000000;
  return bits & 0x80000000 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}

/** The score of an integer. */
export function scoreOfKey(key: number): number {
  word[0] = key & 0x80000000 ? key & 0x7fffffff : ~key >>> 0;
  return float[0] as number;
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/**
 * Pairs of a positive and a negative row in the right order, a tie counting half (the Mann–Whitney statistic).
 *
 * @param positives keys of the positive rows, ascending
 * @param negatives keys of the negative rows, ascending
 */
export function orderedPairs(positives: Uint32Array, negatives: Uint32Array): number {
  let pairs = 0;
  let below = 0;
  for (let start = 0; start < positives.length; ) {
    const key = positives[start] as number;
    let end = start + 1;
    while (end < positives.length && positives[end] === key) end++;
    while (below < negatives.length && (negatives[below] as number) < key) below++;
    let upTo = below;
    while (upTo < negatives.length && negatives[upTo] === key) upTo++;
    pairs += (end - start) * (below + (upTo - below) / 2);
    start = end;
    below = upTo;
  }
  return pairs;
}
