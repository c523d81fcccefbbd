import type { BagColumn, IdColumn } from "../../../data/encoded/index.js";
import type { Pooling } from "../../../spec/index.js";
import { preloadRows } from "../simd/preload.js";

export interface BagRule {
  readonly pooling: Pooling;
  readonly firstOnly: boolean;
  /** Whether weights count: TorchRec's tables of sequence groups ignore them. */
  readonly weighted: boolean;
}

/** The valid ids of a few rows, each with the factor of its vector; −1 is no value. */
export class BagItems {
  ids: Int32Array = new Int32Array(512);
  factors: Float64Array = new Float64Array(512);
  count = 0;
  /** For each row, the end of its ids. */
  readonly ends: Int32Array = new Int32Array(preloadRows);

  /** A mean's factor is 1 / ids; weights do not affect this count, as in TorchEasyRec's tables. */
  read({ offsets, ids, weights }: BagColumn, rows: Int32Array, { pooling, firstOnly, weighted }: BagRule): void {
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const end = offsets[row + 1]!;
      const first = count;
      this.#reserve(count + end - offsets[row]!);
      for (let k = offsets[row]!; k < end; k++) {
        const id = ids[k]!;
        if (id < 0) continue;
        this.ids[count] = id;
        this.factors[count++] = weights === null || !weighted ? 1 : weights[k]!;
        if (firstOnly) break;
      }
      if (pooling === "mean" && count - first > 1) {
        const scale = 1 / (count - first);
        for (let item = first; item < count; item++) this.factors[item] = scale * this.factors[item]!;
      }
      this.ends[i] = count;
    }
    this.count = count;
  }

  readSingle({ ids }: IdColumn, rows: Int32Array): void {
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      const id = ids[rows[i]!]!;
      if (id >= 0) {
        this.ids[count] = id;
        this.factors[count++] = 1;
      }
      this.ends[i] = count;
    }
    this.count = count;
  }

  #reserve(count: number): void {
    if (count <= this.ids.length) return;
    const ids = new Int32Array(2 * count);
    const factors = new Float64Array(2 * count);
    ids.set(this.ids);
    factors.set(this.factors);
    this.ids = ids;
    this.factors = factors;
  }
}

export function addScaled(
  sum: Float32Array,
  to: number,
  vectors: Float32Array,
  from: number,
  width: number,
  factor: number,
): void {
  const whole = width & ~3;
  let j = 0;
  for (; j < whole; j += 4) {
    sum[to + j] = sum[to + j]! + factor * vectors[from + j]!;
    sum[to + j + 1] = sum[to + j + 1]! + factor * vectors[from + j + 1]!;
    sum[to + j + 2] = sum[to + j + 2]! + factor * vectors[from + j + 2]!;
    sum[to + j + 3] = sum[to + j + 3]! + factor * vectors[from + j + 3]!;
  }
  for (; j < width; j++) sum[to + j] = sum[to + j]! + factor * vectors[from + j]!;
}
