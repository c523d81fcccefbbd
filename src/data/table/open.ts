/**
 * Opens a table from any supported source.
 */
import { DataError } from "../../errors/index.js";
import { count } from "../../util/text/format.js";
import { inTurns } from "../../util/turns.js";
import { querySource } from "../query/sql.js";
import { type OtherTable, otherTableColumns } from "../sources/arrow.js";
import { assertCsvOptions, type CsvOptions, misplacedOptions, saysCsv } from "../sources/csv/options.js";
import { fileSource } from "../sources/files.js";
import { type Columns, type FrameLike, frameColumns, isFrame, readingMemory, rowColumns } from "../sources/memory.js";
import type { Source } from "../sources/source.js";
import { Table } from "./table.js";

/** A query that DuckDB runs: `{ sql: "select * from 'x.parquet' where clk is not null" }`. */
export interface SqlSource {
  /** One select statement; its files are relative to the working directory. */
  readonly sql: string;
  /** Tables by the names that the query uses. Default: none. */
  readonly tables?: Readonly<Record<string, Table>>;
}

/**
 * The sources of a table: a path, glob or folder of Parquet, CSV, JSON lines or Arrow files, or several; a query; a
 * danfo or polars DataFrame; an Arrow or Arquero table; rows as objects; columns as (typed) arrays; a table, which is
 * returned unchanged.
 */
export type TableSource =
  | string
  | readonly string[]
  | SqlSource
  | FrameLike
  | OtherTable
  | readonly Readonly<Record<string, unknown>>[]
  | Columns
  | Table;

/** Row numbers have 32 bits. */
const mostRows = 2 ** 31 - 1;

/** Options for opening a table. */
export interface OpenOptions extends CsvOptions {
  /** Cache the scan of a large CSV file. Default: `true`. */
  readonly cache?: boolean;
  /** Aborts a long scan of files; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a table. A text is always a path; pass a query as `{ sql }`. Throws a DataError for a source that cannot be
 * read or has no rows.
 * @example
 * const log = await openTable("logs/2024-*.parquet");
 * const ratings = await openTable("ratings.dat", { separator: "::", names: ["user_id", "item_id", "rating", "time"] });
 * const few = await openTable({ user_id: Int32Array.of(1, 2), clk: Int32Array.of(0, 1) });
 */
export async function openTable(source: TableSource, options: OpenOptions = {}): Promise<Table> {
  if (source instanceof Table) return source;
  assertCsvOptions(options);
  if (saysCsv(options) && !isPaths(source)) throw misplacedOptions("data", "rows that are not in files");
  const opened = await open(source, options);
  if (opened.rows > mostRows) {
    throw new DataError({
      path: opened.name,
      message: "too many rows",
      received: count(opened.rows, "row"),
      expected: `at most ${count(mostRows, "row")}`,
      fix: "open some of the files, or select some of the rows by a query",
    });
  }
  if (opened.rows === 0) {
    throw new DataError({ path: opened.name, message: "no rows", expected: "at least one row" });
  }
  return new Table(opened);
}

async function open(source: Exclude<TableSource, Table>, options: OpenOptions): Promise<Source> {
  if (typeof source === "string") return fileSource([source], options);
  if (isFrame(source)) return inTurns(readingMemory("data frame", frameColumns(source)));
  if (Array.isArray(source)) {
    if (source.length > 0 && source.every((item) => typeof item === "string")) return fileSource(source, options);
    if (source.every((item) => typeof item === "object" && item !== null && !Array.isArray(item))) {
      return inTurns(readingMemory("rows in memory", await inTurns(rowColumns(source))));
    }
    throw unknownSource("an array that mixes paths, row objects or other values");
  }
  if (typeof source !== "object" || source === null) throw unknownSource(String(source));
  if (isQuery(source)) {
    const notes: string[] = [];
    return { ...(await querySource(source.sql, source.tables ?? {}, notes)), notes };
  }
  const other = otherTableColumns(source);
  if (other !== null) return inTurns(readingMemory(other.kind, other.columns));
  const columns = Object.entries(source as Columns);
  const wrong = columns.find(([, values]) => !Array.isArray(values) && !ArrayBuffer.isView(values));
  if (wrong) throw unknownSource(`an object whose "${wrong[0]}" is not an array`);
  return inTurns(readingMemory("columns in memory", columns));
}

/** Whether a source is one or several paths. */
function isPaths(source: Exclude<TableSource, Table>): boolean {
  return typeof source === "string" || (Array.isArray(source) && source.every((item) => typeof item === "string"));
}

function isQuery(source: object): source is SqlSource {
  return typeof (source as SqlSource).sql === "string";
}

function unknownSource(received: string): DataError {
  return new DataError({
    path: "data",
    message: "not a source of rows",
    received,
    expected:
      "a path, { sql: a query }, a danfo or polars DataFrame, an Arrow or Arquero table, an array of row objects or an object of columns",
  });
}
