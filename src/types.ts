/** `pepnet/types`: types of the parts of results, specs and options. `*`: all of the file. @module pepnet/types */

export type { BestLevel, ResponseFit, ResponsePoint, ResponseTrend, StudyResponse } from "./ablation/response.js";
export type * from "./ablation/settings.js";
export type { StudyMetrics } from "./ablation/statistics/metric-draws.js";
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
  CollapsedRuns,
  ModelAuc,
  PlanExploration,
  PlanReport,
  StudyCell,
  StudyRun,
  StudyTask,
  StudyVariant,
  VariantTask,
} from "./ablation/study.js";
export type { StoppedVariant, StudyLook } from "./ablation/study-look.js";
export type { Transfer, TransferHelp, TransferSource, TransferTask } from "./ablation/transfer.js";
export type { ColumnsOf, DatasetKind, ModelLike, OpenDataset, RowOf } from "./api/data/dataset.js";
export type { ColumnName, Derived, Descending, ResultKind, ResultOf, RowValues, SortBy } from "./api/data/types.js";
export type { DataVerbs, OtherRows } from "./api/data/verbs.js";
export type { TorchEasyRecFiles } from "./api/model/model.js";
export type { SuggestedColumn } from "./api/model/suggested-model.js";
export type { SuggestedPriors } from "./api/model/suggested-priors.js";
export type {
  DomainColumn,
  ListedVariantOf,
  NamesOfRun,
  NamesOfStudy,
  NamesOfTransfer,
  NamesOfVariants,
  Needs,
  Once,
  PlannedStudyOf,
} from "./api/model/types.js";
export type { NamedSpec, ReferenceColumns, RunNames, StudyNames } from "./api/names.js";
export type { BaselineRun } from "./api/report-options.js";
export type { DisplayBundle, ResultJson, ResultWithChart, TableRows } from "./api/result.js";
export type { DialGrid, DialPart, DialSetting, MovedRowsOptions } from "./api/run/dial.js";
export type { DialGammas } from "./api/run/dial-state.js";
export type { ReportedStudy, RowsByColumn, UserOptions } from "./api/run/options.js";
export type { WrittenPredictions } from "./api/stream.js";
export type { PowerQuestion, StudyPower } from "./api/study/study.js";
export type {
  Baseline,
  BaselineName,
  BaselineNames,
  ListedVariant,
  ModelFunction,
  NamedBaseline,
  SeedLimit,
  StudyProgress,
  WrittenVariants,
} from "./api/study/variants.js";
export type { EngineChoice, FeatureVectors, StartingVectors } from "./api/training/engines.js";
export type { EstimatedMemory, EstimateParts, Seconds } from "./api/training/estimate.js";
export type { LabelWithoutRule } from "./builder/learning-rates.js";
export type { Normalizer } from "./builder/raw-feature.js";
export type { Declared, FeatureName, LabelName } from "./builder/tower.js";
export type { ConfigPaths } from "./config/config-from-spec.js";
export type { TableCheck } from "./data/check/reported.js";
export type { EncodeOptions } from "./data/encode/plan.js";
export type { HashSharing, LargerTable } from "./data/encode/sharing.js";
export type { BatchOptions } from "./data/encoded/batches.js";
export type * from "./data/encoded/encoded.js";
export type { StorageOptions } from "./data/encoded/encoded-rows.js";
export type { EncodedRows, StreamedData } from "./data/encoded/streamed.js";
export type { CsvType } from "./data/sources/csv/options.js";
export type { PartReading, RowPlace, Source, SourceVersion } from "./data/sources/file-version.js";
export type { FrameLike } from "./data/sources/memory.js";
export type {
  ColumnSummary,
  DescribeOptions,
  DomainSummary,
  TableSummary,
  ValueCount,
  ValueRange,
} from "./data/summary/describe.js";
export type { ColumnDrift, DriftBin, DriftMeasure, DriftReport, LabelDrift } from "./data/summary/drift.js";
export type { LabelCounts, LeakColumns, PositiveCounts } from "./data/summary/label-counts.js";
export type { RowGroupOptions, RowGroups } from "./data/summary/row-groups.js";
export type {
  ColumnInfo,
  ColumnType,
  ListColumn,
  NumberColumn,
  RawColumn,
  ScalarColumn,
  TextColumn,
} from "./data/table/column.js";
export type { FrameClass } from "./data/table/danfo.js";
export type { SqlSource } from "./data/table/open.js";
export type { Roles } from "./data/table/roles.js";
export type { SplitOptions } from "./data/table/split.js";
export type { Table, TablePart } from "./data/table/table.js";
export type { UnitName, Untestable } from "./domains/evidence.js";
export type { ChangedField, DomainScreen, PairKind, ScreenedCandidate, UntestedPair } from "./domains/screen.js";
export type * from "./engine/engine.js";
export type { ExampleRow, Finding, Severity } from "./errors/finding.js";
export type { NameKind } from "./errors/index.js";
export type { AuditOptions } from "./gates/audit.js";
export type {
  Audit,
  AuditCheck,
  AuditCheckName,
  AuditPlace,
  CheckNames,
} from "./gates/audit-checks.js";
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
export type { FieldGroup } from "./gates/field-groups.js";
export type { GroupImportance, Importance, ImportanceCell, ImportanceOptions } from "./gates/importance.js";
export type { SampleOptions } from "./gates/sample.js";
export type * from "./gates/types.js";
export type { GroupAuc } from "./metrics/auc.js";
export type {
  CalibrationBin,
  CalibrationBins,
  CalibrationCurve,
  CalibrationOptions,
  CalibrationRatio,
  CalibrationReport,
  TaskCalibration,
} from "./metrics/calibration-curve.js";
export type {
  ComparedCell,
  Comparison,
  ComparisonMethod,
  Difference,
  TaskComparison,
  Verdict,
} from "./metrics/comparison-verdict.js";
export type * from "./metrics/curve-types.js";
export type { AucDifference } from "./metrics/delong.js";
export type { CountedRows, Drift, RateDrift } from "./metrics/drift.js";
export type { Evaluated, LearningCurves, TaskLearningCurves } from "./metrics/learning-curves.js";
export type { PlattLine } from "./metrics/platt.js";
export type { ScoreCurveOptions } from "./metrics/score-curve.js";
export type * from "./metrics/types.js";
export type { MemoryItem } from "./nn/plan/memory.js";
export type { ModelSize, ModuleSize } from "./nn/plan/size.js";
export type { DisplayHandle, MimeBundle, NotebookDisplay, TimePlaces } from "./port/notebook.js";
export type { SectionName } from "./report/sections.js";
export type { OracleAuc } from "./samples/generate/rows.js";
export type { DomainEffects } from "./samples/generate/settings.js";
export type { TaobaoArrays } from "./samples/generate/taobao.js";
export type {
  Encoder,
  EncodersFile,
  ExportedModel,
  FeatureEncoder,
  IdsEncoder,
  RowsRule,
  SequenceColumnEncoder,
  ServedOutput,
  ValuesEncoder,
} from "./serve/encoder-types.js";
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
  FitSource,
  GeneratedColumn,
  IdEncoding,
  IdFeatureSpec,
  NumberFit,
  NumberProjection,
  OtherFeatureSpec,
  Pooling,
  RawFeatureSpec,
} from "./spec/feature/feature.js";
export type * from "./spec/feature/sequence.js";
export type { LayerField, LayerInput, LayerParameter } from "./spec/layer.js";
export type { KnownLoss, LossSpec } from "./spec/losses.js";
export type { KnownMetric, MetricSpec, TrainMetricDecay, TrainMetricSpec } from "./spec/metrics.js";
export type { MlpSpec } from "./spec/mlp.js";
export type {
  BaselineSpec,
  DomainsSpec,
  EpnetSpec,
  GroupName,
  GroupSpec,
  PpnetSpec,
  SwitchesSpec,
  TaskSpaceSpec,
  TowerSpec,
} from "./spec/model.js";
export type { TableSize } from "./spec/sizes.js";
export type {
  AccumulatingOptimizer,
  BaseOptimizer,
  BaseSchedule,
  DecayingOptimizer,
  DenseOptimizerSpec,
  GradClippingSpec,
  GradientClip,
  LearningRateSpec,
  MomentOptimizer,
  OtherSpec,
  PartOptimizerSpec,
  SparseOptimizerSpec,
  StableOptimizer,
  TablePlacement,
  TrainingSpec,
  WarmupSchedule,
} from "./spec/training.js";
export type { EvaluateOptions } from "./train/evaluate.js";
export type {
  BestState,
  EarlyStopping,
  Monitor,
  StepReport,
  TrainCheckpoint,
  TrainLoopOptions,
  TrainLoopResult,
} from "./train/loop/early-stopping.js";
export type { ExplodedGradients, OnNonFinite } from "./train/loop/faulty-steps.js";
export type { EvaluationPoint, HistoryPoint, PendingStep, TrainProgress } from "./train/loop/recorder.js";
export type { TrainMetricState, TrainMetricStates } from "./train/loop/train-metrics.js";
export type { IntervalOptions, UserColumn } from "./train/measure/task-rows.js";
export type { UserMetric, UserMetrics } from "./train/measure/user-metrics.js";
export type { RecalibratedRows, RecalibratedTask, Recalibration } from "./train/recalibrate.js";
export type { RecordedRows, SavedCheckpoint, SavedRun } from "./train/saved/run.js";
export type { ExistingRun } from "./train/saved/series.js";
export type { ParameterMap } from "./train/saved/weights.js";
export type { RunChange, TrainingRecord, TrainingStart } from "./train/training-record.js";
export type { Json, JsonObject, Random, RandomState } from "./util/random.js";
export type { Cell, Table as ChartTable, TableColumn } from "./views/format.js";
export type { PositionValues } from "./views/gates/explanation.js";
export type {
  AuditTableName,
  DataChartName,
  DataTableName,
  EvaluationChartName,
  GateChartName,
  GateTableName,
  RunChartName,
  StudyChartName,
  StudyTableName,
  ViewNames,
} from "./views/results.js";
export type { IndexedRun } from "./views/studies/saved-runs.js";
export type { AucReference, PlotlyTrace, SheetRecord } from "./views/view.js";
