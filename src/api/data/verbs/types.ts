/** The arguments of verbs, and what verbs run on. */
import type { Row, Table } from "../../../data/index.js";
import type * as Query from "../../../data/query/index.js";
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
  /** The steps so far; they load with the first result. */
  readonly steps: readonly ((query: typeof Query) => Query.Step)[];
  /** Makes the result. */
  readonly finish: (result: VerbsResult) => Data;
}
