/** Ablations: variants × seeds, paired statistics, cached results. */
export * from "./ablate.js";
export { fewestSeeds, mostBudgetSeeds } from "./budget.js";
export * from "./design.js";
export type { HalvingOptions, HalvingRound } from "./halving.js";
export type { Confidence } from "./interval.js";
export type { DrawnMetric, DrawnMetrics, DrawnTask } from "./metric-draws.js";
export type { DifferenceNoise, PairedDifferences } from "./noise.js";
export { Pace } from "./pace.js";
export { detectable, deviationInterval, type NoiseLevel, powerOf, rowsFactor, seedsFor } from "./power.js";
export type {
  Dropped,
  StudyCell,
  StudyReport,
  StudyRun,
  StudyTask,
  StudyVariant,
  VariantTask,
} from "./report.js";
export { noStore, type RunStore, runStore } from "./run-store.js";
export type * from "./settings.js";
export type { FinishedRun, PlannedRun, StudyGround, StudyWatcher } from "./study.js";
export type { StudyMetric } from "./study-metrics.js";
export type { RunResult, RunSettings, StudyRows } from "./train-run.js";
export { compared, noiseLevel, type VariantDifference, type VariantVerdict, type VerdictKind } from "./verdict.js";
