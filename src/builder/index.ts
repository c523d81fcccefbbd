/**
 * Typed builders of features, towers and optimisers, and pure functions that change a spec.
 */
export type { ComboFeature } from "./features/combo-feature.js";
export { comboFeature } from "./features/combo-feature.js";
export { type AgeFeatureOptions, ageFeature, type DateFeatureOptions, dateFeature } from "./features/date-feature.js";
export type { EmbeddingOptions, Feature } from "./features/feature.js";
export type { FitOnOptions, VocabOptions } from "./features/fit-options.js";
export type { IdFeature } from "./features/id-feature.js";
export { idFeature } from "./features/id-feature.js";
export type { AutodisOptions, Normalizer, RawFeature } from "./features/raw-feature.js";
export { missingFeature, rawFeature } from "./features/raw-feature.js";
export type { SequenceFeature, SequenceOptions } from "./features/sequence-feature.js";
export { sequenceFeature } from "./features/sequence-feature.js";
export { type Label, type LabelWithoutRule, label } from "./label.js";
export * from "./learning-rates.js";
export type { MlpOptions } from "./mlp.js";
export * from "./optimizers.js";
export type { EncoderOptions, QueryOptions, SequenceEncoder } from "./sequences.js";
export { din, multiWindowDin, pooling, selfAttention, simpleAttention } from "./sequences.js";
export { withExperts, withModelPerDomain, withoutGates } from "./steps/baselines.js";
export { withFeatures, withLabels, withSampleWeights } from "./steps/with-columns.js";
export { withLayer } from "./steps/with-layer.js";
export type { EpnetOptions, GroupOptions, PpnetOptions, PresetName } from "./steps/with-modules.js";
export { withDomains, withEpnet, withGroup, withPpnet, withPreset, withSwitches } from "./steps/with-modules.js";
export { withTower } from "./steps/with-tower.js";
export type { GradClippingOptions, PartOptimizerOptions, TrainOptions } from "./steps/with-training.js";
export { withTraining } from "./steps/with-training.js";
export type { Declared, FeatureName, LabelName, Tower } from "./tower.js";
