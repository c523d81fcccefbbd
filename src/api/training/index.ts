/** Training: engines, checkpoints, the live chart, estimates and the learning-rate finder. */

export type { EngineName } from "../../engine/index.js";
export { mostThreads } from "../../engine/threads/index.js";
export { trainingAdvice } from "./advice.js";
export { type ResolvedSettings, resolveSettings } from "./automatic.js";
export {
  type CheckpointOptions,
  checkpointsOf,
  openCheckpoints,
  resumedEngine,
  type TrainingRows,
} from "./checkpoints.js";
export { openEngine } from "./engine.js";
export { type TrainingFloor, trainingFloor } from "./floor.js";
export { type LiveChart, liveChart } from "./live-chart.js";
export type { FitOptions } from "./options.js";
export { laterRunEngine, type RunEngine, runEngine } from "./run-engine.js";
export { assertVectors, type FeatureVectors, openWithVectors, type StartingVectors } from "./vectors.js";
