/** TorchEasyRec configs: opened, printed, edited, compared, and turned into a spec and back. */
export * from "./open-config.js";
export * from "./print-config.js";
