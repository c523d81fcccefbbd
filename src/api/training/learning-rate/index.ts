/** The learning-rate finder. */

export { findLearningRate, type LearningRateOptions } from "./find.js";
export { LearningRateResult } from "./result.js";
