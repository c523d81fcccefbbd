/**
 * Steps by functions of a row, for conditions and columns that are easier to write in TypeScript than in SQL.
 */
import { DataError } from "../../errors/index.js";
import { inTurns } from "../../util/turns.js";
import { readingMemory } from "../sources/memory.js";
import { type RawColumn, valueAt } from "../table/column.js";
import type { Row, Table } from "../table/table.js";
import type { TableStep } from "./chain.js";
import { withColumns } from "./overlay.js";

/** Keeps the rows for which a function returns true. */
export function filterStep(keep: (row: Row) => unknown): TableStep {
  return {
    kind: "table",
    name: "where(function)",
    keepsNotes: true,
    async apply(table) {
      const rows: number[] = [];
      let at = 0;
      await eachRow(table, "where", (row) => {
        if (keep(row) === true) rows.push(at);
        at += 1;
      });
      return table.take(Int32Array.from(rows));
    },
  };
}

/** Adds or replaces columns by functions of a row. */
export function computeStep(columns: Readonly<Record<string, (row: Row) => unknown>>): TableStep {
  return {
    kind: "table",
    name: "derive(functions)",
    keepsNotes: true,
    async apply(table) {
      const values = Object.entries(columns).map(([name, compute]) => ({ name, compute, values: [] as unknown[] }));
      await eachRow(table, "derive", (row) => {
        for (const column of values) column.values.push(column.compute(row));
      });
      const source = await inTurns(
        readingMemory(
          `${table.source}, derive`,
          values.map(({ name, values }) => [name, values]),
        ),
      );
      const names = Object.keys(columns);
      return withColumns(table, (await source.read(names, null)) as ReadonlyMap<string, RawColumn>);
    },
  };
}

/** Visits the rows as objects, part by part. */
async function eachRow(table: Table, verb: string, visit: (row: Row) => void): Promise<void> {
  let at = 0;
  for await (const part of table.parts()) {
    const columns = [...part.columns];
    for (let index = 0; index < part.rows; index++) {
      const row = Object.fromEntries(columns.map(([name, column]) => [name, valueAt(column, index)]));
      try {
        visit(row);
      } catch (error) {
        const place = await table.locate(at + index);
        const words = error instanceof Error ? error.message : String(error);
        throw new DataError(
          { path: `${verb}: ${place.source}, row ${place.row} (from 0)`, message: `the function throws: ${words}` },
          { cause: error },
        );
      }
    }
    at += part.rows;
  }
}
