/** Steps that count and cross-tabulate: rows by value, and a column for each value of another. */
import { DataError } from "../../errors/index.js";
import { count } from "../../util/text.js";
import { identifier, literal } from "../sources/names.js";
import {
  assertColumns,
  assertDistinct,
  columnKey,
  type Frame,
  freeColumn,
  sortFrame,
  summariseFrame,
} from "./frame.js";
import { type SqlStep, sqlStep } from "./history.js";

/** A table with more columns is a mistake: it is neither read nor used for training. */
const mostColumns = 1000;

export function valueCountsStep(names: readonly string[]): SqlStep {
  return sqlStep(`valueCounts(${names.map((name) => JSON.stringify(name)).join(", ")})`, (frame) => {
    assertColumns(frame, names, "valueCounts");
    return sortFrame(summariseFrame(frame, names, { count: "count(*)" }), [columnKey("count", true)]);
  });
}

export function meanFrame(frame: Frame, groups: readonly string[], names: readonly string[]): Frame {
  assertColumns(frame, names, "mean");
  const means = names.map((name) => [name, `avg(CAST(${identifier(name)} AS DOUBLE))`]);
  return summariseFrame(frame, groups, Object.fromEntries(means));
}

/** @param cell an SQL aggregate of the rows of a cell */
export function pivotStep(rows: readonly string[], columns: string, cell: string): SqlStep {
  return sqlStep(`pivot(${JSON.stringify(columns)}, ${JSON.stringify(cell)})`, async (frame, { ask }) => {
    assertColumns(frame, [...rows, columns], "pivot");
    const column = identifier(columns);
    const values = await ask(
      `SELECT CAST(${column} AS VARCHAR) AS word FROM ${frame.relation} GROUP BY ${column} ORDER BY ${column} NULLS LAST LIMIT ${mostColumns + 1}`,
    );
    const words = values.map(({ word }) => (word === null ? null : String(word)));
    assertFew(words, rows, columns);
    const names = words.map((word) => `${columns}_${word}`);
    assertDistinct([...rows, ...names], "pivot", `.derive({ ${JSON.stringify(columns)}: "lower(${columns})" }) first`);
    const value = `${[...rows, columns].join("")} value`;
    const cells = summariseFrame(frame, [...rows, columns], { [value]: cell });
    const cellsSql = words.map((word, at) => {
      const isHere = word === null ? `${column} IS NULL` : `CAST(${column} AS VARCHAR) = ${literal(word)}`;
      return `any_value(${identifier(value)}) FILTER (WHERE ${isHere}) AS ${identifier(names[at]!)}`;
    });
    const keys = rows.map(identifier);
    const order = freeColumn("row order", [...rows, ...names]);
    const selected = [...keys, ...cellsSql, `min(${cells.order}) AS ${order}`].join(", ");
    const by = keys.length === 0 ? "" : ` GROUP BY ${keys.join(", ")}`;
    const relation = `(SELECT ${selected} FROM ${cells.relation}${by})`;
    return { ...frame, names: [...rows, ...names], order, isInOrder: false, relation };
  });
}

function assertFew(words: readonly unknown[], rows: readonly string[], columns: string): void {
  if (words.length <= mostColumns && !rows.includes(columns)) return;
  const path = `pivot: column "${columns}"`;
  if (rows.includes(columns)) {
    throw new DataError({ path, message: "names the rows already", expected: "another column for the columns" });
  }
  const groups = [...rows, columns].map((name) => JSON.stringify(name)).join(", ");
  throw new DataError({
    path,
    message: "has too many values, each of which would be a column",
    received: `more than ${count(mostColumns, "value")}`,
    expected: `at most ${count(mostColumns, "value")}`,
    fix: `one row for each pair: .groupBy(${groups}).summarise({ rows: "count(*)" })`,
  });
}
