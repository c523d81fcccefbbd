/**
 * A hash of the number of rows and of about a thousand rows spread over the data. Checkpoints older than
 * `rowsDigest` identify their training rows by it.
 */
import { createHash } from "node:crypto";
import { type EncodedData, type FeatureColumn, sorted } from "./encoded.js";
import { type EncodedRows, takeRows } from "./streamed.js";

/** The sampled rows: runs of neighbours, which a file on disk stores together. */
const runs = 32;
const runRows = 32;

/** SHA-256, in hex, of the number of rows and of about a thousand of them. */
export async function rowsFingerprint(data: EncodedRows): Promise<string> {
  const hash = createHash("sha256").update(`rows ${data.rows}`);
  const sample = await takeRows(data, sampled(data.rows));
  for (const [name, values] of numberColumns(sample.data, sample.rows)) hash.update(`\0${name}\0`).update(values);
  return hash.digest("hex");
}

function sampled(rows: number): Int32Array {
  if (rows <= runs * runRows) return Int32Array.from({ length: rows }, (_, row) => row);
  const last = rows - runRows;
  const starts = Array.from({ length: runs }, (_, run) => Math.floor((last * run) / (runs - 1)));
  return Int32Array.from(starts.flatMap((start) => Array.from({ length: runRows }, (_, row) => start + row)));
}

function* numberColumns(data: EncodedData, rows: Int32Array): Generator<[string, Float64Array]> {
  for (const [name, column] of sorted(data.features)) yield [`feature ${name}`, numberValues(column, rows)];
  for (const [name, values] of sorted(data.labels)) yield [`label ${name}`, Float64Array.from(rows, at(values))];
  for (const [name, values] of sorted(data.sampleWeights))
    yield [`weight ${name}`, Float64Array.from(rows, at(values))];
  if (data.domains !== null) yield ["domains", Float64Array.from(rows, at(data.domains))];
}

function at(values: ArrayLike<number>): (row: number) => number {
  return (row) => values[row]!;
}

/** One id per row and bags of exactly one id have the same hash. */
function numberValues(column: FeatureColumn, rows: Int32Array): Float64Array {
  const values: number[] = [];
  for (const row of rows) {
    if (column.kind === "dense") values.push(...column.values.subarray(row * column.dim, (row + 1) * column.dim));
    else if (column.kind === "ids") {
      const id = column.ids[row]!;
      values.push(...(id === -1 ? [0] : [1, id]));
    } else {
      const [from, to] = [column.offsets[row]!, column.offsets[row + 1]!];
      values.push(to - from, ...column.ids.subarray(from, to), ...(column.weights?.subarray(from, to) ?? []));
    }
  }
  return Float64Array.from(values);
}
