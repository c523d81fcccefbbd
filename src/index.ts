/** The package `pepnet`: builders, data, training, gates and charts. Heavy parts load when they are used. */
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
export type * from "./data/index.js";
export { movielens100k, movielensDomains, movielensSizes, taobaoLike } from "./data/index.js";
export type * from "./engine/engine.js";
export * from "./errors/index.js";
export type * from "./gates/types.js";
export * from "./metrics/index.js";
export type * from "./spec/index.js";
export type * from "./train/index.js";
export type * from "./util/json.js";
export type * from "./util/notebook.js";
export type * from "./util/random.js";
