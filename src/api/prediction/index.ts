export { predictionColumns, type WritePredictionsOptions, type WrittenPredictions } from "./columns.js";
export {
  ExportResult,
  loadModel,
  ServedModel,
  type ServedModelOptions,
  type ServedPredictOptions,
} from "./served-model.js";
