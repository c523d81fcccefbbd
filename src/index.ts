/**
 * The package `pepnet`: builders, data, training, gates and charts. Heavy parts load when they are used.
 *
 * @module pepnet
 */
/*
 * Types of modules that hold values too are named one by one: under TypeScript 5.0, the oldest supported,
 * `export type *` lets `import * as p; p.value` pass, and the value is not there.
 */

export type {
  BandPoint,
  BestLevel,
  FittedShape,
  ResponseFit,
  ResponsePoint,
  StudyResponse,
  TrainedLevel,
} from "./ablation/band.js";
export type {
  Dropped,
  FeatureSettings,
  GroupSettings,
  HalvingOptions,
  ModelSettings,
  ModuleSettings,
  SettingAxes,
  SettingRoot,
  SettingValues,
  SwitchSettings,
  TowerSettings,
  TrainSettings,
} from "./ablation/settings.js";
export type { StudyMetric } from "./ablation/statistics/metric-draws.js";
export type { Confidence } from "./ablation/statistics/power.js";
export type {
  ComparisonNoise,
  DifferenceNoise,
  Matters,
  VariantDifference,
  VariantVerdict,
  VerdictKind,
} from "./ablation/statistics/verdict.js";
export type {
  PlanExploration,
  PlanReport,
  StudyCell,
  StudyReport,
  StudyRun,
  StudyTask,
  StudyVariant,
  VariantTask,
} from "./ablation/study.js";
export type { StoppedVariant, StudyLook } from "./ablation/study-look.js";
export type { BestPair, SettingPair, StudySurface, SurfaceFit, SurfacePoint, TrainedPair } from "./ablation/surface.js";
export type { WritePredictionsOptions, WrittenPredictions } from "./api/columns.js";
export { ComparisonResult, CounterfactualResult, FieldRankingResult } from "./api/counterfactual.js";
export {
  Dataset,
  type DatasetCheckOptions,
  type DatasetDescribeOptions,
  type DatasetKind,
  type DatasetSource,
  type DatasetSplitOptions,
  type ModelLike,
} from "./api/data/dataset.js";
export { type DatasetOptions, dataset, type OpenDataset, type RowOf } from "./api/data/open.js";
export { type PlotOptions, plot } from "./api/data/plot.js";
export { type DataChartName, DataCheck, DataSummary, type DataTableName } from "./api/data/summary.js";
export type {
  ColumnName,
  Derived,
  Descending,
  ResultKind,
  ResultOf,
  RowValue,
  RowValues,
  SortBy,
} from "./api/data/types.js";
export { DataQuery, DataVerbs, GroupedRows, type OtherRows } from "./api/data/verbs.js";
export { Displayable, type DisplayBundle } from "./api/displayable.js";
export { CalibrationResult, type EvaluationChartName, EvaluationResult } from "./api/evaluation.js";
export { type ExportTorchEasyRecOptions, TorchEasyRecExport } from "./api/export.js";
export { ExplanationResult, type GateChartName, GatesResult, type GateTableName } from "./api/gates.js";
export type { FromTorchEasyRecOptions, TorchEasyRecFiles } from "./api/import.js";
export { type LoadOptions, loadRun } from "./api/model/load-run.js";
export { modelFromSpec, type Pepnet, pepnet } from "./api/model/model.js";
export { PreparedDataset, prepareMovielens, prepareTaobao } from "./api/model/prepare.js";
export { type SuggestOptions, suggestModel } from "./api/model/suggest-model.js";
export { type SuggestedColumn, SuggestedModel } from "./api/model/suggested-model.js";
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
} from "./api/model/types.js";
export type { BaselineRun, ReportedStudy, ReportOptions, StudyReportOptions } from "./api/report/options.js";
export { ReportResult } from "./api/report/report.js";
export { RunIndex, runs } from "./api/report/runs.js";
export {
  ChartOutput,
  Result,
  type ResultJson,
  ResultWithChart,
  TableOutput,
  type TableRows,
  table,
} from "./api/result.js";
export { Dial, type DialPart, type DialSetting, type MovedRowsOptions } from "./api/run/dial.js";
export type { DialGrid, DialReportOptions } from "./api/run/frames.js";
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
} from "./api/run/options.js";
export { LearningCurvesResult, type RunChartName, RunRecord } from "./api/run/record.js";
export { Run, type RunCompareOptions } from "./api/run/run.js";
export type { DialGammas } from "./api/run/widget.js";
export {
  ExportResult,
  loadModel,
  ServedModel,
  type ServedModelOptions,
  type ServedPredictOptions,
} from "./api/served-model.js";
export { PlannedStudy, type PlanOptions } from "./api/study/plan.js";
export {
  type PowerQuestion,
  Study,
  type StudyChartName,
  type StudyPower,
  type StudyTableName,
} from "./api/study/study.js";
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
} from "./api/study/variants.js";
export type { CheckpointOptions } from "./api/training/checkpoints.js";
export type { FeatureVectors, FitOptions, StartingVectors } from "./api/training/engines.js";
export type { EstimateOptions } from "./api/training/estimate.js";
export {
  type EstimatedMemory,
  type EstimateParts,
  EstimateResult,
  type Seconds,
} from "./api/training/estimate-result.js";
export { type LearningRateOptions, LearningRateResult } from "./api/training/learning-rate.js";
export {
  type ComboFeature,
  comboFeature,
  type EmbeddingOptions,
  type Feature,
  type FitOnOptions,
  type SequenceFeature,
  type SequenceOptions,
  sequenceFeature,
  type VocabOptions,
} from "./builder/feature.js";
export {
  type AgeFeatureOptions,
  ageFeature,
  type DateFeatureOptions,
  dateFeature,
  type IdFeature,
  idFeature,
} from "./builder/id-feature.js";
export {
  type CosineOptions,
  type CosineRestartsOptions,
  constant,
  cosine,
  cosineRestarts,
  type ExponentialDecayOptions,
  exponentialDecay,
  type Label,
  type LabelWithoutRule,
  label,
  type ManualStepsOptions,
  manualSteps,
  type WarmupOptions,
} from "./builder/learning-rates.js";
export {
  type AdadeltaOptions,
  type AdagradOptions,
  type AdamOptions,
  type AdamwOptions,
  adadelta,
  adagrad,
  adam,
  adamw,
  type DenseOptimizer,
  type Optimizer,
  type PartialRowwiseAdamOptions,
  partialRowwiseAdam,
  type RmspropOptions,
  type RowwiseAdagradOptions,
  rmsprop,
  rowwiseAdagrad,
  type SgdOptions,
  type SparseOptimizer,
  sgd,
} from "./builder/optimizers.js";
export {
  type AutodisOptions,
  missingFeature,
  type Normalizer,
  type RawFeature,
  rawFeature,
} from "./builder/raw-feature.js";
export {
  din,
  type EncoderOptions,
  multiWindowDin,
  pooling,
  type QueryOptions,
  type SequenceEncoder,
  selfAttention,
  simpleAttention,
} from "./builder/sequences.js";
export type { Declared, FeatureName, LabelName, MlpOptions, Tower } from "./builder/tower.js";
export type { EpnetOptions, GroupOptions, PpnetOptions, PresetName } from "./builder/with-modules.js";
export type { GradClippingOptions, PartOptimizerOptions, TrainOptions } from "./builder/with-training.js";
export type { ConfigPaths } from "./config/config-from-spec.js";
export type { ExampleRow, Finding, TableCheck } from "./data/check/reported.js";
export type { EncodeOptions } from "./data/encode/plan.js";
export type { HashSharing, LargerTable } from "./data/encode/sharing.js";
export type { BatchOptions } from "./data/encoded/batches.js";
export type {
  BagColumn,
  Batch,
  DataWarning,
  DenseColumn,
  EncodedData,
  FeatureColumn,
  IdColumn,
} from "./data/encoded/encoded.js";
export type { StorageOptions } from "./data/encoded/encoded-rows.js";
export type { EncodedRows, StreamedData } from "./data/encoded/streamed.js";
export type { HistoryOptions } from "./data/query/history.js";
export type { JoinOptions } from "./data/query/join.js";
export type { NegativesOptions } from "./data/query/negatives.js";
export type {
  ArqueroTableLike,
  ArrowFieldLike,
  ArrowSchemaLike,
  ArrowTableLike,
  ArrowTypeLike,
  ArrowVector,
  OtherTable,
  PolarsFrameLike,
  PolarsSeriesLike,
} from "./data/sources/arrow.js";
export type { CsvOptions, CsvType } from "./data/sources/csv/options.js";
export type { RowPlace, Source, SourceVersion } from "./data/sources/file-version.js";
export type { Columns, FrameLike } from "./data/sources/memory.js";
export type {
  ColumnSummary,
  DescribeOptions,
  DomainSummary,
  TableSummary,
  ValueCount,
} from "./data/summary/describe.js";
export type { ColumnDrift, DriftBin, DriftMeasure, DriftReport, LabelDrift } from "./data/summary/drift.js";
export type { RowGroups } from "./data/summary/drift-bins.js";
export type { LabelCounts, LeakColumns } from "./data/summary/label-counts.js";
export type { RowGroupOptions } from "./data/summary/row-groups.js";
export type { ColumnInfo, ColumnType, ListColumn, NumberColumn, RawColumn, TextColumn } from "./data/table/column.js";
export type { DanfoFrame, FrameClass } from "./data/table/danfo.js";
export type { SqlSource, TableSource } from "./data/table/open.js";
export type { SplitOptions } from "./data/table/split.js";
export type { Row, Table, TablePart } from "./data/table/table.js";
export type {
  AttentionValues,
  EmbeddingValues,
  Engine,
  EngineName,
  EngineOptions,
  EngineState,
  GateGammas,
  GateOverride,
  GateSite,
  GateValues,
  GradientPart,
  GradientPath,
  Gradients,
  ReadBatch,
  StepResult,
  TowerOutput,
  Weight,
  Weights,
} from "./engine/engine.js";
export {
  CheckpointError,
  ConfigError,
  DataError,
  EngineError,
  type NameKind,
  NotebookError,
  PepnetError,
  type Problem,
  type ProblemKind,
  SpecError,
  TrainError,
} from "./errors/index.js";
export type { CounterfactualOptions, CounterfactualReport } from "./gates/counterfactual.js";
export type {
  ChangedRow,
  ChangeInterval,
  CounterfactualEffect,
  Effect,
  EffectParts,
  TaskEffect,
} from "./gates/effects.js";
export type {
  ExplainedGate,
  ExplainedPosition,
  ExplainedTask,
  PositionWeight,
  RowExplanation,
} from "./gates/explain.js";
export type {
  FieldEffect,
  FieldQuestion,
  FieldRanking,
  FieldRankingOptions,
  TaskFields,
} from "./gates/field-ranking.js";
export {
  type DomainSwap,
  everyDomain,
  type FreezeOptions,
  freezeGate,
  type GateFreeze,
  type Intervention,
  interventionName,
  moduleOff,
  type SwapOptions,
  swapDomain,
} from "./gates/interventions.js";
export type { SampleOptions } from "./gates/sample.js";
export type {
  ColdGates,
  DomainDistances,
  EmbeddingProjection,
  EmbeddingsReport,
  ExplainedVariance,
  FieldGates,
  Gap,
  GateDifference,
  GateDifferences,
  GateInterval,
  GateReport,
  GateStatistics,
  GatesPoint,
  GatesReport,
  GateUnitDifference,
  GateUnitDifferences,
  GradientsReport,
} from "./gates/types.js";
export { aucsByGroup, exactAuc, type GroupAuc, groupedAuc, thresholdAuc } from "./metrics/auc.js";
export {
  type CalibrationBin,
  type CalibrationBins,
  type CalibrationCurve,
  type CalibrationOptions,
  type CalibrationRatio,
  type CalibrationReport,
  calibrationCurve,
  expectedCalibrationError,
  type TaskCalibration,
} from "./metrics/calibration-curve.js";
export {
  type ComparedCell,
  type Comparison,
  type ComparisonMethod,
  comparisonVerdict,
  type Difference,
  type TaskComparison,
  type Verdict,
} from "./metrics/comparison-verdict.js";
export type {
  AveragePrecision,
  CurveDecile,
  CurvePoint,
  ScoreBin,
  ScoreCurve,
  ScoreQuantiles,
  TaskCurves,
} from "./metrics/curve-types.js";
export { type AucDifference, deLong } from "./metrics/delong.js";
export type { CountedRows, Drift, RateDrift } from "./metrics/drift.js";
export { groupsApart, withGroupsApart } from "./metrics/intervals/apart.js";
export {
  type BootstrapOptions,
  bootstrap,
  difference,
  type Estimates,
  type Interval,
  quantile,
  rowWeights,
  type WeightedMetric,
  weightedAuc,
  weightedRatio,
} from "./metrics/intervals/bootstrap.js";
export {
  accuracy,
  boundedNormalizedEntropy,
  calibration,
  classLogLoss,
  logLoss,
  meanAbsoluteError,
  meanSquaredError,
  normalizedEntropy,
  pointClassLogLoss,
  pointLogLoss,
  rootMeanSquaredError,
  topKAccuracy,
} from "./metrics/intervals/drawn-cell.js";
export { criticalZ, differenceP, holm } from "./metrics/intervals/normal.js";
export {
  type Evaluated,
  type LearningCurves,
  learningCurves,
  type TaskLearningCurves,
} from "./metrics/learning-curves.js";
export { type MatrixCell, type MetricMatrix, metricGap, metricMatrix } from "./metrics/matrix.js";
export { multiclassAuc } from "./metrics/multiclass-auc.js";
export { groupedXauc, xauc } from "./metrics/ordered-pairs.js";
export { type ScoreCurveOptions, scoreCurve } from "./metrics/score-curve.js";
export { type StreamingAuc, type StreamingAucOptions, streamingAuc } from "./metrics/streaming-auc.js";
export type {
  ApartGroups,
  AucFloor,
  Evaluation,
  EvaluationGroups,
  IntervalMethod,
  MetricIntervals,
  MetricName,
  TaskEvaluation,
  TaskMeans,
  TaskMetrics,
  TimeWidth,
} from "./metrics/types.js";
export type { DisplayHandle, MimeBundle, NotebookDisplay } from "./port/notebook.js";
export type { Severity, Suggestion } from "./report/evaluation-rules.js";
export type { SectionName } from "./report/sections.js";
export type { OracleAuc } from "./samples/generate/rows.js";
export type { DomainEffects, TaobaoOptions } from "./samples/generate/settings.js";
export { type TaobaoArrays, type TaobaoLog, taobaoLike } from "./samples/generate/taobao.js";
export { movielens100k, movielensDomains, movielensSizes } from "./samples/movielens.js";
export type { MovielensRecipeOptions } from "./samples/movielens-large.js";
export type { TaobaoRecipeOptions } from "./samples/taobao.js";
export type { PreparedData, RecipeStep } from "./samples/workspace.js";
export type {
  Encoder,
  EncodersFile,
  FeatureEncoder,
  IdsEncoder,
  RowsRule,
  SequenceColumnEncoder,
  ServedOutput,
  ValuesEncoder,
} from "./serve/encoder-types.js";
export type { ExportedModel } from "./serve/export.js";
export type { OpenModel } from "./serve/served-model.js";
export type {
  AgeRule,
  ComparisonRule,
  DatePart,
  DatePartRule,
  DerivedColumn,
  DerivedColumns,
  EqualityRule,
  TimeUnit,
} from "./spec/feature/derived.js";
export type {
  ComboFeatureSpec,
  FeatureSpec,
  FitRows,
  GeneratedColumn,
  IdEncoding,
  IdFeatureSpec,
  NumberFit,
  NumberProjection,
  OtherFeatureSpec,
  Pooling,
  RawFeatureSpec,
} from "./spec/feature/feature.js";
export type { FitSource } from "./spec/feature/fit.js";
export type {
  DinEncoderSpec,
  GroupSequences,
  MultiWindowDinSpec,
  PoolingEncoderSpec,
  SelfAttentionSpec,
  SequenceEncoderSpec,
  SequenceGroupSpec,
  SequenceSpec,
  SimpleAttentionSpec,
} from "./spec/feature/sequence.js";
export type { CustomLayer, LayerField, LayerInput, LayerParameter } from "./spec/layer.js";
export type { KnownLoss, LossSpec } from "./spec/losses/index.js";
export type { MemoryItem, ModelSize, ModuleSize } from "./spec/memory.js";
export type { KnownMetric, MetricSpec } from "./spec/metrics/index.js";
export type { MlpSpec } from "./spec/mlp.js";
export type {
  BaselineSpec,
  DomainsSpec,
  EpnetSpec,
  GroupName,
  GroupSpec,
  ModelSpec,
  PpnetSpec,
  SwitchesSpec,
  TaskSpaceSpec,
  TowerSpec,
} from "./spec/model.js";
export type { TableSize } from "./spec/sizes.js";
export type {
  DenseOptimizerSpec,
  GradClippingSpec,
  GradientClip,
  LearningRateSpec,
  PartOptimizerSpec,
  SparseOptimizerSpec,
  TablePlacement,
  TrainingSpec,
} from "./spec/training.js";
export type { EvaluateOptions, Predictions } from "./train/evaluate.js";
export type { LearningRatePoint, LearningRateSweep, SweepRange, SweptRates } from "./train/learning-rate.js";
export type {
  BestState,
  EarlyStopping,
  StepReport,
  TrainCheckpoint,
  TrainLoopOptions,
  TrainLoopResult,
} from "./train/loop/early-stopping.js";
export type { ExplodedGradients, OnNonFinite } from "./train/loop/faulty-steps.js";
export type {
  EvaluationPoint,
  History,
  HistoryPoint,
  PendingStep,
  Progress,
  TrainProgress,
} from "./train/loop/recorder.js";
export type { AucMethod, IntervalOptions, UserColumn } from "./train/measure/task-rows.js";
export type { RecordedRows, SavedCheckpoint } from "./train/saved/checkpoint.js";
export type { SavedRun } from "./train/saved/run.js";
export type { ExistingRun } from "./train/saved/series.js";
export type { ParameterMap } from "./train/saved/weights.js";
export type { Json, JsonObject, Random, RandomState } from "./util/random.js";
export type { PlotKind } from "./views/data/plot.js";
export type { Cell, Table as ChartTable, TableColumn } from "./views/format.js";
export type { PositionValues } from "./views/gates/explanation.js";
export type { AucReference } from "./views/names.js";
export type { IndexedRun } from "./views/saved-runs.js";
export type { Chart, Figure, PlotlyTrace, SheetRecord } from "./views/view.js";
export { type ClickListener, clickChannel } from "./widgets/clicks.js";
export {
  Box,
  Button,
  type ButtonOptions,
  button,
  column,
  row,
  Select,
  type SelectOptions,
  Slider,
  type SliderOptions,
  select,
  slider,
  TextInput,
  type TextOptions,
  Toggle,
  type ToggleOptions,
  text,
  toggle,
} from "./widgets/controls.js";
export { type ChangeListener, type InputOptions, InputWidget, Widget } from "./widgets/input.js";
export { type AnyInput, Live, type LiveInputs, type LiveValues, live } from "./widgets/live.js";
export type { StateValue, WidgetState } from "./widgets/model.js";
export { anywidget, type ModuleOptions, ModuleWidget } from "./widgets/module.js";

// By their files: the folder's index would load all that opens and encodes data.
