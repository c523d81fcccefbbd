/** Converts a batch to named arrays, in the order of its rows, from which bench/torch/batch.py makes tensors. */

import type { BagColumn, Batch } from "../../src/core/data/encoded/encoded.js";
import type { NamedArray } from "./arrays.js";

/** `feature.{name}` (and `.offsets`), `label.{name}`, `domains`. */
export function batchArrays({ data, rows }: Batch): Map<string, NamedArray> {
  const arrays = new Map<string, NamedArray>();
  for (const [name, column] of data.features) {
    const key = `feature.${name}`;
    if (column.kind === "ids") arrays.set(key, vector(Int32Array.from(rows, (row) => column.ids[row] as number)));
    else if (column.kind === "bag") addBag(arrays, key, column, rows);
    else {
      const { dim, values } = column;
      const picked = new Float32Array(rows.length * dim);
      rows.forEach((row, at) => {
        picked.set(values.subarray(row * dim, (row + 1) * dim), at * dim);
      });
      arrays.set(key, { shape: [rows.length, dim], data: picked });
    }
  }
  for (const [name, values] of data.labels) {
    arrays.set(`label.${name}`, vector(Float32Array.from(rows, (row) => values[row] as number)));
  }
  arrays.set("domains", vector(Int32Array.from(rows, (row) => data.domains?.[row] as number)));
  return arrays;
}

/** Adds the existing ids, and the start of each row's ids. */
function addBag(arrays: Map<string, NamedArray>, key: string, { offsets, ids, weights }: BagColumn, rows: Int32Array) {
  if (weights !== null) throw new Error(`${key}: the twin has no weighted ids`);
  const own = Array.from(rows, (row) => ids.subarray(offsets[row], offsets[row + 1]).filter((id) => id >= 0));
  const starts = new Int32Array(rows.length + 1);
  own.forEach((values, at) => {
    starts[at + 1] = (starts[at] as number) + values.length;
  });
  const all = new Int32Array(starts[rows.length] as number);
  own.forEach((values, at) => {
    all.set(values, starts[at]);
  });
  arrays.set(key, vector(all));
  arrays.set(`${key}.offsets`, vector(starts));
}

function vector(data: Float32Array | Int32Array): NamedArray {
  return { shape: [data.length], data };
}
