/** Frozen descriptions of features, groups, modules, towers and training, and their validation. */

export type { Choice, OptionType } from "./choice.js";
export * from "./defaults.js";
export { type ColumnContents, columnContents, contentsOfMode } from "./feature/column-contents.js";
export { columnFeature } from "./feature/column-feature.js";
export {
  type AgeRule,
  type ComparisonRule,
  type DatePart,
  type DatePartRule,
  type DerivedColumn,
  type DerivedColumns,
  dateParts,
  derivedFrom,
  derivedProblems,
  type EqualityRule,
  isDerivedColumn,
  type TimeUnit,
  zoneMinutes,
} from "./feature/derived.js";
export * from "./feature/feature.js";
export { findFeature } from "./feature/find-feature.js";
export { type FitSource, fitRows, fittingRows, needsFit, unfittedProblems } from "./feature/fit.js";
export { type InitialValues, initialValues } from "./feature/initial-values.js";
export {
  isProjected,
  type ProjectedFeature,
  type ProjectionArray,
  projectedFeatures,
  projectionArrays,
  withProjection,
} from "./feature/projected-feature.js";
export type { NumberProjection } from "./feature/projection.js";
export { allEncoders, type EncoderPart, encoderParts, type SequenceInput } from "./feature/sequence/encoder-part.js";
export type * from "./feature/sequence/sequence.js";
export * from "./layer/activations.js";
export * from "./layer/layer.js";
export * from "./layer/layer-input.js";
export * from "./losses/index.js";
export * from "./metrics/index.js";
export * from "./mlp.js";
export * from "./model.js";
export { compilePattern, type ParameterPattern } from "./pattern/parameter-pattern.js";
export { siteName } from "./site-name.js";
export type * from "./size/blocks.js";
export { encoderLayers } from "./size/encoder-layers.js";
export { groupDim } from "./size/group-dim.js";
export { type GroupPart, groupParts } from "./size/group-parts.js";
export { assertFits, type MemoryItem, memoryNeeded } from "./size/memory.js";
export type { ModelSize, ModuleSize } from "./size/model-size.js";
export { modelSize } from "./size/model-size.js";
export { modelStructure } from "./size/structure.js";
export { sequenceTable, type TableSize, tableSizes } from "./size/tables.js";
export * from "./tower.js";
export * from "./training/automatic.js";
export { constrainedPlacement, denseTables } from "./training/table-placement.js";
export * from "./training/training.js";
export { assertComputable, assertValid, structureProblems, validateSpec } from "./validate/model.js";
export { unsupportedProblems, untrainedProblems } from "./validate/options/unsupported.js";
export { type IdleOption, optionsWithoutEffect } from "./validate/options/without-effect.js";
export { specWarnings, trainingWarnings } from "./validate/warnings.js";
