/** Columns of what data sets hold. */

export { type ColumnSummary, columnsSheet, isCompared, shareOf } from "./columns.js";
export { type LabelRate, labelRatesSheet, type PositiveRows } from "./label-rates.js";
