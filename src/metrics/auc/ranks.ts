/**
 * Scores as unsigned integers in the order of the scores, so that they sort natively without a comparator. Equal
 * scores become equal integers.
 */

/** NaN bits are above those of infinity, for both signs. */
const infinityBits = 0x7f800000;

/** The bits of float32 scores; shares their memory. */
export function scoreBits(scores: Float32Array): Uint32Array {
  return new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
}

/** Whether these are the bits of NaN. */
export function isNaNBits(bits: number): boolean {
  return (bits & 0x7fffffff) > infinityBits;
}

/** The integer of a score's bits. −0 and 0 map to the same integer. */
export function rankKey(bits: number): number {
  if (bits === 0x80000000) return 0x80000000;
  return bits & 0x80000000 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}

/** The score of an integer. */
export function scoreOfKey(key: number): number {
  word[0] = key & 0x80000000 ? key & 0x7fffffff : ~key >>> 0;
  return float[0]!;
}

/** Rows in the order of their scores. */
export interface RankedRows {
  /** Ascending by score; among equal scores, negative rows first. */
  readonly rows: Int32Array;
  /** [runs + 1]: the start of the rows of each distinct score, then the number of rows. */
  readonly starts: Int32Array;
}

/** Sorts some rows by their scores, natively. @param rows row numbers, indices of `scores` and `labels` */
export function rankedRows(scores: Float32Array, labels: Float32Array, rows: Int32Array): RankedRows {
  const bits = scoreBits(scores);
  // 64-bit integers, low word first as on every machine that runs Node: the rank, then the class, then the row.
  const words = new Uint32Array(2 * rows.length);
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place]!;
    words[2 * place] = (labels[row]! > 0 ? classBit : 0) + row;
    words[2 * place + 1] = rankKey(bits[row]!);
  }
  new BigUint64Array(words.buffer).sort();
  const order = new Int32Array(rows.length);
  const starts = new Int32Array(rows.length + 1);
  let runs = 0;
  for (let place = 0; place < rows.length; place++) {
    order[place] = words[2 * place]! & ~classBit;
    if (place === 0 || words[2 * place + 1] !== words[2 * place - 1]) starts[runs++] = place;
  }
  starts[runs] = rows.length;
  return { rows: order, starts: starts.slice(0, runs + 1) };
}

/** Larger than every row number. */
const classBit = 0x80000000;

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/**
 * The number of correctly ordered pairs of a positive and a negative row; a tie counts half (the Mann–Whitney
 * statistic).
 * @param positives keys of the positive rows, ascending
 * @param negatives keys of the negative rows, ascending
 */
export function orderedPairs(positives: Uint32Array, negatives: Uint32Array): number {
  let pairs = 0;
  let below = 0;
  for (let start = 0; start < positives.length; ) {
    const key = positives[start]!;
    let end = start + 1;
    while (end < positives.length && positives[end] === key) end++;
    while (below < negatives.length && negatives[below]! < key) below++;
    let upTo = below;
    while (upTo < negatives.length && negatives[upTo] === key) upTo++;
    pairs += (end - start) * (below + (upTo - below) / 2);
    start = end;
    below = upTo;
  }
  return pairs;
}
