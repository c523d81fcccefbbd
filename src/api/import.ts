import type { EngineName } from "../engine/engine.js";
import type { ModelSpec } from "../spec/model.js";
import { untrainedProblems } from "../spec/validate/unsupported.js";
import type { DatasetSource } from "./data/dataset.js";
import { dataset } from "./data/open.js";
import { type Run, runFromWeights } from "./run/run.js";

/** The two files of a trained model. */
export interface TorchEasyRecFiles {
  /** Its pipeline config; TorchEasyRec keeps a copy in its `model_dir`. */
  readonly config: string;
  /** A safetensors file, converted from its checkpoint by `convert_weights.py`. */
  readonly weights: string;
}

/** Options of the import. */
export interface FromTorchEasyRecOptions {
  /** Rows for evaluations. Default: the config's `eval_input_path`, if it is in the config's folder. */
  readonly validation?: DatasetSource | null;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
}

export async function runFromTorchEasyRec<M>(
  source: string | TorchEasyRecFiles,
  asModel: (spec: ModelSpec) => M,
  options: FromTorchEasyRecOptions = {},
): Promise<Run<M>> {
  const { readProduction } = await import("../bridge/read-production.js");
  const { specFromConfig } = await import("../config/spec-from-config.js");
  const { config, weights, evaluationRows } = await readProduction(source);
  const spec = specFromConfig(config);
  const { validation = evaluationRows, engine } = options;
  const place = typeof source === "string" ? source : source.weights;
  return runFromWeights(spec, asModel, weights, {
    place,
    validation: validation === null ? null : await dataset(validation),
    notes: [`trained by TorchEasyRec, from ${place}`, ...trainingNotes(spec)],
    engine,
  });
}

/** Settings that the trained model does not need, and that stop it from being trained further here. */
function trainingNotes(spec: ModelSpec): readonly string[] {
  return untrainedProblems(spec).map(
    ({ path, received }) =>
      `${path} (${received}) was used in training only: remove it to train this model further here`,
  );
}
