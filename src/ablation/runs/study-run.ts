import type { Design, Variant } from "../design/design.js";
import type { RunResult } from "./train-run.js";

export interface PlannedRun {
  readonly variant: Variant;
  readonly seed: number;
}

export interface FinishedRun extends PlannedRun {
  readonly result: RunResult;
  readonly kept: boolean;
}

/** Seed by seed, the model first, so that pairs are complete whenever a study stops. */
export function plannedRuns(design: Design, seeds: readonly number[]): PlannedRun[] {
  return seeds.flatMap((seed) => [design.model, ...design.variants].map((variant) => ({ variant, seed })));
}
