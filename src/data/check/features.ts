/** Features that hold nothing to learn from, and rows whose ids training has never seen. */
import { type FeatureSpec, type ModelSpec, tableRows } from "../../spec/index.js";
import { valueAt } from "../column.js";
import { Fault } from "../encode/report.js";
import type { FeatureColumn } from "../encoded.js";
import type { Table } from "../table.js";
import type { Finding } from "./finding.js";
import { columnPath, located } from "./reported.js";

/** Which rows of each embedding table a set of rows uses, by feature name. */
export type UsedRows = ReadonlyMap<string, Uint8Array>;

/** The rows of each feature's embedding table that some row of the data uses. */
export function usedRows(spec: ModelSpec, features: ReadonlyMap<string, FeatureColumn>): Map<string, Uint8Array> {
  const used = new Map<string, Uint8Array>();
  for (const feature of spec.features) {
    const column = features.get(feature.name);
    const rows = tableRows(feature);
    if (column === undefined || column.kind === "dense" || rows === null) continue;
    const seen = new Uint8Array(rows);
    for (const id of column.ids) if (id >= 0) seen[id] = 1;
    used.set(feature.name, seen);
  }
  return used;
}

/** A feature that has no value anywhere, or the same one everywhere. */
export function emptyOrConstant(feature: FeatureSpec, column: FeatureColumn, table: Table): Finding | null {
  const only = onlyValue(column);
  if (only === undefined || table.rows < 2) return null;
  const empty = only === null;
  return {
    severity: "warning",
    path: `features.${feature.name}`,
    message: empty ? "has no value in any row" : `is the same in every row (${only})`,
    rows: table.rows,
    examples: [],
    expected: "values that differ between rows",
    fix: empty ? "fill the column, or leave the feature out" : "leave the feature out: it tells no rows apart",
  };
}

/** The one value of a column: `null` where it has none at all, `undefined` where values differ. */
function onlyValue(column: FeatureColumn): string | null | undefined {
  if (column.kind === "dense") {
    const { values, dim } = column;
    for (let at = dim; at < values.length; at++) if (values[at] !== values[at % dim]) return undefined;
    return `value ${[...values.subarray(0, dim)].map((value) => Number(value.toPrecision(6))).join(", ")}`;
  }
  if (column.ids.length === 0) return null;
  const first = column.ids[0] as number;
  if (column.kind === "bag") {
    const length = column.offsets[1] as number;
    for (let row = 0; row < column.offsets.length; row++) if (column.offsets[row] !== row * length) return undefined;
    if (length !== 1) return undefined;
  }
  for (const id of column.ids) if (id !== first) return undefined;
  return first < 0 ? null : `row ${first} of its table`;
}

/** Rows with an id whose embedding no training row has touched: it is still as it was drawn at random. */
export async function unseenInTraining(
  feature: FeatureSpec,
  columnName: string,
  column: FeatureColumn,
  seen: Uint8Array,
  table: Table,
): Promise<Finding | null> {
  if (column.kind === "dense") return null;
  const rows = new Fault();
  for (let row = 0; row < table.rows; row++) {
    const from = column.kind === "bag" ? (column.offsets[row] as number) : row;
    const to = column.kind === "bag" ? (column.offsets[row + 1] as number) : row + 1;
    for (let at = from; at < to; at++) {
      const id = column.ids[at] as number;
      if (id < 0 || seen[id] === 1) continue;
      rows.note(row, `row ${id} of the table`);
      break;
    }
  }
  if (rows.rows === 0) return null;
  return {
    severity: "warning",
    path: columnPath(table, columnName),
    message: `holds ids of feature "${feature.name}" that no training row holds`,
    rows: rows.rows,
    examples: await located(await withValues(rows, columnName, table), table),
    expected: "ids that training has seen: others keep the embedding they were drawn with",
    fix: "train on rows that hold them, or map rare ids to one row of their own (a vocabulary, or .hash(size))",
  };
}

/** The examples with what their rows hold in the data, where that is one column. */
async function withValues(fault: Fault, columnName: string, table: Table) {
  if (!table.has(columnName)) return fault.examples;
  const rows = Int32Array.from(fault.examples, (example) => example.row);
  const column = (await table.take(rows).read([columnName])).get(columnName)!;
  return fault.examples.map((example, at) => ({ ...example, received: JSON.stringify(valueAt(column, at)) }));
}
