/** Draws random rows. */
import type { Table } from "../../../data/index.js";
import { DataError } from "../../../errors/index.js";
import { noteSeed } from "../../../port/index.js";
import { permutation, random } from "../../../util/random.js";

/** `count` rows without replacement, in their order. Throws a DataError for an invalid count. */
export function sampleTable(table: Table, count: number, seed: number): Table {
  if (!(Number.isInteger(count) && count > 0)) {
    throw new DataError({ path: "sample", message: "must be a positive integer", received: String(count) });
  }
  noteSeed("sample", seed);
  return table.take(permutation(table.rows, random(seed).fork("sample")).slice(0, count).sort());
}
