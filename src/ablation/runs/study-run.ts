/** The runs of a study: planned runs, seed by seed, and finished runs. */
import type { Design, Variant } from "../design/design.js";
import type { RunResult } from "./train-run.js";

/** A run of the study. */
export interface PlannedRun {
  readonly variant: Variant;
  readonly seed: number;
}

/** A finished run. */
export interface FinishedRun extends PlannedRun {
  readonly result: RunResult;
  /** Whether it came from the store. */
  readonly kept: boolean;
}

/** Seed by seed, the model first, so that pairs are complete whenever a study stops. */
export function plannedRuns(design: Design, seeds: readonly number[]): PlannedRun[] {
  return seeds.flatMap((seed) => [design.model, ...design.variants].map((variant) => ({ variant, seed })));
}
