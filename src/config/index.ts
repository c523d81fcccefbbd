/** TorchEasyRec configs: opened, printed, edited, compared, and turned into a spec and back. */
export { type ConfigPaths, configFromSpec, configText } from "./config-from-spec.js";
export { canonicalSpec } from "./convert/groups.js";
export { type ConfigDifference, diffConfigs } from "./diff-configs.js";
export { editConfig } from "./edit-config.js";
export { type GroupDims, specFromModelConfig } from "./model-fragment.js";
export { type OpenConfigOptions, openConfig, type PipelineConfig } from "./open-config.js";
export { printConfig } from "./print-config.js";
export { specFromConfig } from "./spec-from-config.js";
