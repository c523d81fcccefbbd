/** Typed builders of features, towers and optimisers, and pure functions that change a spec. */

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
} from "./feature.js";
export {
  type AgeFeatureOptions,
  ageFeature,
  type DateFeatureOptions,
  dateFeature,
  type IdFeature,
  idFeature,
} from "./id-feature.js";
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
} from "./learning-rates.js";
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
} from "./optimizers.js";
export { type AutodisOptions, missingFeature, type Normalizer, type RawFeature, rawFeature } from "./raw-feature.js";
export {
  din,
  type EncoderOptions,
  multiWindowDin,
  pooling,
  type QueryOptions,
  type SequenceEncoder,
  selfAttention,
  simpleAttention,
} from "./sequences.js";
export type { Declared, FeatureName, LabelName, MlpOptions, Tower } from "./tower.js";
export {
  type EpnetOptions,
  type GroupOptions,
  type PpnetOptions,
  type PresetName,
  withDomains,
  withEpnet,
  withExperts,
  withGroup,
  withModelPerDomain,
  withoutGates,
  withPpnet,
  withPreset,
  withSwitches,
} from "./with-modules.js";
export { withFeatures, withLabels, withLayer, withSampleWeights, withTower } from "./with-tower.js";
export {
  type GradClippingOptions,
  type PartOptimizerOptions,
  type TrainOptions,
  withTraining,
} from "./with-training.js";
