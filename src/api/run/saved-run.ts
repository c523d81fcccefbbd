/** The parts of a saved run, from which a run is made again. */
import { CheckpointError } from "../../core/errors/index.js";
import { type CustomLayer, customLayersOf, type ModelLayer } from "../../core/spec/layer.js";
import type { Conflicts, GatesPoint } from "../../lab/gates/types.js";
import { EvaluationResult } from "../evaluation.js";
import type { RunNames } from "../names.js";
import { type EngineChoice, laterRunEngine, openEngine } from "../training/engines.js";
import type { AsRunModel, RunParts } from "./run.js";

/** How to load a run. */
export interface LoadOptions extends EngineChoice {
  /** Of a training's folder: the newest state (default), or the best checkpoint by what early stopping monitors. */
  readonly which?: "last" | "best";
  /** The custom layers that the model was trained with: a saved run contains their weights, not their code. */
  readonly layers?: readonly CustomLayer[];
}

/** Throws a CheckpointError if the folder is missing, not a run, or damaged. */
export async function savedRunParts<M>(
  folder: string,
  asModel: AsRunModel<M>,
  { layers = [], which = "last", ...engine }: LoadOptions,
): Promise<RunParts<M, RunNames>> {
  const { floorFromWeights } = await import("../../core/train/logistic-regression.js");
  const { readRunIn } = await import("../../core/train/saved/run.js");
  const { place, ...read } = await readRunIn(folder, which);
  const saved = { ...read, spec: { ...read.spec, layers: sameLayers(folder, read.spec.layers ?? [], layers) } };
  return {
    spec: saved.spec,
    model: asModel(saved.spec, saved.record),
    record: saved.record,
    history: saved.history,
    evaluation: saved.evaluation && new EvaluationResult(saved.evaluation),
    validation: null,
    trainingRows: saved.trainingRows,
    notes: [`loaded from ${place}`],
    findings: saved.findings,
    interrupted: saved.findings?.some(({ judge }) => judge === "interrupted") ?? false,
    floor: saved.floor ? floorFromWeights(saved.floor) : null,
    gatesHistory: saved.gatesHistory as readonly GatesPoint[],
    trainingConflicts: saved.conflicts as Conflicts | null,
    engine: laterRunEngine(() => openEngine(saved.spec, { ...engine, weights: saved.weights }), engine.threads),
  };
}

/** A saved run's layers, with the code of the caller's. Throws a CheckpointError if the custom ones differ. */
function sameLayers(folder: string, saved: readonly ModelLayer[], layers: readonly CustomLayer[]): ModelLayer[] {
  const [expected, received] = [saved, layers].map((list) =>
    customLayersOf(list)
      .map(({ name }) => JSON.stringify(name))
      .join(", "),
  );
  const queue = customLayersOf(layers);
  if (expected === received) return saved.map((each) => (each.kind === "layer" ? queue.shift()! : each));
  throw new CheckpointError({
    path: folder,
    message: "this run was trained with custom layers, whose code a saved run does not contain",
    received: received === "" ? "no layers" : received,
    expected: expected === "" ? "none" : `the layers ${expected}`,
    fix: "create the same layers again and pass them: loadRun(folder, { layers: [cross] })",
  });
}
