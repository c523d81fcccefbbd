/** Charts: pure functions from results to Plotly figures as plain JSON, each with the table of its numbers. */

export type { AucReference, Cell, Table, TableColumn } from "../tables/index.js";
export {
  columnStatisticsChart,
  driftChart,
  labelRatesChart,
  type PlotColumns,
  type PlotKind,
  type PlotValue,
  plotChart,
} from "./data/index.js";
export { modelDiagramChart } from "./diagram/index.js";
export { counterfactualsChart, fieldRankingChart, movedRowsChart, positionsChart } from "./effects/index.js";
export {
  aucByDomainChart,
  coldRowsChart,
  differencesChart,
  domainScoresChart,
  drillDownChart,
  liftChart,
  metricMatrixChart,
  overTimeChart,
  precisionChart,
  reliabilityChart,
  rocChart,
  scoresChart,
  seesawChart,
} from "./evaluation/index.js";
export type { Chart, Figure, PlotlyTrace } from "./figure.js";
export {
  domainDistancesChart,
  domainVarianceChart,
  embeddingMapChart,
  explainedVarianceChart,
  fieldGatesChart,
  gateDifferencesChart,
  gateHistogramsChart,
  gateHistoryChart,
  gateQuantilesChart,
  gateSaturationChart,
  gatesChart,
} from "./gates/index.js";
export {
  type DialPosition,
  dialResponsesChart,
  studyCurvesChart,
  studyDomainsChart,
  studyForestChart,
  studyGatesChart,
  studyResponsesChart,
  studySurfacesChart,
} from "./studies/index.js";
export { plotText, shortenAll } from "./theme/index.js";
export {
  aucCurvesChart,
  indexedRunsChart,
  keptEvaluation,
  learningCurvesChart,
  learningRateChart,
  lossChart,
  runChart,
  trainingChart,
} from "./training/index.js";
