/** Fit, evaluate, predict, save and load: functions of an engine and encoded data. */

export * from "./compare-predictions.js";
export { type CalibrationRequest, calibrating } from "./curves/calibrate.js";
export * from "./curves/measure-calibration.js";
export * from "./evaluate.js";
export { type AucFloors, aucFloors, withFloors } from "./floor/floor.js";
export { floorFromWeights, floorWeights } from "./floor/floor-weights.js";
export {
  fitLogisticRegression,
  type LinearColumn,
  type LogisticRegression,
  regressionSeconds,
} from "./floor/logistic-regression.js";
export type { LearningRatePoint } from "./learning-rate/learning-rate-suggestion.js";
export * from "./learning-rate/learning-rate-sweep.js";
export type { BestState, EarlyStopping } from "./loop/early-stopping.js";
export { type ExplodedGradients, explodedText } from "./loop/exploding.js";
export * from "./loop/fit.js";
export type * from "./loop/fit-options.js";
export * from "./loop/history.js";
export type { OnNonFinite } from "./loop/non-finite.js";
export { skippedText } from "./loop/non-finite.js";
export type { PendingStep, TrainProgress } from "./loop/recorder.js";
export { planSteps } from "./loop/step-plan.js";
export { type StepTimes, stepTimes } from "./loop/step-times.js";
export { measureAside } from "./measure/measure-aside.js";
export type { AucMethod, IntervalOptions } from "./measure/measure-request.js";
export { positiveScores } from "./measure/task-metrics.js";
export { drawnUsers, type UserColumn } from "./measure/users.js";
export * from "./saved/checkpoint.js";
export { assertReplaceable, writeFolder } from "./saved/folder/write-folder.js";
export * from "./saved/load-weights.js";
export { readRun, type SavedRun, saveRun } from "./saved/run.js";
export { findRuns, type RunFacts, readRunFacts } from "./saved/run-facts.js";
export * from "./saved/safetensors.js";
export * from "./saved/series/places.js";
export * from "./saved/series/series.js";
export { specFault } from "./saved/shape/spec-shape.js";
export { readSafetensors, writeSafetensors } from "./saved/weights-file.js";
export * from "./session.js";
