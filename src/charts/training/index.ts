/** Charts of trainings: while they run, when they are done, and of the learning rate before. */

export { keptEvaluation } from "./curves.js";
export { aucCurvesChart, learningCurvesChart } from "./learning-curves.js";
export { learningRateChart } from "./learning-rate.js";
export { trainingChart } from "./live.js";
export { lossChart } from "./losses.js";
export { runChart } from "./run.js";
