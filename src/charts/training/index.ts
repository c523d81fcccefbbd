/** Charts of trainings: live, finished, and of the learning-rate sweep. */

export { keptEvaluation } from "./curves.js";
export { aucCurvesChart, learningCurvesChart } from "./learning-curves.js";
export { learningRateChart } from "./learning-rate.js";
export { trainingChart } from "./live.js";
export { lossChart } from "./losses.js";
export { runChart } from "./run.js";
export { indexedRunsChart } from "./saved-runs.js";
