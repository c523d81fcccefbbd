/** A checkpoint of a few bytes, to try the folders of trainings without training. */
import { emptySpec } from "../../../src/spec/index.js";
import type { SavedCheckpoint } from "../../../src/train/index.js";

/** The checkpoint of a step; its weights hold the step. */
export function smallCheckpoint(step: number, more: Partial<SavedCheckpoint> = {}): SavedCheckpoint {
  const weights = new Map([["a.weight", { shape: [2], data: Float32Array.of(step, step) }]]);
  const history = { points: [], evaluations: [], bestStep: null };
  const progress = { steps: step, rows: step, seconds: 1, idleSeconds: 0, history, pending: [], skipped: 0 };
  const engine = { step, weights, slots: new Map() };
  return {
    spec: emptySpec,
    checkpoint: { engine, weights, progress, evaluation: null, best: null, stoppedEarly: false },
    ...({ engineName: "cpu", threads: 1, gatesHistory: [] } as const),
    ...{ dataRows: 6, dataDigest: null, dataFingerprint: null, validation: null },
    ...more,
  };
}
