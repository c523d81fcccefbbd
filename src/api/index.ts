/** The public API: `pepnet()`, `dataset()`, `Run` and their results. */

// Imported by file: the index of src/samples would load all code that opens and encodes data.
export { taobaoLike } from "../samples/generate/index.js";
export {
  type ColumnName,
  type DataChartName,
  DataCheck,
  DataQuery,
  DataSummary,
  Dataset,
  type DatasetCheckOptions,
  type DatasetDescribeOptions,
  type DatasetKind,
  type DatasetOptions,
  type DatasetSource,
  type DatasetSplitOptions,
  type DataTableName,
  DataVerbs,
  type Derived,
  type Descending,
  dataset,
  GroupedRows,
  type ModelLike,
  type OpenDataset,
  type OtherRows,
  type PlotOptions,
  plot,
  type ResultKind,
  type ResultOf,
  type RowOf,
  type RowValue,
  type RowValues,
  type SortBy,
} from "./data/index.js";
export {
  type AnyModel,
  type DomainColumn,
  type ListedVariantOf,
  type LoadOptions,
  loadRun,
  type Model,
  type ModelChange,
  modelFromSpec,
  type Needs,
  type Once,
  type Pepnet,
  pepnet,
  type Variants,
} from "./model/index.js";
export { PreparedDataset, prepareMovielens, prepareTaobao } from "./model/recipes/index.js";
export { type SuggestedColumn, SuggestedModel, type SuggestOptions, suggestModel } from "./model/suggest/index.js";
export {
  ChartOutput,
  Displayable,
  type DisplayBundle,
  Result,
  type ResultJson,
  ResultWithChart,
  TableOutput,
  type TableRows,
  table,
} from "./output/index.js";
export {
  ExportResult,
  loadModel,
  ServedModel,
  type ServedModelOptions,
  type ServedPredictOptions,
  type WritePredictionsOptions,
  type WrittenPredictions,
} from "./prediction/index.js";
export {
  type BaselineRun,
  type ReportedStudy,
  type ReportOptions,
  ReportResult,
  type StudyReportOptions,
} from "./report/index.js";
export * from "./results/index.js";
export {
  type CompareOptions,
  type EvaluationOptions,
  type ReferenceColumns,
  type RowsByColumn,
  Run,
  type RunChartName,
  type RunCompareOptions,
  type RunCounterfactualOptions,
  type RunExplainOptions,
  type RunFieldRankingOptions,
  type RunGatesOptions,
  RunRecord,
  type UserOptions,
} from "./run/index.js";
export {
  type AblationOptions,
  type BandPoint,
  type Baseline,
  type BestLevel,
  type BestPair,
  baselines,
  type ComparisonNoise,
  type Matters,
  type MmoeOptions,
  mmoe,
  type NamedBaseline,
  type PowerQuestion,
  type ResponseFit,
  type ResponsePoint,
  type SettingPair,
  Study,
  type StudyChartName,
  type StudyPower,
  type StudyProgress,
  type StudyResponse,
  type StudySurface,
  type StudyTableName,
  type SurfaceFit,
  type SurfacePoint,
  sharedBottom,
  singleDomain,
  type TrainedLevel,
  type TrainedPair,
} from "./study/index.js";
export {
  type ExportTorchEasyRecOptions,
  type FromTorchEasyRecOptions,
  TorchEasyRecExport,
  type TorchEasyRecFiles,
} from "./torcheasyrec/index.js";
export type { EstimatedMemory, EstimateOptions, EstimateParts, Seconds } from "./training/estimate/index.js";
export { EstimateResult } from "./training/estimate/index.js";
export type { CheckpointOptions, FeatureVectors, FitOptions, StartingVectors } from "./training/index.js";
export { type LearningRateOptions, LearningRateResult } from "./training/learning-rate/index.js";
