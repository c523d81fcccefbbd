/** Follows a recorded run on an engine: the same batches from given weights, each step's losses, then the evaluation. */

import { batches } from "../src/core/data/encoded/batches.js";
import type { EncodedData } from "../src/core/data/encoded/encoded.js";
import { createEngine } from "../src/core/engine/create-engine.js";
import type { Engine, EngineName, Weights } from "../src/core/engine/engine.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import { mostBatchRows } from "../src/core/spec/training.js";
import { evaluationLine } from "./evaluation.js";

/** The contents of a folder, read once for all engines. */
export interface WholeRun {
  readonly folder: string;
  readonly spec: ModelSpec;
  readonly train: EncodedData;
  readonly evaluation: EncodedData | null;
  /** To begin with. */
  readonly weights: Weights;
  readonly losses: readonly Readonly<Record<string, number>>[];
  readonly expected: Readonly<Record<string, number>>;
}

/** An engine's results of a run. */
export interface Followed {
  /** By step; losses by TorchEasyRec's names. */
  readonly losses: readonly Readonly<Record<string, number>>[];
  /** The evaluation line; empty if the run has none. */
  readonly evaluation: ReadonlyMap<string, number>;
}

/**
 * Follows a run for as many steps as it has losses (one epoch where it has none). One thread: several sum a batch's
 * gradients in parts, whose rounding alone takes golden/whole-run 7e-4 away, as far as PyTorch with another number of
 * threads.
 */
export async function followRun(run: WholeRun, name: EngineName, weights: Weights): Promise<Followed> {
  const engine = await createEngine(run.spec, { engine: name, weights, threads: 1 });
  try {
    const losses = await followSteps(run, engine);
    const { evalBatchSize } = run.spec.training;
    const evaluation =
      run.evaluation === null
        ? new Map<string, number>()
        : await evaluationLine(engine, run.evaluation, evalBatchSize ?? mostBatchRows(run.spec.training));
    return { losses, evaluation };
  } finally {
    await engine.dispose();
  }
}

async function followSteps({ spec, train, losses: expected }: WholeRun, engine: Engine): Promise<Followed["losses"]> {
  const { dropRemainder, seed } = spec.training;
  const batchSize = mostBatchRows(spec.training);
  const losses: Readonly<Record<string, number>>[] = [];
  for (let epoch = 0; epoch === 0 || losses.length < expected.length; epoch++) {
    const before = losses.length;
    for (const batch of batches(train, { batchSize, dropRemainder, seed, epoch, shuffle: false })) {
      if (expected.length > 0 && losses.length === expected.length) break;
      losses.push((await engine.step(batch, epoch)).taskLosses);
    }
    if (losses.length === before) break; // data without a batch
  }
  return losses;
}
