export type { EngineName } from "../../engine/index.js";
export { mostThreads } from "../../engine/threads/index.js";
export { type ResolvedSettings, resolveSettings, trainingAdvice } from "./advice.js";
export {
  type CheckpointOptions,
  checkpointsOf,
  openCheckpoints,
  resumedEngine,
  type TrainingFloor,
  type TrainingRows,
  trainingFloor,
} from "./checkpoints.js";
export {
  assertVectors,
  type FeatureVectors,
  laterRunEngine,
  openEngine,
  openWithVectors,
  type RunEngine,
  runEngine,
  type StartingVectors,
} from "./engines.js";
export { type LiveChart, liveChart } from "./live-chart.js";
export type { FitOptions } from "./options.js";
