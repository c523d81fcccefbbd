/** Columns of training results. */

export { historySheet, lossSheet, taskLossNames } from "./history.js";
export { learningCurvesSheet } from "./learning-curves.js";
export { learningRateSheet } from "./learning-rate.js";
export { lossEnds, type MeanLoss } from "./loss-ends.js";
export { type IndexedRun, indexedRunsSheet, indexedTasks } from "./saved-runs.js";
