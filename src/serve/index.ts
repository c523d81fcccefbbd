/** Models in service: a run as ONNX with its encoders, and such a model read back. Each half is imported by its file. */
export * from "./encoders.js";
export { type ExportedModel, exportModel } from "./export.js";
export { type OpenModel, openModel } from "./served-model.js";
