/** A run whose weights were trained elsewhere. */
import type { Weights } from "../../core/engine/engine.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { assertComputable } from "../../core/spec/validate/model.js";
import type { Dataset } from "../data/dataset.js";
import { type EngineChoice, openEngine, runEngine } from "../training/engines.js";
import { type AsRunModel, Run, untrained } from "./run.js";

interface WeightsOptions extends EngineChoice {
  /** Names the source in errors. Default: its path. */
  readonly place?: string;
  readonly validation?: Dataset | null;
  readonly notes?: readonly string[];
}

export async function runFromWeights<M>(
  spec: ModelSpec,
  asModel: AsRunModel<M>,
  weights: string | Weights,
  { place, validation = null, notes = [], engine: name, threads }: WeightsOptions = {},
): Promise<Run<M>> {
  assertComputable(spec);
  const { loadWeights } = await import("../../core/train/saved/weights.js");
  const engine = await openEngine(spec, { engine: name, threads, seed: spec.training.seed });
  let loading: readonly string[];
  try {
    loading = await loadWeights(engine, weights, { place });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return new Run({
    spec,
    model: asModel(spec),
    ...untrained,
    validation,
    notes: [...notes, ...loading],
    engine: await runEngine(engine, engine.threads),
  });
}
