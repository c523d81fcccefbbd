/** The preview of a data set: its first rows, and statistics of its columns. */

import { isDate } from "node:util/types";
import { columnRoles } from "../../core/data/table/roles.js";
import type { Row, Table } from "../../core/data/table/table.js";
import { derivedFrom } from "../../core/spec/feature/derived.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { count, grouped, isMidnight, timeText, visibleLine } from "../../core/util/text.js";
import type { Cell } from "../../lab/views/format.js";
import { type DisplayBundle, table as rowsTable, sheetsBundle, TableOutput, tables, toCell } from "../result.js";

export type RawRows = ReadonlyMap<number, Row>;

const LONGEST_TEXT = 40;

/** Reads the model's columns (labels and the domain first) of some rows, chunk by chunk. */
export async function rawRows(table: Table, spec: ModelSpec, numbers: Iterable<number>): Promise<RawRows> {
  const rows = Int32Array.from(new Set(numbers)).sort();
  const byNumber = new Map<number, Row>();
  if (rows.length === 0) return byNumber;
  const { sourceColumns } = await import("../../core/data/encode/plan.js");
  const { valueAt } = await import("../../core/data/table/column.js");
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

export function rowCells(row: Row): Record<string, Cell> {
  const clipped = (cell: Cell): Cell =>
    typeof cell === "string" && cell.length > LONGEST_TEXT ? `${cell.slice(0, LONGEST_TEXT - 1)}…` : cell;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, clipped(toCell(value))]));
}

/** Column statistics of a preview are over at most this many rows. */
const PREVIEW_ROWS = 200_000;
const FIRST_ROWS = 5;
/** Tables with few columns, such as counts, are read as a list: the first ten rows are shown. */
const FIRST_NARROW_ROWS = 10;
const NARROW_COLUMNS = 4;
/** A table of at most this many rows is shown in full, without statistics: more than the hours of a day. */
const SMALL_ROWS = 60;
const SMALL_COLUMNS = 40;

export function rowsBundle(rows: readonly Row[]): Promise<DisplayBundle> {
  return dataTable([...new Set(rows.flatMap((row) => Object.keys(row)))], rows).bundle();
}

/** Rows as data have them: ids and prices without separators, and times as in files. */
function dataTable(names: readonly string[], rows: readonly Row[], caption: string | null = null): TableOutput {
  const days = new Set(names.filter((name) => rows.every((row) => isMidnight(millisecondsOf(row[name])))));
  const texts = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, isTime(value) ? timeText(value, days.has(name)) : value]),
    ),
  );
  const cells = texts.map((row) => rowCells(row as Row));
  const noRow = Object.fromEntries(names.map((name) => [name, null]));
  const { columns, rows: rowsOfCells, ...sheet } = rowsTable(cells.length === 0 ? [noRow] : cells, caption).sheet();
  return new TableOutput({
    ...sheet,
    rows: cells.length === 0 ? [] : rowsOfCells,
    columns: columns.map((column) => ({ ...column, isPlain: true })),
  });
}

function isTime(value: unknown): value is Date {
  return isDate(value) && !Number.isNaN(value.getTime());
}

function millisecondsOf(value: unknown): number | null {
  return isTime(value) ? value.getTime() : null;
}

/** `; user: user_id, time: ts (+08:00)`; empty without roles. */
function rolesText({ roles }: Table): string {
  const clock = roles.zone === undefined ? "" : ` (${roles.zone})`;
  const words = columnRoles.flatMap((role) =>
    roles[role] === undefined ? [] : [`${role}: ${roles[role]}${role === "time" ? clock : ""}`],
  );
  return words.length === 0 ? "" : `; ${words.join(", ")}`;
}

/** Builds the preview of a table: notes, rows, and the statistics of a large one. */
export async function previewBundle(table: Table, notes: readonly string[]): Promise<DisplayBundle> {
  const size = `${count(table.rows, "row")} × ${count(table.columns.length, "column")}`;
  const caption = `${size}, ${visibleLine(table.source)}${rolesText(table)}`;
  if (table.rows <= SMALL_ROWS && table.columns.length <= SMALL_COLUMNS) {
    return sheetsBundle([dataTable(table.names, await table.head(SMALL_ROWS), caption).sheet()], notes);
  }
  const { describe } = await import("../../core/data/summary/describe.js");
  const isLarge = table.rows > PREVIEW_ROWS;
  const described = isLarge ? `Columns, in the first ${grouped(PREVIEW_ROWS)} rows` : "Columns";
  const summary = tables().summarySheet(await describe(isLarge ? table.slice(0, PREVIEW_ROWS) : table), described);
  const firstRows = table.columns.length <= NARROW_COLUMNS ? FIRST_NARROW_ROWS : FIRST_ROWS;
  const first = dataTable(table.names, await table.head(firstRows), `First rows of ${caption}`);
  return sheetsBundle([first.sheet(), summary], notes);
}
