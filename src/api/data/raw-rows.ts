/** Raw rows, so that a result can show a row's values and not only its number. */
import type { Row, Table } from "../../data/index.js";
import { derivedFrom, type ModelSpec } from "../../spec/index.js";
import type { Cell } from "../../views/index.js";

/** Raw rows by their number. */
export type RawRows = ReadonlyMap<number, Row>;

/** Longer text is truncated. */
const LONGEST_TEXT = 40;

/** Reads the model's columns (labels and the domain first) of some rows, chunk by chunk. */
export async function rawRows(table: Table, spec: ModelSpec, numbers: Iterable<number>): Promise<RawRows> {
  const rows = Int32Array.from(new Set(numbers)).sort();
  const byNumber = new Map<number, Row>();
  if (rows.length === 0) return byNumber;
  const { sourceColumns, valueAt } = await import("../../data/index.js");
  const read = [
    ...spec.towers.flatMap(({ label }) => labelColumns(spec, label)),
    ...(spec.domains === null ? [] : [spec.domains.column]),
    ...spec.features.flatMap((feature) => sourceColumns(table, feature, spec)),
  ];
  const names = [...new Set(read)].filter((name) => table.has(name));
  for await (const part of table.take(rows).parts(names)) {
    for (let at = 0; at < part.rows; at++) {
      const values = [...part.columns].map(([name, column]) => [name, valueAt(column, at)]);
      byNumber.set(rows[byNumber.size]!, Object.fromEntries(values));
    }
  }
  return byNumber;
}

/** The columns of the data that hold a label, or from which its rule computes it. */
function labelColumns({ derived = {} }: ModelSpec, label: string): readonly string[] {
  const rule = derived[label];
  return rule === undefined ? [label] : [...derivedFrom(rule), label];
}

/** A row's values as cells of a table, by column. */
export function rowCells(row: Row): Record<string, Cell> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)]));
}

function cell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  const text = cellText(value);
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
}

function cellText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}
