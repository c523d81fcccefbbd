export { type AblationWatcher, ablate, type StudyPlan } from "./ablate.js";
export type {
  BandPoint,
  BestLevel,
  FittedShape,
  ResponseFit,
  ResponsePoint,
  StudyResponse,
  TrainedLevel,
} from "./band.js";
export { type FinishedRun, fewestSeeds, mostBudgetSeeds, Pace, type PlannedRun } from "./budget.js";
export {
  type Axes,
  type Design,
  type DesignKind,
  designOf,
  modelName,
  type SpecChange,
  type Variant,
  type WantedVariant,
  wantedVariants,
} from "./design.js";
export {
  addExploration,
  differencesFrom,
  type Registration,
  readExplorations,
  readRegistration,
  registrationOf,
  writeRegistration,
} from "./plan-folder.js";
export { noStore, type RunStore, runStore } from "./run-store.js";
export type {
  Dropped,
  FeatureSettings,
  GroupSettings,
  HalvingOptions,
  HalvingRound,
  ModelSettings,
  ModuleSettings,
  SettingAxes,
  SettingRoot,
  SettingValues,
  SwitchSettings,
  TowerSettings,
  TrainSettings,
} from "./settings.js";
export type { DrawnMetric, DrawnMetrics, DrawnTask, StudyMetric } from "./statistics/metric-draws.js";
export {
  type Confidence,
  detectable,
  deviationInterval,
  type NoiseLevel,
  powerOf,
  rowsFactor,
  seedsFor,
} from "./statistics/power.js";
export {
  type ComparedGroup,
  type ComparedRuns,
  type ComparisonNoise,
  compared,
  type DifferenceNoise,
  type Matters,
  noiseLevel,
  type PairedDifferences,
  type VariantDifference,
  type VariantVerdict,
  type VerdictKind,
} from "./statistics/verdict.js";
export type {
  PlanExploration,
  PlanReport,
  StudyCell,
  StudyGround,
  StudyReport,
  StudyRun,
  StudyTask,
  StudyVariant,
  StudyWatcher,
  VariantTask,
} from "./study.js";
export { confidenceAt, lookFor, type StoppedVariant, type StudyLook } from "./study-look.js";
export type { BestPair, SettingPair, StudySurface, SurfaceFit, SurfacePoint, TrainedPair } from "./surface.js";
export type { RunResult, RunSettings, StudyRows } from "./train-run.js";
