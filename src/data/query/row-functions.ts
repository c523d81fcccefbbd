/** Steps by functions of a row, for conditions and columns that are easier to write in TypeScript than in SQL. */
import { DataError, type Problem } from "../../errors/index.js";
import { visibleLine } from "../../util/text.js";
import { inTurns } from "../../util/turns.js";
import { readWhole } from "../sources/file-version.js";
import { readingMemory } from "../sources/memory.js";
import { valueAt } from "../table/column.js";
import type { Row, Table } from "../table/table.js";
import { type TableStep, withColumns } from "./history.js";

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
        const verdict = keep(row);
        // `null` is a comparison with a missing value, which SQL does not keep either.
        if (typeof verdict !== "boolean" && verdict !== null)
          throw new ReturnedValue(verdict, "true or false", keepFix(verdict));
        if (verdict === true) rows.push(at);
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
        for (const { name, compute, values: computed } of values) {
          const value = compute(row);
          if (isPromise(value))
            throw new ReturnedValue(value, "a value", `await it before, for column "${name}"`, name);
          computed.push(value);
        }
      });
      const source = await inTurns(
        readingMemory(
          `${table.source}, derive`,
          values.map(({ name, values }) => [name, values]),
        ),
      );
      return withColumns(table, await readWhole(source, Object.keys(columns)));
    },
  };
}

/** Visits the rows as objects, part by part. */
async function eachRow(table: Table, verb: string, visit: (row: Row) => void): Promise<void> {
  let at = 0;
  for await (const part of table.parts()) {
    const columns = [...part.columns];
    for (let index = 0; index < part.rows; index++) {
      const row = Object.fromEntries(columns.map(([name, column]) => [name, frozen(valueAt(column, index))]));
      try {
        visit(Object.freeze(row));
      } catch (error) {
        const { source, row: number } = await table.locate(at + index);
        const path = `${verb}: ${source}, row ${number} (from 0)`;
        if (error instanceof ReturnedValue) throw new DataError(error.problem(path));
        const words = error instanceof Error ? error.message : String(error);
        throw new DataError({ path, message: `the function throws: ${words}` }, { cause: error });
      }
    }
    at += part.rows;
  }
}

/** Rows are shared by the functions of a step, so none may change them. */
function frozen(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze(value) : value;
}

function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null)?.then === "function";
}

function keepFix(value: unknown): string {
  if (isPromise(value)) return "use a function that is not async";
  if (value === undefined) return "check the names of the columns, and that the function returns its condition";
  return "compare, such as (row) => row.clk === 1";
}

/** A function returned a value that its step cannot use. */
class ReturnedValue extends Error {
  constructor(
    private readonly value: unknown,
    private readonly expected: string,
    private readonly fix: string,
    private readonly column: string | null = null,
  ) {
    super("returned value");
  }

  problem(path: string): Problem {
    return {
      path: this.column === null ? path : `${path}: column "${this.column}"`,
      message: "the function returns a value that cannot be used",
      received: isPromise(this.value) ? "a promise" : visibleLine(String(JSON.stringify(this.value) ?? this.value)),
      expected: this.expected,
      fix: this.fix,
    };
  }
}
