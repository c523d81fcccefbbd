/** A DuckDB relation (files read by a table function, or a query's result) as a source. */
import { DataError, type Problem } from "../../errors/index.js";
import { type ColumnInfo, columnRows, type RawColumn } from "../column.js";
import { describeRelation, queryRows, readColumns, withConnection } from "./duckdb.js";
import type { RowPlace, Source } from "./source.js";

let queries = 0;

/** The result of a query, computed once and kept by DuckDB. */
export async function sqlSource(sql: string): Promise<Source> {
  const table = `query_${++queries}`;
  const name = `query "${sql.trim().slice(0, 40)}${sql.trim().length > 40 ? "…" : ""}"`;
  return readable(name, async () => {
    await withConnection((connection) => connection.run(`CREATE TABLE ${table} AS (${sql.trim().replace(/;$/, "")})`));
    return openRelation(name, table, async (row) => ({ source: name, row }));
  });
}
/** Opens a relation; `explain` looks for a better account of a failure than DuckDB gives. */
export async function openRelation(
  name: string,
  relation: string,
  locateRow: (row: number) => Promise<RowPlace>,
  explain?: () => Promise<Problem | null>,
): Promise<Source> {
  const columns = await describeRelation(relation);
  const [count] = await queryRows(`SELECT count(*) AS rows FROM ${relation}`);
  const rows = Number(count?.["rows"]);
  return {
    name,
    columns,
    rows,
    read(names, limit) {
      const wanted = names.map((name) => columns.find((column) => column.name === name)!);
      const expected = Math.min(rows, limit ?? rows);
      return readable(name, () => readAll(name, relation, wanted, limit, expected), explain);
    },
    locate: locateRow,
  };
}

/** Runs `work`; what DuckDB says when it fails comes with the place in front, or as `explain` finds it. */
export async function readable<T>(
  name: string,
  work: () => Promise<T>,
  explain?: () => Promise<Problem | null>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    const problem = (await explain?.()) ?? { path: name, message: `DuckDB cannot read this: ${firstLines(text)}` };
    throw new DataError(problem, { cause: error });
  }
}

function firstLines(text: string): string {
  return text.split("\n").slice(0, 6).join("\n    ").trim();
}

/** Reads columns; a file that has changed since it was opened would mix old rows with new ones. */
async function readAll(
  name: string,
  relation: string,
  columns: readonly ColumnInfo[],
  limit: number | null,
  expected: number,
): Promise<Map<string, RawColumn>> {
  const read = await readColumns(relation, columns, limit, expected);
  for (const column of read.values()) {
    const received = columnRows(column);
    if (received === expected) continue;
    throw new DataError({
      path: name,
      message: "the data has changed since it was opened",
      received: `${received} rows`,
      expected: `${expected} rows`,
      fix: "open it again",
    });
  }
  return read;
}
