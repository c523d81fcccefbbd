export * from "./ablate.js";
export * from "./design/design.js";
export type { Dropped, HalvingOptions, HalvingRound } from "./design/halving.js";
export type * from "./design/settings.js";
export { confidenceAt, lookFor, type StoppedVariant, type StudyLook } from "./looks/study-look.js";
export { addExploration, readExplorations, readRegistration, writeRegistration } from "./plan/plan-folder.js";
export { differencesFrom, type Registration, registrationOf } from "./plan/registration.js";
export type { BandPoint, FittedShape } from "./responses/band.js";
export type { BestLevel, ResponseFit, ResponsePoint, StudyResponse, TrainedLevel } from "./responses/response.js";
export type {
  BestPair,
  SettingPair,
  StudySurface,
  SurfaceFit,
  SurfacePoint,
  TrainedPair,
} from "./responses/surface.js";
export { fewestSeeds, mostBudgetSeeds } from "./runs/budget.js";
export { Pace } from "./runs/pace.js";
export type { RunSettings, StudyRows } from "./runs/run-request.js";
export { noStore, type RunStore, runStore } from "./runs/run-store.js";
export type { FinishedRun, PlannedRun } from "./runs/study-run.js";
export type { RunResult } from "./runs/train-run.js";
export type { Confidence } from "./statistics/interval.js";
export type { DrawnMetric, DrawnMetrics, DrawnTask } from "./statistics/metric-draws.js";
export type { DifferenceNoise, PairedDifferences } from "./statistics/noise.js";
export { detectable, deviationInterval, type NoiseLevel, powerOf, rowsFactor, seedsFor } from "./statistics/power.js";
export type { Matters } from "./statistics/run-score.js";
export type { StudyMetric } from "./statistics/study-metrics.js";
export {
  type ComparedGroup,
  type ComparedRuns,
  type ComparisonNoise,
  compared,
  noiseLevel,
  type VariantDifference,
  type VariantVerdict,
  type VerdictKind,
} from "./statistics/verdict.js";
export type { StudyGround, StudyWatcher } from "./study.js";
export type {
  PlanExploration,
  PlanReport,
  StudyCell,
  StudyReport,
  StudyRun,
  StudyTask,
  StudyVariant,
  VariantTask,
} from "./study-report.js";
