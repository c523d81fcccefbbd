export { learningRate } from "./optimizers/learning-rate.js";
