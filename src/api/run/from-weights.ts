/** Makes a run from external weights: without a history, for evaluation and predictions. */
import type { EngineName, Weights } from "../../engine/index.js";
import { assertComputable, type ModelSpec } from "../../spec/index.js";
import type { Dataset } from "../data/index.js";
import { openEngine, runEngine } from "../training/index.js";
import { Run } from "./run.js";

/** The source of the weights, and the engine. */
export interface WeightsOptions {
  /** Names the source in errors. Default: its path. */
  readonly place?: string;
  readonly validation?: Dataset | null;
  readonly notes?: readonly string[];
  readonly engine?: EngineName;
  readonly threads?: number;
}

/** @param asModel makes the run's model */
export async function runFromWeights<M>(
  spec: ModelSpec,
  asModel: (spec: ModelSpec) => M,
  weights: string | Weights,
  { place, validation = null, notes = [], engine: name, threads }: WeightsOptions = {},
): Promise<Run<M>> {
  assertComputable(spec);
  const { loadWeights } = await import("../../train/index.js");
  const engine = await openEngine(spec, { engine: name, threads, seed: spec.training.seed });
  try {
    await loadWeights(engine, weights, { place });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return new Run({
    spec,
    model: asModel(spec),
    history: { points: [], evaluations: [], bestStep: null },
    evaluation: null,
    validation,
    notes,
    interrupted: false,
    engine: await runEngine(engine, engine.threads),
  });
}
