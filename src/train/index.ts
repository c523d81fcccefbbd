/** Fit, evaluate, predict, save and load: functions of an engine and encoded data. */
export * from "./checkpoint.js";
export type { EarlyStopping } from "./early-stopping.js";
export * from "./evaluate.js";
export * from "./fit.js";
export * from "./history.js";
export * from "./learning-rate-sweep.js";
export * from "./load-weights.js";
export type { TrainProgress } from "./recorder.js";
export * from "./safetensors.js";
export * from "./saved-run.js";
export { planSteps } from "./step-plan.js";
export { isBinary, positiveScores } from "./task-metrics.js";
