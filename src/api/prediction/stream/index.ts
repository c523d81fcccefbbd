/** Predictors of engines and of exported models, and predictions part by part. */

export { enginePredictor } from "./engine-predictor.js";
export { type PredictedPart, type Predictor, predictedParts } from "./parts.js";
export { servedPredictor } from "./served-predictor.js";
export { writePredictions } from "./write.js";
