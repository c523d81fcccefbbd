/** Columns of data set results. */

export { type ColumnSummary, columnsSheet, isCompared, shareOfRows } from "./columns.js";
export { driftSheet, rateShare, sortedDrift } from "./drift.js";
export { findingsSheet } from "./findings.js";
export { type LabelRate, labelRatesSheet, type PositiveRows } from "./label-rates.js";
export { hashedFeaturesSheet, positiveRatesSheet, summarySheet } from "./summary.js";
