/** Typed builders of features, towers and optimisers, and the pure steps from one spec to the next. */
export type { ComboFeature } from "./combo-feature.js";
export { comboFeature } from "./combo-feature.js";
export type { EmbeddingOptions, Feature } from "./feature.js";
export type { IdFeature } from "./id-feature.js";
export { idFeature } from "./id-feature.js";
export * from "./learning-rates.js";
export type { MlpOptions } from "./mlp.js";
export * from "./optimizers.js";
export type { Normalizer, RawFeature } from "./raw-feature.js";
export { rawFeature } from "./raw-feature.js";
export type { Declared, FeatureName, LabelName, Tower } from "./tower.js";
export { withFeatures, withLabels, withSampleWeights } from "./with-columns.js";
export { withLayer } from "./with-layer.js";
export type { EpnetOptions, PpnetOptions, PresetName } from "./with-modules.js";
export { withDomains, withEpnet, withGroup, withPpnet, withPreset, withSwitches } from "./with-modules.js";
export { withTower } from "./with-tower.js";
export type { GradClippingOptions, PartOptimizerOptions, TrainOptions } from "./with-training.js";
export { withTraining } from "./with-training.js";
