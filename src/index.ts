/** The package `pepnet`: builders, data, training, gates and charts. Heavy parts load at first use. @module pepnet */

export type { ComparisonResult, CounterfactualResult, ImportanceResult } from "./api/counterfactual.js";
export type {
  DatasetCheckOptions,
  DatasetDescribeOptions,
  DatasetSource,
  DatasetSplitOptions,
} from "./api/data/dataset.js";
export { Dataset, type DatasetOptions, dataset } from "./api/data/dataset.js";
export { type PlotOptions, plot } from "./api/data/plot.js";
export type { DataCheck, DataSummary } from "./api/data/summary.js";
export type { RowValue } from "./api/data/types.js";
export type { DataQuery, GroupedRows } from "./api/data/verbs.js";
export type {
  CalibrationResult,
  EvaluationResult,
  LearningCurvesResult,
  RecalibrationResult,
} from "./api/evaluation.js";
export type { ExportTorchEasyRecOptions, TorchEasyRecExport } from "./api/export.js";
export type { AuditResult, ConflictsResult, ExplanationResult, GatesResult } from "./api/gates.js";
export { loadRun } from "./api/model/load-run.js";
export type { FromTorchEasyRecOptions } from "./api/model/model.js";
export { modelFromSpec, type Pepnet, pepnet } from "./api/model/model.js";
export { type DomainSuggestion, type SuggestDomainOptions, suggestDomain } from "./api/model/suggest-domain.js";
export { type SuggestOptions, suggestModel } from "./api/model/suggest-model.js";
export { suggestPriors } from "./api/model/suggest-priors.js";
export type { SuggestedModel } from "./api/model/suggested-model.js";
export type { AnyModel, Model, ModelChange, Variants } from "./api/model/types.js";
export type { ReportResult } from "./api/report.js";
export type { ReportOptions, StudyReportOptions } from "./api/report-options.js";
export { type ChartOutput, Displayable, Result, type TableOutput, table } from "./api/result.js";
export type { Dial, DialReportOptions } from "./api/run/dial.js";
export type {
  CompareOptions,
  DialOptions,
  EvaluationOptions,
  RunCalibrationOptions,
  RunConflictsOptions,
  RunCounterfactualOptions,
  RunExplainOptions,
  RunGatesOptions,
  RunImportanceOptions,
  RunRecalibrationOptions,
} from "./api/run/options.js";
export { Run, type RunCompareOptions } from "./api/run/run.js";
export type { LoadOptions } from "./api/run/saved-run.js";
export { type RunIndex, runs } from "./api/runs.js";
export * from "./api/served-model.js";
export type { WritePredictionsOptions } from "./api/stream.js";
export type { PlannedStudy, PlanOptions } from "./api/study/plan.js";
export { Study } from "./api/study/study.js";
export type { TransferMap, TransferOptions } from "./api/study/transfer.js";
export type { AblationOptions, MmoeOptions, PleOptions, StarOptions } from "./api/study/variants.js";
export { baselines, mmoe, ple, sharedBottom, singleDomain, star } from "./api/study/variants.js";
export type { CheckpointOptions } from "./api/training/checkpoints.js";
export { DailyTraining } from "./api/training/daily-training.js";
export { DomainLaunch } from "./api/training/domain-launch.js";
export type { FitOptions } from "./api/training/engines.js";
export type { EstimateOptions, EstimateResult } from "./api/training/estimate.js";
export type { FitDaysOptions } from "./api/training/fit-days.js";
export { type ComboFeature, comboFeature } from "./core/builder/combo-feature.js";
export * from "./core/builder/date-feature.js";
export type { EmbeddingOptions, Feature, FitOnOptions, VocabOptions } from "./core/builder/feature.js";
export { type IdFeature, idFeature } from "./core/builder/id-feature.js";
export * from "./core/builder/learning-rates.js";
export * from "./core/builder/optimizers.js";
export { type AutodisOptions, missingFeature, type RawFeature, rawFeature } from "./core/builder/raw-feature.js";
export { type SequenceFeature, type SequenceOptions, sequenceFeature } from "./core/builder/sequence-feature.js";
export type { EncoderOptions, QueryOptions, SequenceEncoder } from "./core/builder/sequences.js";
export { din, multiWindowDin, pooling, selfAttention, simpleAttention } from "./core/builder/sequences.js";
export type { MlpOptions, Tower } from "./core/builder/tower.js";
export type { EpnetOptions, GroupOptions, PpnetOptions, PresetName } from "./core/builder/with-modules.js";
export type { GradClippingOptions, PartOptimizerOptions, TrainOptions } from "./core/builder/with-training.js";
export type { PriorsKey, PriorsOptions } from "./core/data/priors/plan.js";
export type { HistoryOptions } from "./core/data/query/history.js";
export type { JoinOptions } from "./core/data/query/join.js";
export type { NegativesOptions } from "./core/data/query/negatives.js";
export type { CsvOptions } from "./core/data/sources/csv/options.js";
export type { Columns } from "./core/data/sources/memory.js";
export type { DanfoFrame } from "./core/data/table/danfo.js";
export type { TableSource } from "./core/data/table/open.js";
export type { Row } from "./core/data/table/table.js";
export type { EngineName } from "./core/engine/engine.js";
export * from "./core/errors/index.js";
export type { Interval } from "./core/metrics/intervals/bootstrap.js";
export type { Evaluation, MetricName } from "./core/metrics/types.js";
export { sampleFolder } from "./core/samples/folder.js";
export { type DriftingLog, type DriftingOptions, driftingLog } from "./core/samples/generate/drifting.js";
export type { TaobaoOptions } from "./core/samples/generate/settings.js";
export { type TaobaoLog, taobaoLike } from "./core/samples/generate/taobao.js";
export { movielens100k, movielensDomains, movielensSizes } from "./core/samples/movielens.js";
export type { CustomLayer } from "./core/spec/layer.js";
export type { ModelSpec } from "./core/spec/model.js";
export type { Predictions } from "./core/train/evaluate.js";
export type { History, Progress } from "./core/train/loop/recorder.js";
export { type SignalOptions, withSignal } from "./core/util/interrupt.js";
export type { StudyMetric } from "./lab/ablation/statistics/metric-draws.js";
export type { StudyReport } from "./lab/ablation/study.js";
export type { DomainSwap, FreezeOptions, GateFreeze, Intervention, SwapOptions } from "./lab/gates/interventions.js";
export { everyDomain, freezeGate, interventionName, moduleOff, swapDomain } from "./lab/gates/interventions.js";
export type { GatesReport } from "./lab/gates/types.js";
export type { PlotKind } from "./lab/views/data/plot.js";
export type { Chart, Figure } from "./lab/views/view.js";
