/** Frozen descriptions of features, groups, modules, towers and training, and their validation. */
export * from "./activations.js";
export * from "./defaults.js";
export * from "./feature.js";
export * from "./model.js";
export * from "./tower.js";
export * from "./training.js";
export { unsupportedProblems } from "./unsupported.js";
export { assertValid, structureProblems, validateSpec } from "./validate.js";
export { groupDim, specWarnings } from "./warnings.js";
