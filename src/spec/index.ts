/** Frozen descriptions of features, groups, modules, towers and training, and their validation. */
export * from "./activations.js";
export type * from "./blocks.js";
export * from "./defaults.js";
export * from "./feature.js";
export { groupDim } from "./group-dim.js";
export * from "./layer.js";
export { assertFits, type MemoryItem, memoryNeeded } from "./memory.js";
export * from "./model.js";
export type { ModelSize, ModuleSize, TableSize } from "./size.js";
export { modelSize, tableSizes } from "./size.js";
export { modelStructure } from "./structure.js";
export { constrainedPlacement, denseTables } from "./table-placement.js";
export * from "./tower.js";
export * from "./training.js";
export { unsupportedProblems } from "./unsupported.js";
export { assertValid, structureProblems, validateSpec } from "./validate.js";
export { specWarnings } from "./warnings.js";
