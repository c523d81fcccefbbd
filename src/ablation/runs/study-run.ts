/** The runs of a study: those that are planned, seed by seed, and those that finished. */
import type { Design, Variant } from "../design/design.js";
import type { RunResult } from "./train-run.js";

/** A run of the study. */
export interface PlannedRun {
  readonly variant: Variant;
  readonly seed: number;
}

/** A run that is done. */
export interface FinishedRun extends PlannedRun {
  readonly result: RunResult;
  /** It was in the store. */
  readonly kept: boolean;
}

/** Seed by seed, the model first: whatever a study is stopped at, its pairs are whole. */
export function plannedRuns(design: Design, seeds: readonly number[]): PlannedRun[] {
  return seeds.flatMap((seed) => [design.model, ...design.variants].map((variant) => ({ variant, seed })));
}
