/** XAUC: the share of pairs of rows whose predictions are in the order of their labels, over all rows or by group. */
import { getOrMake } from "../util/growing.js";
import { rankKey, scoreBits } from "./auc.js";

/**
 * Share of all pairs of rows that the predictions put in the order of the labels (TorchEasyRec `XAUC`). Equal labels
 * or equal predictions count as wrong. TorchEasyRec draws some pairs at random; this is the mean over all draws.
 * @param predictions [rows]
 * @param labels [rows]
 * @returns `null` with fewer than two rows; NaN if a prediction is NaN
 * @example xauc(Float32Array.of(1, 2, 3), Float32Array.of(10, 30, 20))   // 2 of 3 pairs
 */
export function xauc(predictions: Float32Array, labels: Float32Array): number | null {
  const rows = labels.length;
  if (rows < 2) return null;
  if (predictions.some(Number.isNaN)) return Number.NaN;
  const ranks = denseRanks(predictions);
  const order = new Uint32Array(rows).map((_, row) => row).sort((a, b) => labels[a]! - labels[b]!);
  const smaller = prefixCounts(rows);
  let right = 0;
  for (let start = 0; start < rows; ) {
    let end = start;
    while (end < rows && labels[order[end]!] === labels[order[start]!]) end++;
    for (let place = start; place < end; place++) right += smaller.before(ranks[order[place]!]!);
    for (let place = start; place < end; place++) smaller.add(ranks[order[place]!]!);
    start = end;
  }
  return right / ((rows * (rows - 1)) / 2);
}

/**
 * Mean of {@link xauc} over groups of rows, weighted by their number of rows; groups of one row are left out
 * (TorchEasyRec `GroupedXAUC`).
 * @param groups [rows], the group of each row
 * @param weighted `false`: all groups have the same weight
 * @returns `null` without a group of two rows; NaN if a prediction in such a group is NaN
 */
export function groupedXauc(
  predictions: Float32Array,
  labels: Float32Array,
  groups: ArrayLike<number>,
  weighted = true,
): number | null {
  const members = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) getOrMake(members, groups[row]!, () => []).push(row);
  let sum = 0;
  let total = 0;
  for (const rows of members.values()) {
    const pick = (values: Float32Array): Float32Array => Float32Array.from(rows, (row) => values[row]!);
    const value = xauc(pick(predictions), pick(labels));
    if (value === null) continue;
    const weight = weighted ? rows.length : 1;
    sum += weight * value;
    total += weight;
  }
  return total === 0 ? null : sum / total;
}

function denseRanks(values: Float32Array): Uint32Array {
  const keys = scoreBits(Float32Array.from(values)).map(rankKey);
  const places = new Map([...new Set(keys.slice().sort())].map((key, place) => [key, place]));
  return keys.map((key) => places.get(key)!);
}

/** Counts of ranks: how many are below a rank, in logarithmic time (a Fenwick tree). */
function prefixCounts(size: number): { before(rank: number): number; add(rank: number): void } {
  const tree = new Float64Array(size + 1);
  return {
    before(rank) {
      let count = 0;
      for (let at = rank; at > 0; at -= at & -at) count += tree[at]!;
      return count;
    },
    add(rank) {
      for (let at = rank + 1; at <= size; at += at & -at) tree[at] = tree[at]! + 1;
    },
  };
}
