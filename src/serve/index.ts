/** Models in service: a run as ONNX with its encoders. Such a model is read back by `served`, which loads much less. */
export { type ExportedModel, exportModel } from "./export.js";
export * from "./served/index.js";
