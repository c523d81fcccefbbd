/** Verbs of data sets. */
export { type PlotOptions, plot } from "./plot.js";
export type { ColumnName, RowOfColumns, RowOfObjects, RowOfTypes } from "./row-types.js";
export { sampleTable } from "./sample.js";
export type { Derived, Descending, ResultKind, ResultOf, SortBy, VerbsChain } from "./types.js";
export type { RowValue, RowValues } from "./values-condition.js";
export { assertNames, DataQuery, DataVerbs, GroupedRows, type OtherRows, rowsTable } from "./verbs.js";
