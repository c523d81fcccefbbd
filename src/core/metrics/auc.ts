/** AUC: exact by ranks, by thresholds, of users (grouped), and of several classes. */
import { Numbering } from "../util/growing.js";
import { everyRow } from "../util/numbers.js";
import { rowsByCode } from "./intervals/clusters.js";

/** Scores as unsigned integers in the order of the scores, which sort natively; equal for equal scores. */

/** NaN bits are above those of infinity, for both signs. */
const infinityBits = 0x7f800000;

/** The bits of scores as float32; shares the memory of a Float32Array. */
export function scoreBits(scores: ArrayLike<number>): Uint32Array {
  const floats = scores instanceof Float32Array ? scores : Float32Array.from(scores);
  return new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
}

function isNaNBits(bits: number): boolean {
  return (bits & 0x7fffffff) > infinityBits;
}

/** Maps a score's bits to an unsigned integer of the same order, which sorts natively. −0 and 0 map to the same one. */
export function rankKey(bits: number): number {
  if (bits === 0x80000000) return 0x80000000;
  return bits & 0x80000000 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}

export function scoreOfKey(key: number): number {
  word[0] = key & 0x80000000 ? key & 0x7fffffff : ~key >>> 0;
  return float[0]!;
}

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

const classBit = 0x80000000;

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/**
 * The number of correctly ordered pairs of a positive and a negative row; a tie counts half (the Mann–Whitney
 * statistic).
 * @param positives keys of the positive rows, ascending
 * @param negatives keys of the negative rows, ascending
 */
function orderedPairs(positives: Uint32Array, negatives: Uint32Array): number {
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

/**
 * Exact AUC: the probability that a positive row scores above a negative one, ties counting half. It costs about one
 * native sort of the rows.
 * @param scores [rows]
 * @param labels [rows]; positive where > 0
 * @returns `null` if a class has no rows; NaN if a score is NaN
 */
export function exactAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const classes = sortedClasses(scores, labels);
  return classes === null ? Number.NaN : rankAuc(classes.positives, classes.negatives);
}

/** The rank keys of each class, ascending; `null` if a score is NaN. */
export function sortedClasses(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): { readonly positives: Uint32Array; readonly negatives: Uint32Array } | null {
  const bits = scoreBits(scores);
  let positiveRows = 0;
  for (let row = 0; row < bits.length; row++) {
    if (isNaNBits(bits[row]!)) return null;
    if (labels[row]! > 0) positiveRows++;
  }
  const positives = new Uint32Array(positiveRows);
  const negatives = new Uint32Array(bits.length - positiveRows);
  let [nextPositive, nextNegative] = [0, 0];
  for (let row = 0; row < bits.length; row++) {
    const key = rankKey(bits[row]!);
    if (labels[row]! > 0) positives[nextPositive++] = key;
    else negatives[nextNegative++] = key;
  }
  return { positives: positives.sort(), negatives: negatives.sort() };
}

/**
 * AUC by thresholds linspace(0, 1, thresholds), positive where score ≥ threshold, trapezoid rule (TorchEasyRec
 * `AUC`, default 200). As in TorchEasyRec, the curve begins at the last threshold: rows whose score is exactly 1 add
 * no area before it.
 * @param scores [rows], probabilities in [0, 1]
 * @param labels [rows]; positive where > 0
 * @returns `null` if a class has no rows
 */
export function thresholdAuc(scores: Float32Array, labels: Float32Array, thresholds = 200): number | null {
  return countedAuc(thresholdCounts(scores, labels, thresholds));
}

/**
 * The numbers of negative rows that pass 0, 1, … all thresholds, then those of positive rows. [2 · (thresholds + 1)]
 */
export function thresholdCounts(scores: Float32Array, labels: Float32Array, thresholds: number): Float64Array {
  const grid = Float32Array.from({ length: thresholds }, (_, i) => i / (thresholds - 1));
  const counts = new Float64Array(2 * (thresholds + 1));
  for (let row = 0; row < scores.length; row++) {
    // Thresholds of the ascending grid that the score reaches.
    const score = scores[row]!;
    let passed = Math.min(grid.length, Math.max(0, Math.floor(score * (grid.length - 1)) + 1));
    while (passed < grid.length && score >= grid[passed]!) passed++;
    while (passed > 0 && score < grid[passed - 1]!) passed--;
    const place = passed + (labels[row]! > 0 ? thresholds + 1 : 0);
    counts[place] = counts[place]! + 1;
  }
  return counts;
}

/** The AUC of {@link thresholdCounts}, or of weighted sums of them; `null` if a class has no rows. */
export function countedAuc(counts: ArrayLike<number>): number | null {
  const thresholds = counts.length / 2 - 1;
  let truePositives = 0;
  let falsePositives = 0;
  let area = 0;
  let previous: readonly [number, number] | null = null;
  for (let passed = thresholds; passed >= 1; passed--) {
    truePositives += counts[thresholds + 1 + passed]!;
    falsePositives += counts[passed]!;
    if (previous) area += ((falsePositives - previous[1]) * (truePositives + previous[0])) / 2;
    previous = [truePositives, falsePositives];
  }
  return truePositives === 0 || falsePositives === 0 ? null : area / (truePositives * falsePositives);
}

/**
 * Grouped AUC: the unweighted mean of the exact AUC over the groups that have both classes (TorchEasyRec `GroupedAUC`).
 * @param groups [rows], the group of each row
 * @returns `null` if no group has both classes; NaN if a score is NaN
 */
export function groupedAuc(scores: Float32Array, labels: Float32Array, groups: ArrayLike<number>): number | null {
  if (scoreBits(scores).some(isNaNBits)) return Number.NaN;
  const aucs = aucsByGroup(scores, labels, groups);
  return aucs.length === 0 ? null : aucs.reduce((sum, { auc }) => sum + auc, 0) / aucs.length;
}

/** The exact AUC of one group with both classes. */
export interface GroupAuc {
  /** Unweighted mean of the exact AUC of the groups with both classes. */
  readonly auc: number;
  /** The number of one of the group's rows. */
  readonly row: number;
}

/**
 * The exact AUC of each group with both classes, in the order of their first rows. Scores must not be NaN.
 * @param groups [rows], the group of each row
 * @param rows row numbers; default: all
 */
export function aucsByGroup(
  scores: Float32Array,
  labels: Float32Array,
  groups: ArrayLike<number>,
  rows: Int32Array = everyRow(labels.length),
): GroupAuc[] {
  const bits = scoreBits(scores);
  // Two bins per group, positives and negatives.
  const numbers = new Numbering<number>();
  const bins = rows.map((row) => numbers.of(groups[row]!) * 2 + (labels[row]! > 0 ? 0 : 1));
  const { rows: places, starts } = rowsByCode(bins, numbers.values.length * 2);
  const keys = new Uint32Array(rows.length);
  for (let at = 0; at < places.length; at++) keys[at] = rankKey(bits[rows[places[at]!]!]!);
  const aucs: GroupAuc[] = [];
  for (let bin = 0; bin + 2 < starts.length; bin += 2) {
    const [start, middle, end] = [starts[bin]!, starts[bin + 1]!, starts[bin + 2]!];
    const auc = rankAuc(keys.subarray(start, middle).sort(), keys.subarray(middle, end).sort());
    if (auc !== null) aucs.push({ auc, row: rows[places[middle - 1]!]! });
  }
  return aucs;
}

/** @param positives ascending keys, as of the negatives */
function rankAuc(positives: Uint32Array, negatives: Uint32Array): number | null {
  if (positives.length === 0 || negatives.length === 0) return null;
  return orderedPairs(positives, negatives) / (positives.length * negatives.length);
}

/**
 * The mean of each class's AUC against the other classes (TorchEasyRec `MulticlassAUC`). As in TorchEasyRec, a class
 * without rows, or with all of them, has an AUC of 0.
 * @param probabilities [rows, classes]
 * @param labels [rows], the index of the class
 * @param options `average`: the plain mean over classes (`macro`), or weighted by their rows
 * @returns `null` without rows
 */
export function multiclassAuc(
  probabilities: Float32Array,
  labels: Float32Array,
  {
    thresholds = 200,
    average = "macro",
  }: { readonly thresholds?: number; readonly average?: "macro" | "weighted" } = {},
): number | null {
  const classes = probabilities.length / labels.length;
  let sum = 0;
  let total = 0;
  for (let positiveClass = 0; positiveClass < classes; positiveClass++) {
    const positive = labels.map((label) => (label === positiveClass ? 1 : 0));
    const scores = labels.map((_, row) => probabilities[row * classes + positiveClass]!);
    const auc = thresholdAuc(scores, positive, thresholds) ?? 0;
    const weight = average === "macro" ? 1 : positive.reduce((rows, value) => rows + value, 0);
    sum += weight * auc;
    total += weight;
  }
  return total === 0 ? null : sum / total;
}
