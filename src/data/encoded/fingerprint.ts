/**
 * A hash of encoded rows: equal if a model reads the same rows in the same order, on any machine.
 */
import { createHash } from "node:crypto";
import type { EncodedData, FeatureColumn } from "./encoded.js";

/** SHA-256, in hex, of features, labels, sample weights and domains with their names. */
export function encodedHash(data: EncodedData): string {
  const hash = createHash("sha256").update(`rows ${data.rows}`);
  const add = (name: string, ...arrays: readonly (Int32Array | Float32Array | null)[]): void => {
    hash.update(`\0${name}\0`);
    for (const array of arrays) if (array !== null) hash.update(array);
  };
  for (const [name, column] of sorted(data.features)) add(`feature ${column.kind} ${name}`, ...columnArrays(column));
  for (const [name, values] of sorted(data.labels)) add(`label ${name}`, values);
  for (const [name, values] of sorted(data.sampleWeights)) add(`weight ${name}`, values);
  add("domains", data.domains);
  return hash.digest("hex");
}

/** Columns sorted by name. */
export function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function columnArrays(column: FeatureColumn): (Int32Array | Float32Array | null)[] {
  if (column.kind === "ids") return [column.ids];
  return column.kind === "dense" ? [column.values] : [column.offsets, column.ids, column.weights];
}
