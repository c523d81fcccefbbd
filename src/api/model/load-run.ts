/** Runs on disk, as runs again. */
import type { EngineName } from "../../engine/index.js";
import { assertThreads } from "../../engine/threads/index.js";
import { CheckpointError } from "../../errors/index.js";
import type { GatesPoint } from "../../gates/index.js";
import type { CustomLayer } from "../../spec/index.js";
import { EvaluationResult } from "../results/index.js";
import { Run } from "../run/index.js";
import { laterRunEngine, openEngine } from "../training/index.js";
import { modelFromSpec } from "./model.js";
import type { AnyModel } from "./types.js";

/** How to load a run. */
export interface LoadOptions {
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads of the matrix products. Default: 2, or the cores where fewer. */
  readonly threads?: number;
  /** Of a training's folder: the newest state (default), or the best checkpoint by its evaluation. */
  readonly which?: "last" | "best";
  /** The layers of one's own that the model was trained with: a saved run holds their weights, not their code. */
  readonly layers?: readonly CustomLayer[];
}

/**
 * Loads a run that `run.save(folder)` or a training with checkpoints wrote; one that was killed gives its newest
 * checkpoint.
 *
 * Throws a CheckpointError where the folder is missing, not a run, or damaged.
 *
 * @example
 * const run = await loadRun("runs/first");
 * await run.evaluate(await dataset("test.parquet"));
 */
export async function loadRun(folder: string, options: LoadOptions = {}): Promise<Run<AnyModel>> {
  const { readRunIn } = await import("../../train/index.js");
  assertThreads(options.threads, "loadRun: threads");
  const { layers = [], which = "last", ...engine } = options;
  const { place, ...read } = await readRunIn(folder, which);
  const saved = { ...read, spec: { ...read.spec, layers: sameLayers(folder, read.spec.layers ?? [], layers) } };
  return new Run({
    spec: saved.spec,
    model: modelFromSpec(saved.spec),
    history: saved.history,
    evaluation: saved.evaluation && new EvaluationResult(saved.evaluation),
    validation: null,
    notes: [`loaded from ${place}`],
    interrupted: false,
    gatesHistory: saved.gatesHistory as readonly GatesPoint[],
    engine: laterRunEngine(() => openEngine(saved.spec, { ...engine, weights: saved.weights }), options.threads),
  });
}

/** The layers that a run was saved with, as code again. Throws a CheckpointError for those that are not the same. */
function sameLayers(
  folder: string,
  saved: readonly Pick<CustomLayer, "name">[],
  given: readonly CustomLayer[],
): readonly CustomLayer[] {
  const [wanted, got] = [saved, given].map((list) => list.map(({ name }) => JSON.stringify(name)).join(", "));
  if (wanted === got) return given;
  throw new CheckpointError({
    path: folder,
    message: "this run was trained with layers of your own, whose code a saved run does not hold",
    received: got === "" ? "no layers" : got,
    expected: wanted === "" ? "none" : `the layers ${wanted}`,
    fix: "make them again as they were, and give them: loadRun(folder, { layers: [cross] })",
  });
}
