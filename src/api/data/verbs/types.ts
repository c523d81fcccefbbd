/** The arguments of verbs, and what verbs run on. */
import type { Row, Table } from "../../../data/index.js";
import type { Displayable } from "../../output/index.js";

/** A column to sort by in descending order. */
export interface Descending {
  /** The column. */
  readonly desc: string;
}

/** A column to sort by: ascending, or descending as `{ desc: name }`. Missing values come last. */
export type SortBy = string | Descending;

/** A new column: an SQL expression of the columns, or a function of a row. */
export type Derived = string | ((row: Row) => unknown);

/** The result of verbs. @internal */
export interface VerbsResult {
  readonly table: Table;
  readonly notes: readonly string[];
}

/** What verbs run on. @internal */
export interface VerbsChain<Data extends Displayable> {
  /** The first rows. */
  readonly start: VerbsResult;
  /** The steps so far, functions of `data/query`, which loads with the first result; its types are DuckDB's. */
  readonly steps: readonly ((query: never) => unknown)[];
  /** Makes the result. */
  readonly finish: (result: VerbsResult) => Data;
}
