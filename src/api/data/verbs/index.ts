/** Verbs of data sets. */
export { type PlotOptions, plot } from "./plot.js";
export { sampleTable } from "./sample.js";
export type { Derived, Descending, SortBy, VerbsChain } from "./types.js";
export type { RowValue, RowValues } from "./values-condition.js";
export { DataQuery, DataVerbs, GroupedRows, type OtherRows } from "./verbs.js";
