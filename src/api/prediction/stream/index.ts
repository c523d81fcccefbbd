/** Predictors for engines and exported models, and predictions in chunks. */

export { enginePredictor } from "./engine-predictor.js";
export { type PredictedPart, type Predictor, predictedParts } from "./parts.js";
export { servedPredictor } from "./served-predictor.js";
export { writePredictions } from "./write.js";
