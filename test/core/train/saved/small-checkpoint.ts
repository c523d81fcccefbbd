/** A checkpoint of a few bytes, to try the folders of trainings without training. */

import type { ModelSpec } from "../../../../src/core/spec/model.js";
import type { SavedCheckpoint } from "../../../../src/core/train/saved/run.js";
import { idSpec, modelSpec, towerSpec } from "../../data/specs.js";

/** A model that can be built. */
export const smallSpec: ModelSpec = modelSpec({
  features: [idSpec("user", 5)],
  labels: ["clk"],
  towers: [towerSpec("ctr", "clk")],
});

/** The checkpoint of a step; its weights hold the step. */
export function smallCheckpoint(step: number, more: Partial<SavedCheckpoint> = {}): SavedCheckpoint {
  const weights = new Map([["a.weight", { shape: [2], data: Float32Array.of(step, step) }]]);
  const history = { points: [], evaluations: [], bestStep: null };
  const progress = { steps: step, rows: step, seconds: 1, idleSeconds: 0, history, pending: [], skipped: 0 };
  const engine = { step, weights, slots: new Map() };
  return {
    spec: smallSpec,
    checkpoint: { engine, weights, progress, evaluation: null, best: null, stoppedEarly: false },
    ...({ engineName: "cpu", threads: 1, gatesHistory: [] } as const),
    dataRows: 6,
    dataDigest: "00",
    validation: null,
    ...more,
  };
}
