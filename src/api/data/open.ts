import type { StorageOptions } from "../../data/encoded/encoded-rows.js";
import type { OtherTable } from "../../data/sources/arrow.js";
import type { CsvOptions, CsvType } from "../../data/sources/csv/options.js";
import type { Columns, FrameLike } from "../../data/sources/memory.js";
import type { SqlSource } from "../../data/table/open.js";
import type { Row, Table } from "../../data/table/table.js";
import { notebookDisplay } from "../../port/notebook.js";
import type { ModelSpec } from "../../spec/model.js";
import type { UserColumn } from "../../train/measure/task-rows.js";
import { count } from "../../util/text.js";
import { Dataset, type DatasetKind, type DatasetSource } from "./dataset.js";
import type { RowOfColumns, RowOfObjects, RowOfTypes } from "./types.js";
import { DataQuery, type OtherRows, rowsTable } from "./verbs.js";

export interface DatasetOptions extends StorageOptions, CsvOptions {}

/** Sources whose columns only the running program knows. */
type UntypedSource = string | readonly string[] | SqlSource | FrameLike | OtherTable | Table;

/** The type of the rows of a source; {@link Row} if only the running program knows its columns. */
export type RowOf<Source> = 0 extends 1 & Source
  ? Row
  : Source extends Dataset<infer R> | DataQuery<infer R, DatasetKind>
    ? R
    : Source extends UntypedSource
      ? Row
      : Source extends readonly (infer Item)[]
        ? RowOfObjects<Item>
        : Source extends Columns
          ? RowOfColumns<Source>
          : Row;

/** Opens data sets: `dataset(source)` or `dataset.sql(query)`. */
export interface OpenDataset {
  /**
   * Opens CSV files with the types of some columns, which rows then have: `row.price` is a number or `null`. Throws a
   * DataError for a cell of another type.
   * @example
   * const shops = await dataset("shops.csv", { types: { zip: "text", price: "float" } });
   */
  <const Types extends Readonly<Record<string, CsvType>>>(
    source: string | readonly string[],
    options: DatasetOptions & { readonly types: Types },
  ): Promise<Dataset<RowOfTypes<Types>>>;
  /**
   * Opens a data set: a path, glob or folder of Parquet or CSV files, or several; a data frame; a query.
   *
   * Encoded files are cached, so that the same notebook starts faster the next time; changed files are read again.
   * Encoded rows larger than a quarter of `memoryMB` (1,024) stay on disk during training.
   * Throws a DataError if the source cannot be read or has no rows.
   * @typeParam R the type of a row, for the editor; nothing compares it with the file
   * @example
   * const data = await dataset("logs/2024-*.parquet");
   * const once = await dataset("logs/2024-*.parquet", { cache: false, memoryMB: 4096 });
   * const bare = await dataset("ratings.dat", { separator: "::", names: ["user_id", "item_id", "rating", "time"] });
   * const sales = await dataset<{ price: number; city: string | null }>("sales.parquet");
   */
  <R = Row>(source: UntypedSource, options?: DatasetOptions): Promise<Dataset<R>>;
  /**
   * Opens an array of row objects, an object of columns, or any other source. The rows have the types of the objects or
   * columns. Throws a DataError if the source has no rows or a column mixes types.
   * @example
   * const data = await dataset([{ city: "Oslo", price: 3 }, { city: "Rome", price: 9 }]);
   * const dear = await data.where((row) => row.price > 5);
   */
  <Source extends DatasetSource | readonly object[]>(
    source: Source,
    options?: DatasetOptions,
  ): Promise<Dataset<RowOf<Source>>>;
  /**
   * The rows of a query, run once by DuckDB on one thread: files are read in place, joined and filtered. The order of
   * the rows is that of {@link DataVerbs.sql}. Throws a DataError with DuckDB's message if the query fails or returns
   * no rows.
   * @param tables data sets by the names that the query uses, also parts of a split
   * @example
   * const data = await dataset.sql("select * from 'train.parquet' join 'items.csv' using (item_id) where clk is not null order by time");
   * const sold = await dataset.sql("select * from train semi join items using (item_id) order by time", { train, items: "items.csv" });
   */
  sql<R = Row>(query: string, tables?: Readonly<Record<string, OtherRows>>): Promise<Dataset<R>>;
}

/** Opens data sets. */
export const dataset: OpenDataset = Object.assign(openDataset, { sql: queryDataset }) as OpenDataset;

async function queryDataset(sql: string, others: Readonly<Record<string, OtherRows>> = {}): Promise<Dataset> {
  const entries = Object.entries(others).map(async ([name, rows]) => [name, await rowsTable(rows)] as const);
  return openDataset({ sql, tables: Object.fromEntries(await Promise.all(entries)) });
}

async function openDataset(source: DatasetSource, options: DatasetOptions = {}): Promise<Dataset> {
  if (source instanceof Dataset || source instanceof DataQuery) return source;
  const { isFrame } = await import("../../data/sources/memory.js");
  const { mostFrameRows } = await import("../../data/table/danfo.js");
  const { openTable } = await import("../../data/table/open.js");
  const table = await openTable(source, { ...options, signal: notebookDisplay()?.signal() });
  const notes = [...table.notes];
  if (isFrame(source) && table.rows > mostFrameRows) {
    notes.push(
      `a data frame of ${count(table.rows, "row")}: Parquet files are read many times faster and in less memory (await data.toParquet("rows.parquet"), then dataset("rows.parquet"))`,
    );
  }
  return new Dataset(table, notes, options);
}

/** The users of rows, with notes. */
export interface Users {
  /** `null`: unknown, so single rows are drawn. */
  readonly column: UserColumn | null;
  readonly notes: readonly string[];
}

/**
 * Reads the column. Throws a DataError if it does not exist or holds lists.
 * @param name a column of the data, or an id feature, whose column is read; `null`: none; `undefined`: the model's
 */
export async function resolveUsers(spec: ModelSpec, table: Table, name: string | null | undefined): Promise<Users> {
  const { userCodes, userSource } = await import("../../data/summary/row-groups.js");
  const source = userSource(spec, table, name);
  if (source === null) return { column: null, notes: [] };
  const values = (await table.read([source])).get(source)!;
  const codes = userCodes(source, values);
  return { column: { name: source, codes }, notes: unknownNotes(source, codes) };
}

function unknownNotes(name: string, codes: Int32Array): readonly string[] {
  const unknown = codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0);
  if (unknown === 0) return [];
  const rows = unknown === 1 ? "1 row has" : `${count(unknown, "row")} have`;
  return [`${rows} no ${name}: intervals draw such rows one by one, and the AUC by user excludes them`];
}
