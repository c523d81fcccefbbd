/** SHA-256 hashes of encoded rows, in hex. */
import { createHash, type Hash } from "node:crypto";
import { inRuns, inTurns, type Work } from "../../util/turns.js";
import { batchesInOrder } from "./batches.js";
import type { EncodedData, FeatureColumn } from "./encoded.js";
import type { EncodedRows } from "./streamed.js";

type Numbers = Int32Array | Float32Array | Float64Array;

interface HashedParts {
  readonly label?: (column: FeatureColumn) => string;
  readonly feature: (column: FeatureColumn) => readonly Numbers[];
  readonly values: (values: Int32Array | Float32Array) => Numbers;
}

/** Numbers that are hashed at once. */
const runLength = 1 << 20;

function* adding(hash: Hash, data: EncodedData, { label = () => "feature", feature, values }: HashedParts): Work<void> {
  function* add(name: string, arrays: readonly Numbers[]): Work<void> {
    hash.update(`\0${name}\0`);
    for (const array of arrays) {
      yield* inRuns(array.length, runLength, (start, end) => void hash.update(array.subarray(start, end)));
      yield;
    }
  }
  for (const [name, column] of sorted(data.features)) yield* add(`${label(column)} ${name}`, feature(column));
  for (const [name, labels] of sorted(data.labels)) yield* add(`label ${name}`, [values(labels)]);
  for (const [name, weights] of sorted(data.sampleWeights)) yield* add(`weight ${name}`, [values(weights)]);
  if (data.domains !== null) yield* add("domains", [values(data.domains)]);
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The hash of features, labels, sample weights and domains in memory, with the kinds of the columns. */
export async function encodedHash(data: EncodedData): Promise<string> {
  const hash = createHash("sha256").update(`rows ${data.rows}`);
  const parts: HashedParts = {
    label: ({ kind }) => `feature ${kind}`,
    feature(column) {
      if (column.kind === "dense") return [column.values];
      if (column.kind === "ids") return [column.ids];
      return [column.offsets, column.ids, ...(column.weights === null ? [] : [column.weights])];
    },
    values: (values) => values,
  };
  await inTurns(adding(hash, data, parts));
  if (data.domains === null) hash.update("\0domains\0");
  return hash.digest("hex");
}

/** Rows that are hashed at once: the digest depends on this number. */
const pieceRows = 4096;

/** The hash of all rows that a model reads, in order, wherever they are stored. */
export async function rowsDigest(data: EncodedRows): Promise<string> {
  const hash = createHash("sha256").update(`rows ${data.rows}`);
  for await (const { batch } of batchesInOrder(data, pieceRows)) {
    const [start, end] = [batch.rows[0]!, batch.rows.at(-1)! + 1];
    const parts: HashedParts = {
      feature: (column) => pieceArrays(column, start, end),
      values: (values) => values.subarray(start, end),
    };
    await inTurns(adding(hash, batch.data, parts));
  }
  return hash.digest("hex");
}

function pieceArrays(column: FeatureColumn, start: number, end: number): Numbers[] {
  if (column.kind === "dense") return [column.values.subarray(start * column.dim, end * column.dim)];
  if (column.kind === "ids") {
    // Hashed like bags: rows on disk become a bag as soon as one row has several ids.
    const ids = column.ids.subarray(start, end);
    return [ids.map((id) => (id === -1 ? 0 : 1)), ids.filter((id) => id !== -1)];
  }
  const { offsets, ids, weights } = column;
  const lengths = Int32Array.from(offsets.subarray(start, end), (offset, at) => offsets[start + at + 1]! - offset);
  const [from, to] = [offsets[start]!, offsets[end]!];
  return [lengths, ids.subarray(from, to), ...(weights === null ? [] : [weights.subarray(from, to)])];
}
