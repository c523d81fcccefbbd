/** Charts: pure functions from results to Plotly figures as plain JSON, each with the table of its numbers. */

export { aucBarsChart, aucTable } from "./auc-bars.js";
export { aucCurvesChart } from "./auc-curves.js";
export { type ColumnSummary, columnStatisticsChart } from "./column-statistics.js";
export { counterfactualsChart, counterfactualsTable } from "./counterfactuals.js";
export { type DistanceName, domainDistancesChart } from "./domain-distances.js";
export { domainVarianceChart } from "./domain-variance.js";
export { explainedVarianceChart } from "./explained-variance.js";
export { fieldGatesChart } from "./field-gates.js";
export type { Chart, Figure, PlotlyTrace } from "./figure.js";
export { gateHistogramsChart } from "./gate-histograms.js";
export { gateHistoryChart } from "./gate-history.js";
export { gateQuantilesChart, gateTable } from "./gate-quantiles.js";
export { gateSaturationChart } from "./gate-saturation.js";
export { gatesChart } from "./gates.js";
export { type LabelRate, labelRatesChart } from "./label-rates.js";
export { learningRateChart } from "./learning-rate.js";
export { lossChart } from "./losses.js";
export type { Cell, Table, TableColumn } from "./table.js";
export type { AucReference } from "./tasks.js";
export { keptEvaluation, runChart, trainingChart } from "./training.js";
