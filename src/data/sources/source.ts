/**
 * The interface of a table's source: columns that can be read repeatedly, in a fixed row order.
 */
import type { ColumnInfo, RawColumn } from "../table/column.js";

/** The origin of a row. */
export interface RowPlace {
  /** The file or other source of the row. */
  readonly source: string;
  /** Row number in that source, counted from 0. */
  readonly row: number;
}

/** The identity of a source's rows. */
export interface SourceVersion {
  /** Equal only if the rows are equal. */
  readonly key: string;
  /** A description of the origin, such as files with their sizes. */
  readonly about: string;
}

/** A source of rows. */
export interface Source {
  /** The display name: a path, or `12 rows in memory`. */
  readonly name: string;
  /** Number of rows. */
  readonly rows: number;
  /** In the source's order. */
  readonly columns: readonly ColumnInfo[];
  /** Number columns that the source stores as text and can return as text (`asWritten`). */
  readonly written?: ReadonlySet<string>;
  /** Notes of opening, such as files that lack a column. Default: none. */
  readonly notes?: readonly string[];
  /** SQL of these rows in their order, which any DuckDB instance can read; `null` or missing: there is none. */
  readonly relation?: string | null;
  /** Reads columns, at most the first `limit` rows; columns in `asWritten` as text. */
  read(names: readonly string[], limit: number | null, asWritten?: readonly string[]): Promise<Map<string, RawColumn>>;
  /** Reads columns part by part, so that they need not be in memory at once; columns in `asWritten` as text. */
  parts(names: readonly string[], asWritten?: readonly string[]): AsyncIterable<Map<string, RawColumn>>;
  /** The identity of these rows when they were opened, comparable across processes; `null` if unknown. */
  version(): Promise<SourceVersion | null>;
  /** Throws a DataError if the rows have changed since they were opened. */
  assertUnchanged(): Promise<void>;
  /** Where a row came from. */
  locate(row: number): Promise<RowPlace>;
}

/** Finds the origin of a row in consecutive files, by their numbers of rows. */
export function locator(files: readonly string[], rowsOfFile: (file: string) => Promise<number>): Source["locate"] {
  return async (row: number): Promise<RowPlace> => {
    let before = 0;
    for (const file of files) {
      if (files.length === 1) break;
      const rows = await rowsOfFile(file);
      if (row < before + rows) return { source: file, row: row - before };
      before += rows;
    }
    return { source: files[0]!, row };
  };
}
