/** Steps by functions of a row, for conditions and columns that are easier to write in TypeScript than in SQL. */
import { DataError } from "../../errors/index.js";
import { visibleLine } from "../../util/text.js";
import { inTurns } from "../../util/turns.js";
import { readWhole } from "../sources/file-version.js";
import { readingMemory } from "../sources/memory.js";
import { valueAt } from "../table/column.js";
import type { Row, Table } from "../table/table.js";
import { type TableStep, tableStep, withColumns } from "./history.js";

export function filterStep(keep: (row: Row) => unknown): TableStep {
  return tableStep("where(function)", async (table) => {
    const rows: number[] = [];
    let at = 0;
    await eachRow(table, "where", (row) => {
      const verdict = keep(row);
      // `null` is a comparison with a missing value, which SQL does not keep either.
      if (typeof verdict !== "boolean" && verdict !== null) {
        return { received: verdict, expected: "true or false", fix: keepFix(verdict) };
      }
      if (verdict === true) rows.push(at);
      at += 1;
      return null;
    });
    return table.take(Int32Array.from(rows));
  });
}

export function computeStep(columns: Readonly<Record<string, (row: Row) => unknown>>): TableStep {
  return tableStep("derive(functions)", async (table) => {
    const computed = Object.keys(columns).map((name): [string, unknown[]] => [name, []]);
    await eachRow(table, "derive", (row) => {
      for (const [name, values] of computed) {
        const value = columns[name]!(row);
        if (isPromise(value)) {
          return { received: value, expected: "a value", fix: `await it before, for column "${name}"`, column: name };
        }
        values.push(value);
      }
      return null;
    });
    const source = await inTurns(readingMemory(`${table.source}, derive`, computed));
    return withColumns(table, await readWhole(source, Object.keys(columns)));
  });
}

type UnusableValue = Readonly<{ received: unknown; expected: string; fix: string; column?: string }>;

async function eachRow(table: Table, verb: string, visit: (row: Row) => UnusableValue | null): Promise<void> {
  let at = 0;
  for await (const part of table.parts()) {
    const columns = [...part.columns];
    // Rows are shared by the functions of a step, so none may change them.
    const frozen = (value: unknown): unknown => (Array.isArray(value) ? Object.freeze(value) : value);
    for (let index = 0; index < part.rows; index++) {
      const row = Object.fromEntries(columns.map(([name, column]) => [name, frozen(valueAt(column, index))]));
      let unusable: UnusableValue | null;
      try {
        unusable = visit(Object.freeze(row));
      } catch (cause) {
        const message = `the function throws: ${cause instanceof Error ? cause.message : String(cause)}`;
        throw new DataError({ path: await rowPath(table, verb, at + index), message, cause });
      }
      if (unusable === null) continue;
      const { received, expected, fix, column } = unusable;
      throw new DataError({
        path: `${await rowPath(table, verb, at + index)}${column === undefined ? "" : `: column "${column}"`}`,
        message: "the function returns a value that cannot be used",
        received: isPromise(received) ? "a promise" : visibleLine(String(JSON.stringify(received) ?? received)),
        expected,
        fix,
      });
    }
    at += part.rows;
  }
}

async function rowPath(table: Table, verb: string, at: number): Promise<string> {
  const { source, row } = await table.locate(at);
  return `${verb}: ${source}, row ${row} (from 0)`;
}

function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null)?.then === "function";
}

function keepFix(value: unknown): string {
  if (isPromise(value)) return "use a function that is not async";
  if (value === undefined) return "check the names of the columns, and that the function returns its condition";
  return "compare, such as (row) => row.clk === 1";
}
