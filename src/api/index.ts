/** What a user holds: `pepnet()`, `dataset()`, `Run` and what they show. */

export { DataCheck } from "./data/check.js";
export {
  Dataset,
  type DatasetCheckOptions,
  type DatasetDescribeOptions,
  type DatasetOptions,
  type DatasetSource,
  type DatasetSplitOptions,
  dataset,
  type OpenDataset,
} from "./data/dataset.js";
export { DataSummary } from "./data/summary.js";
export { type LoadOptions, loadRun } from "./model/load-run.js";
export { modelFromSpec, type Pepnet, pepnet } from "./model/model.js";
export { PreparedDataset, prepareMovielens, prepareTaobao } from "./model/recipes/prepare.js";
export type * from "./model/types.js";
export { ChartOutput } from "./output/chart.js";
export { Displayable, type DisplayBundle } from "./output/displayable.js";
export type { GateTableName } from "./output/gate-tables.js";
export { TableOutput, type TableRows, table } from "./output/table.js";
export { ExportResult } from "./prediction/exported.js";
export {
  loadModel,
  ServedModel,
  type ServedModelOptions,
  type ServedPredictOptions,
} from "./prediction/served-model.js";
export type { ReportOptions, StudyReportOptions } from "./report/report.js";
export { ReportResult } from "./report/result.js";
export { CalibrationResult } from "./results/calibration.js";
export { ComparisonResult } from "./results/comparison.js";
export { CounterfactualResult } from "./results/counterfactual.js";
export { EvaluationResult } from "./results/evaluation.js";
export { ExplanationResult } from "./results/explanation.js";
export { FieldRankingResult } from "./results/field-ranking.js";
export { type GateChartName, GatesResult } from "./results/gates.js";
export { LearningCurvesResult } from "./results/learning-curves.js";
export type { CompareOptions } from "./run/compare.js";
export type { EvaluationOptions, RowsByColumn } from "./run/evaluation-options.js";
export type { FitOptions } from "./run/fit.js";
export type {
  RunCounterfactualOptions,
  RunExplainOptions,
  RunGatesOptions,
} from "./run/options.js";
export { Run, type RunParts } from "./run/run.js";
export type { ReferenceColumns } from "./run/score-columns.js";
export type { AblationOptions, StudyProgress } from "./study/ablate.js";
export { type PowerQuestion, Study, type StudyChartName, type StudyPower } from "./study/study.js";
export { type ExportTorchEasyRecOptions, TorchEasyRecExport } from "./torcheasyrec/export.js";
export type { FromTorchEasyRecOptions, TorchEasyRecFiles } from "./torcheasyrec/import.js";
export type { CheckpointOptions } from "./training/checkpoints.js";
export type { EstimateOptions } from "./training/estimate/estimate.js";
export { type EstimatedMemory, type EstimateParts, EstimateResult, type Seconds } from "./training/estimate/result.js";
export { type LearningRateOptions, LearningRateResult } from "./training/learning-rate.js";
