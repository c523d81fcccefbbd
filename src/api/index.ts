/** What a user holds: `pepnet()`, `dataset()`, `Run` and what they show. */
export type { AblationOptions, StudyProgress } from "./ablate.js";
export { CalibrationResult } from "./calibration-result.js";
export { ChartOutput } from "./chart-output.js";
export type { CheckpointOptions } from "./checkpoints.js";
export type { CompareOptions } from "./compare.js";
export { ComparisonResult } from "./comparison-result.js";
export { CounterfactualResult } from "./counterfactual-result.js";
export { DataCheck } from "./data-check.js";
export { DataSummary } from "./data-summary.js";
export {
  Dataset,
  type DatasetCheckOptions,
  type DatasetDescribeOptions,
  type DatasetSource,
  type DatasetSplitOptions,
  dataset,
  type OpenDataset,
} from "./dataset.js";
export { Displayable, type DisplayBundle } from "./display.js";
export type { EstimateOptions } from "./estimate.js";
export { type EstimatedMemory, type EstimateParts, EstimateResult, type Seconds } from "./estimate-result.js";
export type { EvaluationOptions, RowsByColumn } from "./evaluation-options.js";
export { EvaluationResult } from "./evaluation-result.js";
export { ExplanationResult } from "./explanation.js";
export { ExportResult } from "./export-result.js";
export { type ExportTorchEasyRecOptions, TorchEasyRecExport } from "./export-torcheasyrec.js";
export { FieldRankingResult } from "./field-ranking-result.js";
export type { FitOptions } from "./fit.js";
export type { FromTorchEasyRecOptions, TorchEasyRecFiles } from "./from-torcheasyrec.js";
export type { GateTableName } from "./gate-tables.js";
export { type GateChartName, GatesResult } from "./gates-result.js";
export { LearningCurvesResult } from "./learning-curves-result.js";
export { type LearningRateOptions, LearningRateResult } from "./learning-rate.js";
export { type LoadOptions, loadRun } from "./load-run.js";
export { modelFromSpec, type Pepnet, pepnet } from "./model.js";
export type * from "./model-types.js";
export { PreparedDataset, prepareMovielens, prepareTaobao } from "./prepare.js";
export type { ReportOptions, StudyReportOptions } from "./report.js";
export { ReportResult } from "./report-result.js";
export { Run, type RunParts } from "./run.js";
export type {
  RunCounterfactualOptions,
  RunExplainOptions,
  RunGatesOptions,
} from "./run-options.js";
export type { ReferenceColumns } from "./score-columns.js";
export { loadModel, ServedModel, type ServedModelOptions, type ServedPredictOptions } from "./served-model.js";
export { type PowerQuestion, Study, type StudyChartName, type StudyPower } from "./study.js";
export { TableOutput, type TableRows, table } from "./table-output.js";
