/** Serving: exports a run as ONNX with its encoders. `served` loads such a model, with fewer dependencies. */
export { type ExportedModel, exportModel } from "./export.js";
export * from "./served/index.js";
