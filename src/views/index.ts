/** Views of results: typed columns and Plotly figures, with their names and docs. */

export {
  type ColumnSummary,
  columnStatisticsChart,
  columnsSheet,
  hasValues,
  isCompared,
  shareOfRows,
  unseenColumns,
  valueBars,
} from "./data/columns.js";
export { driftChart, driftSheet, rateShare, sortedDrift } from "./data/drift.js";
export { type LabelRate, labelRatesChart, labelRatesSheet, type PositiveRows } from "./data/label-rates.js";
export {
  type PlotColumns,
  type PlotData,
  type PlotKind,
  type PlotSeries,
  type PlotValue,
  plotChart,
  plotData,
} from "./data/plot.js";
export { findingsSheet, hashedFeaturesSheet, positiveRatesSheet, summarySheet } from "./data/summary.js";
export { blocksSheet, modelDiagramChart } from "./diagram.js";
export { calibrationSheet, reliabilityChart } from "./evaluation/calibration.js";
export { coldRowsChart, matrixSheet, metricMatrixChart } from "./evaluation/cold-rows.js";
export {
  type ComparedPlace,
  comparedPlaces,
  comparisonSheet,
  differencesChart,
  seesawChart,
  VERDICTS,
} from "./evaluation/comparison.js";
export {
  type CellLook,
  type CellLooks,
  type CurveCell,
  type CurveKind,
  type CurveRow,
  type CurveTask,
  type CurveValue,
  cellLooks,
  curvePointsSheet,
  curveRows,
  curveTasks,
  precisionChart,
  rocChart,
  threshold,
} from "./evaluation/curves.js";
export {
  type AucRowsOptions,
  aucByDomainChart,
  aucRows,
  type Extreme,
  evaluationSheet,
  lowestAuc,
  lowestGroup,
  type RankedGroup,
} from "./evaluation/evaluation.js";
export {
  drillDownChart,
  drillDownSheet,
  type GroupCell,
  type GroupCells,
  type GroupWords,
  groupCells,
  groupMetrics,
  groupNoun,
  groupRates,
  groupsFindings,
  groupsSheet,
} from "./evaluation/groups.js";
export { liftChart, liftSheet } from "./evaluation/lift.js";
export { overTimeChart } from "./evaluation/over-time.js";
export {
  domainScoresChart,
  logOdds,
  logOddsAxis,
  probability,
  scoreBinsSheet,
  scoreQuantilesSheet,
  scoresChart,
} from "./evaluation/scores.js";
export {
  bulletsMarkdown,
  type Cell,
  cellText,
  columnAlign,
  type Table,
  type TableColumn,
  type TableOptions,
  tableHtml,
  tableMarkdown,
  tableText,
} from "./format.js";
export {
  BETWEEN,
  changeVerdict,
  counterfactualsChart,
  counterfactualsSheet,
  effectDomains,
  isBeyondNoise,
  mainChange,
  WITHIN,
} from "./gates/counterfactuals.js";
export {
  fieldRankingChart,
  fieldRankingSheet,
  gateDifferencesChart,
  gateDifferencesSheet,
  placeName,
  WHOLE_CHANGE,
} from "./gates/differences.js";
export {
  DISTANCES,
  type DistanceName,
  distancesSheet,
  domainDistancesChart,
  gatesWithDistances,
} from "./gates/distances.js";
export { embeddingMapChart, embeddingsSheet } from "./gates/embeddings.js";
export {
  explainedTasksSheet,
  explanationSheet,
  type PositionValues,
  positionsChart,
  positionsSheet,
} from "./gates/explanation.js";
export {
  type FieldGatesOptions,
  fieldDomains,
  fieldGatesChart,
  fieldGatesPanel,
  fieldGatesSheet,
  fieldGatesTitle,
  fieldsHeight,
  gateHistoryChart,
  gateHistorySheet,
} from "./gates/fields.js";
export {
  coldGatesSheet,
  gateGapsSheet,
  gateSaturationChart,
  gatesChart,
  gradientPathsSheet,
  gradientsSheet,
} from "./gates/gates.js";
export { gateHistogramsChart, histogramsSheet } from "./gates/histograms.js";
export {
  type GateQuantilesOptions,
  gateQuantilesChart,
  gateQuantilesPanel,
  gateStatisticsSheet,
  quantileColumns,
  quantilesTitle,
  siteColumns,
} from "./gates/statistics.js";
export {
  domainVarianceChart,
  domainVariancePanel,
  domainVarianceSheet,
  explainedVarianceChart,
  explainedVarianceSheet,
  varianceTitle,
} from "./gates/variance.js";
export {
  aucTitle,
  curvesRows,
  historySheet,
  keptEvaluation,
  keptSheet,
  lossChart,
  lossEnds,
  lossPanel,
  lossSheet,
  lossTitle,
  type MeanLoss,
  runChart,
  taskLossNames,
  trainingChart,
} from "./history.js";
export { aucCurvesChart, aucPanels, learningCurvesChart, learningCurvesSheet } from "./learning-curves.js";
export {
  ALL_ROWS,
  type AucReference,
  byTaskAndDomain,
  capital,
  comparedVariants,
  domainColumns,
  domainNames,
  drawnDomains,
  findReference,
  groupNames,
  groupStatistics,
  intervalUnit,
  levelText,
  type MetricText,
  metricName,
  metricOfAll,
  metricText,
  nameDomains,
  namesByDomain,
  planMark,
  seedsText,
  shortSiteName,
  type TaskDomain,
  taskColumns,
  taskName,
} from "./names.js";
export {
  type IndexedRun,
  indexedRunsChart,
  indexedRunsSheet,
  indexedTasks,
  learningRateChart,
  learningRateSheet,
} from "./saved-runs.js";
export { peakConclusions, planConclusions, studyConclusions, studyDomainsChart } from "./studies/conclusions.js";
export {
  type DialPosition,
  dialResponsesChart,
  dialSheet,
  type MovedRow,
  type MovedRows,
  movedRowsChart,
  movedRowsSheet,
} from "./studies/dial.js";
export {
  gateSites,
  studyGatesChart,
  studyGatesSheet,
  type VariantGate,
  variantGate,
  variantsWithGates,
} from "./studies/gates.js";
export {
  bestPairText,
  bestText,
  type CurvePoint,
  curvePoints,
  differencesRange,
  pairName,
  responseConclusions,
  responsePanel,
  studyCurvesChart,
  studyCurvesSheet,
  studyResponsePointsSheet,
  studyResponsesChart,
  studyResponsesSheet,
  studySurfacesSheet,
} from "./studies/responses.js";
export {
  drawnParts,
  mostDomains,
  studyCells,
  studyDomainsSheet,
  studyForestChart,
  studyRunsSheet,
  studySheet,
  type VariantLook,
  variantLook,
} from "./studies/study.js";
export { studySurfacesChart } from "./studies/surfaces.js";
export { plotText, shortenAll } from "./theme.js";
export {
  type Chart,
  type Column,
  type ColumnKind,
  col,
  type Figure,
  makeSheet,
  type PlotlyTrace,
  type Sheet,
  type SheetColumn,
  type SheetRecord,
  sheetRecords,
  sheetTable,
  tableSheet,
} from "./view.js";
