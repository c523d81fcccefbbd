/**
 * Iterates over rows with several ids.
 */
import type { BagColumn } from "../../../data/encoded/index.js";
import type { Pooling } from "../../../spec/index.js";

/** How several ids of a row become one vector. */
export interface BagRule {
  readonly pooling: Pooling;
  /** Whether only the first id counts. */
  readonly firstOnly: boolean;
  /** Whether weights count: TorchRec's tables of sequence groups ignore them. */
  readonly weighted: boolean;
}

/** Calls back for each valid id of a row (−1 is no value), with its weight. */
export function forEachInBag(
  column: BagColumn,
  row: number,
  { firstOnly, weighted }: BagRule,
  call: (id: number, weight: number) => void,
): void {
  const end = column.offsets[row + 1]!;
  for (let k = column.offsets[row]!; k < end; k++) {
    const id = column.ids[k]!;
    if (id < 0) continue;
    call(id, column.weights === null || !weighted ? 1 : column.weights[k]!);
    if (firstOnly) return;
  }
}

/** 1 for a sum; 1 / values for a mean (weights do not affect the count, as in TorchEasyRec's tables). */
export function poolingScale(column: BagColumn, row: number, { pooling, firstOnly }: BagRule): number {
  if (pooling === "sum" || firstOnly) return 1;
  let count = 0;
  const end = column.offsets[row + 1]!;
  for (let k = column.offsets[row]!; k < end; k++) if (column.ids[k]! >= 0) count++;
  return count === 0 ? 0 : 1 / count;
}
