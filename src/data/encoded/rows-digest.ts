/**
 * A hash of all rows that a model reads: features, labels, sample weights and domains, in order. It does not depend
 * on the machine or on whether the rows are in memory or on disk.
 */
import { createHash, type Hash } from "node:crypto";
import { inTurns, type Work } from "../../util/turns.js";
import type { BagColumn, EncodedData, FeatureColumn, IdColumn } from "./encoded.js";
import { sorted } from "./fingerprint.js";
import { type EncodedRows, isStreamed } from "./streamed.js";

/** Rows that are hashed at once: the hash depends on this number. */
const pieceRows = 4096;

/** SHA-256, in hex, of every row. Reads rows on disk once. */
export async function rowsDigest(data: EncodedRows): Promise<string> {
  const hash = createHash("sha256").update(`rows ${data.rows}`);
  if (!isStreamed(data)) await inTurns(hashedInMemory(hash, data));
  else {
    const buffer = data.buffer(Math.min(pieceRows, data.rows));
    for (let start = 0; start < data.rows; start += pieceRows) {
      const count = Math.min(pieceRows, data.rows - start);
      addPiece(hash, await data.read([[start, count]], buffer), 0, count);
    }
  }
  return hash.digest("hex");
}

function* hashedInMemory(hash: Hash, data: EncodedData): Work<void> {
  for (let start = 0; start < data.rows; start += pieceRows) {
    addPiece(hash, data, start, Math.min(data.rows, start + pieceRows));
    yield;
  }
}

function addPiece(hash: Hash, data: EncodedData, start: number, end: number): void {
  const add = (name: string, ...arrays: readonly (Int32Array | Float32Array)[]): void => {
    hash.update(`\0${name}\0`);
    for (const array of arrays) hash.update(array);
  };
  for (const [name, column] of sorted(data.features)) add(`feature ${name}`, ...columnValues(column, start, end));
  for (const [name, values] of sorted(data.labels)) add(`label ${name}`, values.subarray(start, end));
  for (const [name, values] of sorted(data.sampleWeights)) add(`weight ${name}`, values.subarray(start, end));
  if (data.domains !== null) add("domains", data.domains.subarray(start, end));
}

function columnValues(column: FeatureColumn, start: number, end: number): (Int32Array | Float32Array)[] {
  if (column.kind === "dense") return [column.values.subarray(start * column.dim, end * column.dim)];
  return column.kind === "ids" ? singleIds(column, start, end) : bags(column, start, end);
}

/** Hashed like bags: rows on disk become a bag as soon as one row has several ids. */
function singleIds({ ids }: IdColumn, start: number, end: number): Int32Array[] {
  const lengths = new Int32Array(end - start);
  const present = new Int32Array(end - start);
  let count = 0;
  for (let row = start; row < end; row++) {
    const id = ids[row]!;
    if (id === -1) continue;
    lengths[row - start] = 1;
    present[count++] = id;
  }
  return [lengths, present.subarray(0, count)];
}

function bags({ offsets, ids, weights }: BagColumn, start: number, end: number): (Int32Array | Float32Array)[] {
  const lengths = new Int32Array(end - start);
  for (let row = start; row < end; row++) {
    lengths[row - start] = offsets[row + 1]! - offsets[row]!;
  }
  const [from, to] = [offsets[start]!, offsets[end]!];
  return [lengths, ids.subarray(from, to), ...(weights === null ? [] : [weights.subarray(from, to)])];
}
