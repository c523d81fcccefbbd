/** Predictions, exported models, and loading exported models. */

export { classLists, type PredictionColumn, predictionColumns } from "./columns.js";
export { ExportResult } from "./exported.js";
export type { WritePredictionsOptions, WrittenPredictions } from "./options.js";
export { loadModel, ServedModel, type ServedModelOptions, type ServedPredictOptions } from "./served-model.js";
