/** Predictions, exported models, and loading exported models. */

export { classLists, type PredictionColumn, predictionColumns } from "./columns.js";
export type { WritePredictionsOptions, WrittenPredictions } from "./served-model.js";
export {
  ExportResult,
  loadModel,
  ServedModel,
  type ServedModelOptions,
  type ServedPredictOptions,
} from "./served-model.js";
