/** The arguments of verbs, and what verbs run on. */
import type { Row, Table } from "../../../data/index.js";
import type { Displayable } from "../../output/index.js";

/** A column to sort by in descending order. */
export interface Descending<Name extends string = string> {
  /** The column. */
  readonly desc: Name;
}

/** A column to sort by: ascending, or descending as `{ desc: name }`. Missing values come last. */
export type SortBy<Name extends string = string> = Name | Descending<Name>;

/** A new column: an SQL expression of the columns, or a function of a row. */
export type Derived<R = Row> = string | ((row: R) => unknown);

/** Which data sets verbs return, by the type of their rows: `data` is a type of `this["row"]`. */
export interface ResultKind {
  /** The type of the rows. */
  readonly row: unknown;
  /** The type of a data set with these rows. */
  readonly data: Displayable;
}

/** The data set of a kind with rows of type `R`. */
export type ResultOf<Kind extends ResultKind, R> = (Kind & {
  /** The type of the rows. */
  readonly row: R;
})["data"];

/** The result of verbs. @internal */
export interface VerbsResult {
  readonly table: Table;
  readonly notes: readonly string[];
}

/** What verbs run on. @internal */
export interface VerbsChain {
  /** The first rows. */
  readonly start: VerbsResult;
  /** The steps so far, functions of `data/query`, which loads with the first result; its types are DuckDB's. */
  readonly steps: readonly ((query: never) => unknown)[];
  /** Makes the result. */
  readonly finish: (result: VerbsResult) => Displayable;
}
