export {
  type ComparePredictionsOptions,
  chooseAucMethod,
  comparePredictions,
  type EvaluateOptions,
  evaluate,
  evaluatePredictions,
  exactAucRows,
  listDomainNames,
  measureCalibration,
  measurePredictions,
  type Predictions,
  predict,
} from "./evaluate.js";
export { type AucFloors, aucFloors, withFloors } from "./floor/floor.js";
export { floorFromWeights, floorWeights } from "./floor/floor-weights.js";
export { fitLogisticRegression, type LogisticRegression, regressionSeconds } from "./floor/logistic-regression.js";
export {
  type LearningRatePoint,
  type LearningRateSweep,
  type SweepRange,
  type SweptRates,
  sweepLearningRates,
  sweepTraining,
} from "./learning-rate.js";
export type { BestState, EarlyStopping } from "./loop/early-stopping.js";
export { type ExplodedGradients, explodedText, type OnNonFinite, skippedText } from "./loop/faulty-steps.js";
export { fit } from "./loop/fit.js";
export type { StepReport, TrainCheckpoint, TrainLoopOptions, TrainLoopResult } from "./loop/fit-options.js";
export type { EvaluationPoint, History, HistoryPoint, PendingStep, Progress, TrainProgress } from "./loop/recorder.js";
export { planSteps, stepTimes } from "./loop/steps.js";
export { calibrating } from "./measure/calibrate.js";
export { measureAside } from "./measure/measure-aside.js";
export { type AucMethod, drawnUsers, type IntervalOptions, type UserColumn } from "./measure/measure-request.js";
export { positiveScores } from "./measure/task-metrics.js";
export { checkpointContents, type RecordedRows, readCheckpoint, type SavedCheckpoint } from "./saved/checkpoint.js";
export { checkpointPlaces, findRuns, type RunFacts, readRunFacts, readRunIn, runPlace } from "./saved/places.js";
export { readRun, type SavedRun, saveRun } from "./saved/run.js";
export { decodeSafetensors, encodeSafetensors } from "./saved/safetensors.js";
export { type CheckpointSeries, type ExistingRun, openSeries } from "./saved/series.js";
export { specFault } from "./saved/spec-shape.js";
export { loadWeights, type ParameterMap, readSafetensors, writeSafetensors } from "./saved/weights.js";
export { assertReplaceable, writeFolder } from "./saved/write-folder.js";
