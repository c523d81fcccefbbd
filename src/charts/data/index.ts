/** Charts of data sets. */

export { columnStatisticsChart } from "./column-statistics.js";
export { driftChart } from "./drift.js";
export { labelRatesChart } from "./label-rates.js";
export { type PlotColumns, type PlotKind, type PlotValue, plotChart } from "./plot/index.js";
