/** Frozen descriptions of features, groups, modules, towers and training, and their validation. */
export * from "./defaults.js";
export * from "./feature.js";
export * from "./model.js";
export * from "./tower.js";
export * from "./training.js";
