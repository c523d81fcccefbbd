/** Opening a table from whatever a user holds. */
import { DataError } from "../../errors/index.js";
import { count } from "../../util/text/format.js";
import { inTurns } from "../../util/turns.js";
import { assertCsvOptions, type CsvOptions, csvOptionsOf, saysCsv } from "../sources/delimited/options.js";
import { sqlSource } from "../sources/duckdb/relation.js";
import { fileSource } from "../sources/files/files.js";
import { type Columns, type FrameLike, frameColumns, isFrame, readingMemory, rowColumns } from "../sources/memory.js";
import type { Source } from "../sources/source.js";
import { Table } from "./table.js";

/** A query, run by DuckDB: `{ sql: "select * from 'x.parquet' where clk is not null" }`. */
export interface SqlSource {
  /** A query; its files are relative to the working directory. */
  readonly sql: string;
}

/**
 * What a table can be opened from: a path, glob or folder of Parquet or CSV files, or several; a query; a danfo
 * DataFrame; rows as objects; columns as (typed) arrays; a table, which is returned as it is.
 */
export type TableSource =
  | string
  | readonly string[]
  | SqlSource
  | FrameLike
  | readonly Readonly<Record<string, unknown>>[]
  | Columns
  | Table;

/** Rows are numbered in 32 bits. */
const mostRows = 2 ** 31 - 1;

/** How a table is opened. */
export interface OpenOptions extends CsvOptions {
  /** Keep what was found in a large CSV file for the next time, and take it from there. Default: `true`. */
  readonly cache?: boolean;
  /** Ends a long look at files; the work rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a table. A text is always a path, whatever it says; a query comes as `{ sql }`.
 * Throws a DataError for a source that cannot be read or has no rows.
 *
 * @example
 * const log = await openTable("logs/2024-*.parquet");
 * const ratings = await openTable("ratings.dat", { separator: "::", names: ["user_id", "item_id", "rating", "time"] });
 * const few = await openTable({ user_id: Int32Array.of(1, 2), clk: Int32Array.of(0, 1) });
 */
export async function openTable(source: TableSource, options: OpenOptions = {}): Promise<Table> {
  if (source instanceof Table) return source;
  assertCsvOptions(options);
  if (saysCsv(options) && !isPaths(source)) throw csvOptionsOf("data", "rows that are not in files");
  const opened = await open(source, options);
  if (opened.rows > mostRows) {
    throw new DataError({
      path: opened.name,
      message: "there are too many rows",
      received: count(opened.rows, "row"),
      expected: `at most ${count(mostRows, "row")}`,
      fix: "open some of the files, or take some of the rows by a query",
    });
  }
  if (opened.rows === 0) {
    throw new DataError({ path: opened.name, message: "there are no rows", expected: "at least one row" });
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
    throw unknownSource("an array that is neither all paths nor all row objects");
  }
  if (typeof source !== "object" || source === null) throw unknownSource(String(source));
  if (isQuery(source)) return sqlSource(source.sql);
  const columns = Object.entries(source as Columns);
  const wrong = columns.find(([, values]) => !Array.isArray(values) && !ArrayBuffer.isView(values));
  if (wrong) throw unknownSource(`an object whose "${wrong[0]}" is not an array`);
  return inTurns(readingMemory("columns in memory", columns));
}

/** Whether a source is a path or several. */
function isPaths(source: Exclude<TableSource, Table>): boolean {
  return typeof source === "string" || (Array.isArray(source) && source.every((item) => typeof item === "string"));
}

function isQuery(source: object): source is SqlSource {
  return typeof (source as SqlSource).sql === "string";
}

function unknownSource(received: string): DataError {
  return new DataError({
    path: "data",
    message: "this is not a source of rows",
    received,
    expected: "a path, { sql: a query }, a danfo DataFrame, an array of row objects or an object of columns",
  });
}
