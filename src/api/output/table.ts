/** Shows any rows as a table. */
import { isDate } from "node:util/types";
import type { Cell, SheetColumn } from "../../views/index.js";
import { TableOutput } from "./result.js";

/** Rows by column name: numbers, texts, booleans, dates, lists or no value. */
export type TableRows = readonly Readonly<Record<string, unknown>>[];

/**
 * Shows rows as a table at the end of a cell; a column appears if any row has it. Fractions are rounded to `digits`
 * digits.
 *
 * @example
 * const runs = [await model.fit(data, { seed: 1 }), await model.fit(data, { seed: 2 })];
 * table(runs.map((run, i) => ({ seed: i, ctr: run.evaluation?.auc("ctr") ?? null })), "Two seeds");
 * table(await data.head(3));
 */
export function table(rows: TableRows, caption: string | null = null, digits = 4): TableOutput {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isFraction = (name: string): boolean =>
    rows.some((row) => typeof row[name] === "number" && !Number.isInteger(row[name]));
  const columns = names.map((name): SheetColumn => {
    return { key: name, heading: name, kind: "any", digits: isFraction(name) ? digits : null };
  });
  return new TableOutput({ caption, columns, rows: rows.map((row) => names.map((name) => toCell(row[name]))) });
}

/** A value as a cell: dates as ISO text, lists and objects as JSON. */
function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return String(value);
  if (isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return JSON.stringify(value) ?? String(value);
}
