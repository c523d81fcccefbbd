// Imported by file: the index of src/samples would load all code that opens and encodes data.

export type {
  BandPoint,
  BestLevel,
  FittedShape,
  ResponseFit,
  ResponsePoint,
  StudyResponse,
  TrainedLevel,
} from "../ablation/band.js";
export type { ComparisonNoise, Matters } from "../ablation/statistics/verdict.js";
export type { PlanExploration, PlanReport } from "../ablation/study.js";
export type { StoppedVariant, StudyLook } from "../ablation/study-look.js";
export type {
  BestPair,
  SettingPair,
  StudySurface,
  SurfaceFit,
  SurfacePoint,
  TrainedPair,
} from "../ablation/surface.js";
export { taobaoLike } from "../samples/generate/taobao.js";
export type { WritePredictionsOptions, WrittenPredictions } from "./columns.js";
export { ComparisonResult, CounterfactualResult, FieldRankingResult } from "./counterfactual.js";
export {
  Dataset,
  type DatasetCheckOptions,
  type DatasetDescribeOptions,
  type DatasetKind,
  type DatasetSource,
  type DatasetSplitOptions,
  type ModelLike,
} from "./data/dataset.js";
export { type DatasetOptions, dataset, type OpenDataset, type RowOf } from "./data/open.js";
export { type PlotOptions, plot } from "./data/plot.js";
export { DataCheck, DataSummary } from "./data/summary.js";
export type {
  ColumnName,
  Derived,
  Descending,
  ResultKind,
  ResultOf,
  RowValue,
  RowValues,
  SortBy,
} from "./data/types.js";
export { DataQuery, DataVerbs, GroupedRows, type OtherRows } from "./data/verbs.js";
export { Displayable, type DisplayBundle } from "./displayable.js";
export { CalibrationResult, EvaluationResult } from "./evaluation.js";
export { type ExportTorchEasyRecOptions, TorchEasyRecExport } from "./export.js";
export { ExplanationResult, GatesResult } from "./gates.js";
export type { FromTorchEasyRecOptions, TorchEasyRecFiles } from "./import.js";
export { type LoadOptions, loadRun } from "./model/load-run.js";
export { modelFromSpec, type Pepnet, pepnet } from "./model/model.js";
export { PreparedDataset, prepareMovielens, prepareTaobao } from "./model/prepare.js";
export { type SuggestOptions, suggestModel } from "./model/suggest-model.js";
export { type SuggestedColumn, SuggestedModel } from "./model/suggested-model.js";
export type {
  AnyModel,
  DomainColumn,
  ListedVariantOf,
  Model,
  ModelChange,
  Needs,
  Once,
  PlannedStudyOf,
  Variants,
} from "./model/types.js";
export type { BaselineRun, ReportedStudy, ReportOptions, StudyReportOptions } from "./report/options.js";
export { ReportResult } from "./report/report.js";
export { RunIndex, runs } from "./report/runs.js";
export { ChartOutput, Result, type ResultJson, ResultWithChart, TableOutput, type TableRows, table } from "./result.js";
export { Dial, type DialPart, type DialSetting, type MovedRowsOptions } from "./run/dial.js";
export type { DialGrid, DialReportOptions } from "./run/frames.js";
export type {
  CompareOptions,
  DialOptions,
  EvaluationOptions,
  ReferenceColumns,
  RowsByColumn,
  RunCounterfactualOptions,
  RunExplainOptions,
  RunFieldRankingOptions,
  RunGatesOptions,
  UserOptions,
} from "./run/options.js";
export { LearningCurvesResult, RunRecord } from "./run/record.js";
export { Run, type RunCompareOptions } from "./run/run.js";
export type { DialGammas } from "./run/widget.js";
export {
  ExportResult,
  loadModel,
  ServedModel,
  type ServedModelOptions,
  type ServedPredictOptions,
} from "./served-model.js";
export { PlannedStudy, type PlanOptions } from "./study/plan.js";
export { type PowerQuestion, Study, type StudyPower } from "./study/study.js";
export {
  type AblationOptions,
  type Baseline,
  baselines,
  type GateRows,
  type ListedVariant,
  type MmoeOptions,
  type ModelFunction,
  mmoe,
  type NamedBaseline,
  type SeedLimit,
  type StudyProgress,
  sharedBottom,
  singleDomain,
  type WrittenVariants,
} from "./study/variants.js";
export type { CheckpointOptions } from "./training/checkpoints.js";
export type { FeatureVectors, FitOptions, StartingVectors } from "./training/engines.js";
export type { EstimateOptions } from "./training/estimate.js";
export { type EstimatedMemory, type EstimateParts, EstimateResult, type Seconds } from "./training/estimate-result.js";
export { type LearningRateOptions, LearningRateResult } from "./training/learning-rate.js";
