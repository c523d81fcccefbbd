/** What a table reads from: something with columns that can be read again and again, in one row order. */
import type { ColumnInfo, RawColumn } from "../column.js";

/** Where a row came from. */
export interface RowPlace {
  /** File, or what else the rows came from. */
  readonly source: string;
  /** Row in that source, counted from 0. */
  readonly row: number;
}

/** A source of rows. */
export interface Source {
  /** For people: a path, or `12 rows in memory`. */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnInfo[];
  /** Reads columns, at most the first `limit` rows. */
  read(names: readonly string[], limit: number | null): Promise<Map<string, RawColumn>>;
  /** Where a row came from. */
  locate(row: number): Promise<RowPlace>;
}
