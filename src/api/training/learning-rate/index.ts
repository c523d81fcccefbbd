/** A search for a learning rate. */

export { findLearningRate, type LearningRateOptions } from "./find.js";
export { LearningRateResult } from "./result.js";
