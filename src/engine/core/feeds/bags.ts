/**
 * Iterates over rows with several ids.
 */
import type { BagColumn } from "../../../data/encoded/index.js";
import type { Pooling } from "../../../spec/index.js";

/** Calls back for each valid id of a row (−1 is no value), with its weight. */
export function forEachInBag(column: BagColumn, row: number, call: (id: number, weight: number) => void): void {
  const end = column.offsets[row + 1]!;
  for (let k = column.offsets[row]!; k < end; k++) {
    const id = column.ids[k]!;
    if (id >= 0) call(id, column.weights === null ? 1 : column.weights[k]!);
  }
}

/** 1 for a sum; 1 / values for a mean (weights do not affect the count, as in TorchEasyRec's tables). */
export function poolingScale(column: BagColumn, row: number, pooling: Pooling): number {
  if (pooling === "sum") return 1;
  let count = 0;
  const end = column.offsets[row + 1]!;
  for (let k = column.offsets[row]!; k < end; k++) if (column.ids[k]! >= 0) count++;
  return count === 0 ? 0 : 1 / count;
}
