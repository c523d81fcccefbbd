/** Fit, evaluate, predict, save and load: functions of an engine and encoded data. */
export type { BestState, EarlyStopping } from "./early-stopping.js";
export * from "./evaluate.js";
export * from "./fit.js";
export * from "./history.js";
export * from "./learning-rate-sweep.js";
export type { OnNonFinite } from "./non-finite.js";
export type { TrainProgress } from "./recorder.js";
export * from "./saved/checkpoint.js";
export * from "./saved/load-weights.js";
export { readRun, type SavedRun, saveRun } from "./saved/run.js";
export * from "./saved/safetensors.js";
export * from "./saved/series.js";
export { planSteps } from "./step-plan.js";
export { isBinary, positiveScores } from "./task-metrics.js";
