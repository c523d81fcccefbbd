/**
 * The package `pepnet`: builders, data, training, gates and charts. Heavy parts load when they are used.
 *
 * @module pepnet
 */
/*
 * Types of modules that hold values too are named one by one: under TypeScript 5.0.4, which checks notebook cells,
 * `export type *` lets `import * as p; p.value` pass, and the value is not there.
 */
export type {
  Confidence,
  DifferenceNoise,
  Dropped,
  FeatureSettings,
  GroupSettings,
  HalvingOptions,
  ModelSettings,
  ModuleSettings,
  SettingAxes,
  SettingRoot,
  SettingValues,
  StudyCell,
  StudyMetric,
  StudyReport,
  StudyRun,
  StudyTask,
  StudyVariant,
  SwitchSettings,
  TowerSettings,
  TrainSettings,
  VariantDifference,
  VariantTask,
  VariantVerdict,
  VerdictKind,
} from "./ablation/index.js";
export * from "./api/index.js";
export {
  type ComboFeature,
  comboFeature,
  type Declared,
  type EmbeddingOptions,
  type EpnetOptions,
  type Feature,
  type FeatureName,
  type GradClippingOptions,
  type IdFeature,
  idFeature,
  type LabelName,
  type MlpOptions,
  type Normalizer,
  type PartOptimizerOptions,
  type PpnetOptions,
  type PresetName,
  type RawFeature,
  rawFeature,
  type Tower,
  type TrainOptions,
} from "./builder/index.js";
export * from "./builder/learning-rates.js";
export * from "./builder/optimizers.js";
export type {
  AucReference,
  Cell,
  Chart,
  Figure,
  PlotlyTrace,
  Table as ChartTable,
  TableColumn,
} from "./charts/index.js";
export type { ConfigPaths } from "./config/index.js";
export type {
  BagColumn,
  Batch,
  BatchOptions,
  ColumnInfo,
  ColumnSummary,
  Columns,
  ColumnType,
  CsvOptions,
  DanfoFrame,
  DataWarning,
  DenseColumn,
  DescribeOptions,
  DomainSummary,
  EncodedData,
  EncodedRows,
  EncodeOptions,
  ExampleRow,
  FeatureColumn,
  Finding,
  FrameClass,
  FrameLike,
  HashSharing,
  IdColumn,
  LabelCounts,
  LargerTable,
  LeakColumns,
  ListColumn,
  NumberColumn,
  RawColumn,
  Row,
  RowGroupOptions,
  RowGroups,
  RowPlace,
  Source,
  SourceVersion,
  SplitOptions,
  SqlSource,
  StorageOptions,
  StreamedData,
  Table,
  TableCheck,
  TablePart,
  TableSource,
  TableSummary,
  TextColumn,
  ValueCount,
} from "./data/index.js";
export type * from "./engine/engine.js";
export * from "./errors/index.js";
export type {
  CounterfactualEffect,
  CounterfactualOptions,
  CounterfactualReport,
} from "./gates/counterfactual/counterfactual.js";
export type { ChangedRow, Effect, TaskEffect } from "./gates/counterfactual/effects.js";
export * from "./gates/counterfactual/interventions.js";
export type { ExplainedGate, ExplainedTask, RowExplanation } from "./gates/explain.js";
export type {
  FieldEffect,
  FieldQuestion,
  FieldRanking,
  FieldRankingOptions,
  TaskFields,
} from "./gates/fields/field-ranking.js";
export type { SampleOptions } from "./gates/rows/sample.js";
export type * from "./gates/types.js";
export * from "./metrics/index.js";
export type { DisplayHandle, MimeBundle, NotebookDisplay } from "./port/index.js";
export type { SectionName, Suggestion } from "./report/index.js";
// By their files: the folder's index would load all that opens and encodes data.
export type {
  DomainEffects,
  MovielensRecipeOptions,
  OracleAuc,
  PreparedData,
  RecipeStep,
  TaobaoArrays,
  TaobaoLog,
  TaobaoOptions,
  TaobaoRecipeOptions,
} from "./samples/index.js";
export { movielens100k, movielensDomains, movielensSizes } from "./samples/recipes/movielens.js";
export type {
  Encoder,
  EncodersFile,
  ExportedModel,
  FeatureEncoder,
  IdsEncoder,
  RowsRule,
  ServedOutput,
  ValuesEncoder,
} from "./serve/index.js";
export type { OpenModel } from "./serve/served-model.js";
export type {
  ComboFeatureSpec,
  CustomLayer,
  DenseOptimizerSpec,
  DomainsSpec,
  EpnetSpec,
  FeatureSpec,
  GradClippingSpec,
  GradientClip,
  GroupName,
  GroupSpec,
  IdEncoding,
  IdFeatureSpec,
  LayerField,
  LayerInput,
  LayerParameter,
  LearningRateSpec,
  LossSpec,
  MemoryItem,
  MetricSpec,
  MlpSpec,
  ModelSize,
  ModelSpec,
  ModuleSize,
  OtherFeatureSpec,
  PartOptimizerSpec,
  Pooling,
  PpnetSpec,
  RawFeatureSpec,
  SparseOptimizerSpec,
  SwitchesSpec,
  TablePlacement,
  TableSize,
  TaskSpaceSpec,
  TowerSpec,
  TrainingSpec,
} from "./spec/index.js";
export type { SheetRecord } from "./tables/index.js";
export type {
  AucMethod,
  BestState,
  EarlyStopping,
  EvaluateOptions,
  EvaluationPoint,
  ExistingRun,
  ExplodedGradients,
  History,
  HistoryPoint,
  IntervalOptions,
  LearningRatePoint,
  LearningRateSweep,
  OnNonFinite,
  ParameterMap,
  Predictions,
  Progress,
  RecordedRows,
  SavedCheckpoint,
  SavedRun,
  StepReport,
  SweepRange,
  SweptRates,
  TrainCheckpoint,
  TrainLoopOptions,
  TrainLoopResult,
  TrainProgress,
  UserColumn,
} from "./train/index.js";
export type { Json, JsonObject } from "./util/json.js";
export type { Random, RandomState } from "./util/random.js";
