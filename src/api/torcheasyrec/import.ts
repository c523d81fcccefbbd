/** A model that TorchEasyRec trained, as a run: to evaluate, to look at, to train further. */
import { readProduction } from "../../bridge/index.js";
import { specFromConfig } from "../../config/index.js";
import type { EngineName } from "../../engine/engine.js";
import { assertValid } from "../../spec/index.js";
import { loadWeights } from "../../train/index.js";
import { type DatasetSource, dataset } from "../data/dataset.js";
import { Run } from "../run/run.js";
import { openEngine } from "../training/engine.js";
import { runEngine } from "../training/run-engine.js";

/** The two files of a trained model. */
export interface TorchEasyRecFiles {
  /** Its pipeline config; TorchEasyRec keeps a copy in its `model_dir`. */
  readonly config: string;
  /** A safetensors file that `convert_weights.py` made of its checkpoint. */
  readonly weights: string;
}

/** How it is brought here. */
export interface FromTorchEasyRecOptions {
  /** Rows for `run.evaluate()`, `run.gates()` …. Default: the config's `eval_input_path` where it is beside the config. */
  readonly validation?: DatasetSource | null;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
}

/** See `pepnet.fromTorchEasyRec`. */
export async function runFromTorchEasyRec(
  source: string | TorchEasyRecFiles,
  options: FromTorchEasyRecOptions = {},
): Promise<Run> {
  const { config, weights, evaluationRows } = await readProduction(source);
  const spec = specFromConfig(config);
  assertValid(spec);
  const { validation = evaluationRows, ...choice } = options;
  const rows = validation === null ? null : await dataset(validation);
  const place = typeof source === "string" ? source : source.weights;
  const engine = await openEngine(spec, { ...choice, seed: spec.training.seed });
  try {
    await loadWeights(engine, weights, { place });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return new Run({
    spec,
    history: { points: [], evaluations: [], bestStep: null },
    evaluation: null,
    validation: rows,
    notes: [`trained by TorchEasyRec, from ${place}`],
    interrupted: false,
    engine: await runEngine(engine, undefined),
  });
}
