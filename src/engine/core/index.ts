/** The parts that all engines share. */
export { learningRate } from "./optimizers/learning-rate.js";
