/** `pepnet/types`: parts of results and of specs that you may want to name in code of your own. @module pepnet/types */

export type { DatasetKind, ModelLike, RowOf } from "./api/data/dataset.js";
export type { PriorsSuggestion, SuggestPriorsOptions } from "./api/model/suggest-priors.js";
export type { SuggestedColumn } from "./api/model/suggested-model.js";
export type { SuggestedPriors } from "./api/model/suggested-priors.js";
export type { NamesOfRun, NamesOfStudy, NamesOfTransfer, NamesOfVariants, PlannedStudyOf } from "./api/model/types.js";
export type { RunNames, StudyNames } from "./api/names.js";
export type { ResultJson } from "./api/result.js";
export type { ExportOptions, ReportedStudy } from "./api/run/options.js";
export type { WrittenPredictions } from "./api/stream.js";
export type { LengthOptions } from "./api/study/transfer.js";
export type { Baseline, NamedBaseline, StudyProgress } from "./api/study/variants.js";
export type { Worth, WorthOptions } from "./api/study/worth.js";
export type { DayNames, DayVariantName } from "./api/training/daily-training.js";
export type { LaunchNames, LaunchStartName } from "./api/training/domain-launch.js";
export type { MeasuredDay } from "./api/training/fit-days.js";
export type { LaunchOptions } from "./api/training/launch.js";
export type { TableCheck } from "./core/data/check/reported.js";
export type { Batch, EncodedData } from "./core/data/encoded/encoded.js";
export type { EncodedRows } from "./core/data/encoded/streamed.js";
export type { PriorsCoverage, PriorsGain, PriorsRate, PriorsWorth } from "./core/data/priors/worth.js";
export type { TimePartsOptions } from "./core/data/query/time-parts.js";
export type { CsvType } from "./core/data/sources/csv/options.js";
export type { RowPlace, Source, SourceVersion } from "./core/data/sources/file-version.js";
export type { ColumnSummary, DomainSummary, TableSummary } from "./core/data/summary/describe.js";
export type { ColumnDrift, DriftReport } from "./core/data/summary/drift.js";
export type { LabelCounts } from "./core/data/summary/label-counts.js";
export type { ColumnInfo, ColumnType, RawColumn } from "./core/data/table/column.js";
export type { SqlSource } from "./core/data/table/open.js";
export type { Roles } from "./core/data/table/roles.js";
export type { Table, TablePart } from "./core/data/table/table.js";
export type { Gradients, Weights } from "./core/engine/engine.js";
export type { Finding, Severity } from "./core/errors/finding.js";
export type {
  CalibrationBin,
  CalibrationCurve,
  CalibrationReport,
  TaskCalibration,
} from "./core/metrics/calibration-curve.js";
export type {
  ComparedCell,
  Comparison,
  Difference,
  TaskComparison,
  Verdict,
} from "./core/metrics/comparison-verdict.js";
export type { ScoreCurve, TaskCells, TaskCurves } from "./core/metrics/curve-types.js";
export type { Drift } from "./core/metrics/drift.js";
export type { Estimate } from "./core/metrics/intervals/normal.js";
export type { EvaluationPoint, LearningCurves, TaskLearningCurves } from "./core/metrics/learning-curves.js";
export type { MetricIntervals, TaskEvaluation, TaskMetrics } from "./core/metrics/types.js";
export type { EncodersFile, ExportedModel, ServedPriors } from "./core/serve/encoder-types.js";
export type { CrossNetwork } from "./core/spec/cross-network.js";
export type { DerivedColumn } from "./core/spec/feature/derived.js";
export type {
  ComboFeatureSpec,
  FeatureSpec,
  IdFeatureSpec,
  OtherFeatureSpec,
  RawFeatureSpec,
} from "./core/spec/feature/feature.js";
export type { SequenceEncoderSpec, SequenceSpec } from "./core/spec/feature/sequence.js";
export type { LayerInput, LayerParameter, ModelLayer } from "./core/spec/layer.js";
export type { LossSpec } from "./core/spec/losses.js";
export type { MetricSpec } from "./core/spec/metrics.js";
export type { MlpSpec } from "./core/spec/mlp.js";
export type {
  BaselineSpec,
  DomainsSpec,
  EpnetSpec,
  GroupSpec,
  PpnetSpec,
  SwitchesSpec,
  TaskSpaceSpec,
  TowerSpec,
} from "./core/spec/model.js";
export type { TableSize } from "./core/spec/sizes.js";
export type {
  DenseOptimizerSpec,
  LearningRateSpec,
  OtherSpec,
  SparseOptimizerSpec,
  TrainingSpec,
} from "./core/spec/training.js";
export type { HistoryPoint } from "./core/train/loop/recorder.js";
export type { UserMetric, UserMetrics } from "./core/train/measure/user-metrics.js";
export type { RecalibratedTask, Recalibration } from "./core/train/recalibrate.js";
export type { NewDomains } from "./core/train/saved/new-domains.js";
export type { SavedRun } from "./core/train/saved/run.js";
export type { ParameterMap } from "./core/train/saved/weights.js";
export type { TrainingRecord } from "./core/train/training-record.js";
export type { TimePart } from "./core/util/epoch.js";
export type { Json, JsonObject } from "./core/util/json.js";
export type { Random } from "./core/util/random.js";
export type { StudyResponse } from "./lab/ablation/response.js";
export type { VariantDifference, VariantVerdict, VerdictKind } from "./lab/ablation/statistics/verdict.js";
export type { StudyCell, StudyRun, StudyTask, StudyVariant, VariantTask } from "./lab/ablation/study.js";
export type { Transfer } from "./lab/ablation/transfer.js";
export type { SimplerModel, WorthCell, WorthFacts, WorthVerdict } from "./lab/ablation/worth.js";
export type { DayAgeing, DayCell, DayComparison, DayReport, LogDay } from "./lab/days/facts.js";
export type { DomainScreen, ScreenedCandidate } from "./lab/domains/screen.js";
export type { Audit, AuditCheck, AuditCheckName, AuditPlace } from "./lab/gates/audit-checks.js";
export type { CounterfactualReport } from "./lab/gates/counterfactual.js";
export type { CounterfactualEffect, Effect, TaskEffect } from "./lab/gates/effects.js";
export type { ExplainedGate, ExplainedTask, RowExplanation } from "./lab/gates/explain.js";
export type { GroupImportance, Importance, ImportanceCell } from "./lab/gates/importance.js";
export type { Conflicts, GateEffects, GateReport, GateStatistics, GradientConflict } from "./lab/gates/types.js";
export type {
  LaunchBest,
  LaunchCell,
  LaunchComparison,
  LaunchGain,
  LaunchPays,
  LaunchReport,
  LaunchStart,
  LaunchTraining,
} from "./lab/launch/facts.js";
export type { Cell } from "./lab/views/format.js";
export type { IndexedRun } from "./lab/views/studies/saved-runs.js";
