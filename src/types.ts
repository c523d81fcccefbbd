/** `pepnet/types`: types of the parts of results, specs and options. `*`: all of the file. @module pepnet/types */

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
export type { LabelWithoutRule } from "./core/builder/learning-rates.js";
export type { Normalizer } from "./core/builder/raw-feature.js";
export type { Declared, FeatureName, LabelName } from "./core/builder/tower.js";
export type { ConfigPaths } from "./core/config/config-from-spec.js";
export type { TableCheck } from "./core/data/check/reported.js";
export type { EncodeOptions } from "./core/data/encode/plan.js";
export type { HashSharing, LargerTable } from "./core/data/encode/sharing.js";
export type { BatchOptions } from "./core/data/encoded/batches.js";
export type * from "./core/data/encoded/encoded.js";
export type { StorageOptions } from "./core/data/encoded/encoded-rows.js";
export type { EncodedRows, StreamedData } from "./core/data/encoded/streamed.js";
export type { CsvType } from "./core/data/sources/csv/options.js";
export type { PartReading, RowPlace, Source, SourceVersion } from "./core/data/sources/file-version.js";
export type { FrameLike } from "./core/data/sources/memory.js";
export type {
  ColumnSummary,
  DescribeOptions,
  DomainSummary,
  TableSummary,
  ValueCount,
  ValueRange,
} from "./core/data/summary/describe.js";
export type { ColumnDrift, DriftBin, DriftMeasure, DriftReport, LabelDrift } from "./core/data/summary/drift.js";
export type { LabelCounts, LeakColumns, PositiveCounts } from "./core/data/summary/label-counts.js";
export type { RowGroupOptions, RowGroups } from "./core/data/summary/row-groups.js";
export type {
  ColumnInfo,
  ColumnType,
  ListColumn,
  NumberColumn,
  RawColumn,
  ScalarColumn,
  TextColumn,
} from "./core/data/table/column.js";
export type { FrameClass } from "./core/data/table/danfo.js";
export type { SqlSource } from "./core/data/table/open.js";
export type { Roles } from "./core/data/table/roles.js";
export type { SplitOptions } from "./core/data/table/split.js";
export type { Table, TablePart } from "./core/data/table/table.js";
export type * from "./core/engine/engine.js";
export type { ExampleRow, Finding, Severity } from "./core/errors/finding.js";
export type { NameKind } from "./core/errors/index.js";
export type { GroupAuc } from "./core/metrics/auc.js";
export type {
  CalibrationBin,
  CalibrationBins,
  CalibrationCurve,
  CalibrationOptions,
  CalibrationRatio,
  CalibrationReport,
  TaskCalibration,
} from "./core/metrics/calibration-curve.js";
export type {
  ComparedCell,
  Comparison,
  ComparisonMethod,
  Difference,
  TaskComparison,
  Verdict,
} from "./core/metrics/comparison-verdict.js";
export type * from "./core/metrics/curve-types.js";
export type { AucDifference } from "./core/metrics/delong.js";
export type { CountedRows, Drift, RateDrift } from "./core/metrics/drift.js";
export type { Evaluated, LearningCurves, TaskLearningCurves } from "./core/metrics/learning-curves.js";
export type { PlattLine } from "./core/metrics/platt.js";
export type { ScoreCurveOptions } from "./core/metrics/score-curve.js";
export type * from "./core/metrics/types.js";
export type { MemoryItem } from "./core/nn/plan/memory.js";
export type { ModelSize, ModuleSize } from "./core/nn/plan/size.js";
export type { DisplayHandle, MimeBundle, NotebookDisplay, TimePlaces } from "./core/port/notebook.js";
export type { OracleAuc } from "./core/samples/generate/rows.js";
export type { DomainEffects } from "./core/samples/generate/settings.js";
export type { TaobaoArrays } from "./core/samples/generate/taobao.js";
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
} from "./core/serve/encoder-types.js";
export type { OpenModel } from "./core/serve/served-model.js";
export type {
  AgeRule,
  ComparisonRule,
  DatePart,
  DatePartRule,
  DerivedColumn,
  DerivedColumns,
  EqualityRule,
  TimeUnit,
} from "./core/spec/feature/derived.js";
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
} from "./core/spec/feature/feature.js";
export type * from "./core/spec/feature/sequence.js";
export type { LayerField, LayerInput, LayerParameter } from "./core/spec/layer.js";
export type { KnownLoss, LossSpec } from "./core/spec/losses.js";
export type { KnownMetric, MetricSpec, TrainMetricDecay, TrainMetricSpec } from "./core/spec/metrics.js";
export type { MlpSpec } from "./core/spec/mlp.js";
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
} from "./core/spec/model.js";
export type { TableSize } from "./core/spec/sizes.js";
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
} from "./core/spec/training.js";
export type { EvaluateOptions } from "./core/train/evaluate.js";
export type {
  BestState,
  EarlyStopping,
  Monitor,
  StepReport,
  TrainCheckpoint,
  TrainLoopOptions,
  TrainLoopResult,
} from "./core/train/loop/early-stopping.js";
export type { ExplodedGradients, OnNonFinite } from "./core/train/loop/faulty-steps.js";
export type { EvaluationPoint, HistoryPoint, PendingStep, TrainProgress } from "./core/train/loop/recorder.js";
export type { TrainMetricState, TrainMetricStates } from "./core/train/loop/train-metrics.js";
export type { IntervalOptions, UserColumn } from "./core/train/measure/task-rows.js";
export type { UserMetric, UserMetrics } from "./core/train/measure/user-metrics.js";
export type { RecalibratedRows, RecalibratedTask, Recalibration } from "./core/train/recalibrate.js";
export type { RecordedRows, SavedCheckpoint, SavedRun } from "./core/train/saved/run.js";
export type { ExistingRun } from "./core/train/saved/series.js";
export type { ParameterMap } from "./core/train/saved/weights.js";
export type { RunChange, TrainingRecord, TrainingStart } from "./core/train/training-record.js";
export type { Json, JsonObject, Random, RandomState } from "./core/util/random.js";
export type { BestLevel, ResponseFit, ResponsePoint, ResponseTrend, StudyResponse } from "./lab/ablation/response.js";
export type * from "./lab/ablation/settings.js";
export type { StudyMetrics } from "./lab/ablation/statistics/metric-draws.js";
export type { Confidence } from "./lab/ablation/statistics/power.js";
export type {
  ComparisonNoise,
  DifferenceNoise,
  Matters,
  VariantDifference,
  VariantVerdict,
  VerdictKind,
} from "./lab/ablation/statistics/verdict.js";
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
} from "./lab/ablation/study.js";
export type { StoppedVariant, StudyLook } from "./lab/ablation/study-look.js";
export type { Transfer, TransferHelp, TransferSource, TransferTask } from "./lab/ablation/transfer.js";
export type { DayMetric } from "./lab/days/cells.js";
export type {
  DayAgeing,
  DayCell,
  DayComparison,
  DayComparisonSays,
  DayHalfLife,
  DayReport,
  DayTask,
  LogDay,
} from "./lab/days/facts.js";
export type { DayVariant } from "./lab/days/plan.js";
export type { TrainingSteps } from "./lab/days/train-days.js";
export type { UnitName, Untestable } from "./lab/domains/evidence.js";
export type { ChangedField, DomainScreen, PairKind, ScreenedCandidate, UntestedPair } from "./lab/domains/screen.js";
export type { AuditOptions } from "./lab/gates/audit.js";
export type {
  Audit,
  AuditCheck,
  AuditCheckName,
  AuditPlace,
  CheckNames,
} from "./lab/gates/audit-checks.js";
export type { CounterfactualOptions, CounterfactualReport } from "./lab/gates/counterfactual.js";
export type {
  ChangedRow,
  ChangeInterval,
  CounterfactualEffect,
  Effect,
  EffectParts,
  TaskEffect,
} from "./lab/gates/effects.js";
export type {
  ExplainedGate,
  ExplainedPosition,
  ExplainedTask,
  PositionWeight,
  RowExplanation,
} from "./lab/gates/explain.js";
export type { FieldGroup } from "./lab/gates/field-groups.js";
export type { GroupImportance, Importance, ImportanceCell, ImportanceOptions } from "./lab/gates/importance.js";
export type { SampleOptions } from "./lab/gates/sample.js";
export type * from "./lab/gates/types.js";
export type { SectionName } from "./lab/report/sections.js";
export type { Cell, Table as ChartTable, TableColumn } from "./lab/views/format.js";
export type { PositionValues } from "./lab/views/gates/explanation.js";
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
} from "./lab/views/results.js";
export type { IndexedRun } from "./lab/views/studies/saved-runs.js";
export type { AucReference, PlotlyTrace, SheetRecord } from "./lab/views/view.js";
