/** What every engine computes alike. */
export { learningRate } from "./optimizers/learning-rate.js";
