/** Copies of some rows of encoded data. */

import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { pickRows } from "../../util/growing.js";
import { atOnce, inTurns, type Work } from "../../util/turns.js";
import type { BagColumn, EncodedData, FeatureColumn } from "./encoded.js";
import { type EncodedRows, takeRows } from "./streamed.js";

/** A copy of rows in memory or on disk. @param numbers ascending */
export async function copyRows(data: EncodedRows, numbers: Int32Array): Promise<EncodedData> {
  const taken = await takeRows(data, numbers);
  return inTurns(taking(taken.data, taken.rows));
}

export function takeEncoded(data: EncodedData, rows: Int32Array): EncodedData {
  return atOnce(taking(data, rows));
}

function* taking(data: EncodedData, rows: Int32Array): Work<EncodedData> {
  const floats = (values: Float32Array): Float32Array => takeFloats(values, rows, 1);
  return {
    rows: rows.length,
    features: yield* takingEach(data.features, (column) => takeColumn(column, rows)),
    labels: yield* takingEach(data.labels, floats),
    sampleWeights: yield* takingEach(data.sampleWeights, floats),
    domains: data.domains === null ? null : takeInts(data.domains, rows),
    warnings: [],
  };
}

function* takingEach<Column>(
  columns: ReadonlyMap<string, Column>,
  take: (column: Column) => Column,
): Work<Map<string, Column>> {
  const taken = new Map<string, Column>();
  for (const [name, column] of columns) {
    taken.set(name, take(column));
    yield;
  }
  return taken;
}

function takeColumn(column: FeatureColumn, rows: Int32Array): FeatureColumn {
  if (column.kind === "ids") return { kind: "ids", ids: takeInts(column.ids, rows) };
  if (column.kind === "dense") return { ...column, values: takeFloats(column.values, rows, column.dim) };
  const offsets = sharedInts(rows.length + 1);
  rows.forEach((row, at) => {
    offsets[at + 1] = offsets[at]! + (column.offsets[row + 1]! - column.offsets[row]!);
  });
  const items = new Int32Array(offsets[rows.length]!);
  rows.forEach((row, at) => {
    const start = column.offsets[row]!;
    for (let to = offsets[at]!; to < offsets[at + 1]!; to++) items[to] = start + to - offsets[at]!;
  });
  return takeItems(column, offsets, items);
}

export function takeItems({ ids, weights }: BagColumn, offsets: Int32Array, items: Int32Array): BagColumn {
  return { kind: "bag", offsets, ids: takeInts(ids, items), weights: weights && takeFloats(weights, items, 1) };
}

function takeInts(values: Int32Array, rows: Int32Array): Int32Array {
  return pickRows(values, rows, 1, sharedInts(rows.length));
}

function takeFloats(values: Float32Array, rows: Int32Array, dim: number): Float32Array {
  return pickRows(values, rows, dim, sharedFloats(rows.length * dim));
}
