/** TorchEasyRec's configs: opens, edits, compares and prints them, and converts them to specs and back. */

export { type ConfigPaths, configFromSpec, configText } from "./config-from-spec.js";
export { canonicalSpec } from "./convert/groups.js";
export { type ConfigDifference, diffConfigs } from "./pipeline/diff-configs.js";
export { editConfig } from "./pipeline/edit-config.js";
export {
  type OpenConfigOptions,
  openConfig,
  openFragment,
  type PipelineConfig,
  readConfigText,
} from "./pipeline/open-config.js";
export { printConfig } from "./pipeline/print-config.js";
export { featurePlaces, specFromConfig } from "./spec-from-config.js";
