/** What a table reads from: something with columns that can be read again and again, in one row order. */
import type { ColumnInfo, RawColumn } from "../table/column.js";

/** Where a row came from. */
export interface RowPlace {
  /** File, or what else the rows came from. */
  readonly source: string;
  /** Row in that source, counted from 0. */
  readonly row: number;
}

/** Which rows a source holds. */
export interface SourceVersion {
  /** Equal only where the rows are. */
  readonly key: string;
  /** For people: where the rows come from, such as files with their sizes. */
  readonly about: string;
}

/** A source of rows. */
export interface Source {
  /** For people: a path, or `12 rows in memory`. */
  readonly name: string;
  /** Rows of the whole source. */
  readonly rows: number;
  /** In the source's order. */
  readonly columns: readonly ColumnInfo[];
  /** Columns of numbers that the source holds as text, and gives as text on demand (`asWritten`). */
  readonly written?: ReadonlySet<string>;
  /** What opening found worth knowing, such as files that lack a column. Default: nothing. */
  readonly notes?: readonly string[];
  /** Reads columns, at most the first `limit` rows; those in `asWritten` as text. */
  read(names: readonly string[], limit: number | null, asWritten?: readonly string[]): Promise<Map<string, RawColumn>>;
  /** Reads columns part by part, so that they need not be in memory at once; those in `asWritten` as text. */
  parts(names: readonly string[], asWritten?: readonly string[]): AsyncIterable<Map<string, RawColumn>>;
  /** What told these rows, when they were opened, from any others, another process's too; `null` where nothing does. */
  version(): Promise<SourceVersion | null>;
  /** Throws a DataError where the rows have changed since they were opened. */
  assertUnchanged(): Promise<void>;
  /** Where a row came from. */
  locate(row: number): Promise<RowPlace>;
}

/** Finds the place of a row in files that follow each other, by the rows that each has. */
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
