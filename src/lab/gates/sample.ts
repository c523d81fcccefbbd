/** A seeded sample of rows, and predictions on it. */

import { copyRows } from "../../core/data/encoded/copies.js";
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { GateOverride, TowerOutput } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import { type PredictingEngine, predict } from "../../core/train/evaluate.js";
import { type SignalOptions, throwIfInterrupted } from "../../core/util/interrupt.js";
import { permutation, random } from "../../core/util/random.js";

/** Options of the sample. */
export interface SampleOptions extends SignalOptions {
  /** Number of sampled rows; all if there are fewer. Default 10,000. */
  readonly rows?: number;
  /** Seed of the sample and of its draws. Default: the spec's training seed. */
  readonly seed?: number;
}

export interface Sample {
  readonly data: EncodedData;
  readonly numbers: Int32Array;
  readonly seed: number;
}

export const defaultRows = 10_000;

const batchRows = 2048;

/** This number of random rows without replacement, ascending; reproducible from seed and name. */
export function sampleRows(rows: number, count: number, seed: number, name: string): Int32Array {
  return permutation(rows, random(seed).fork(name)).slice(0, count).sort();
}

export async function takeSample(
  { spec }: Pick<ReadingEngine, "spec">,
  rows: EncodedRows,
  options: SampleOptions,
  name: string,
): Promise<Sample> {
  const seed = options.seed ?? spec.training.seed;
  const numbers = sampleRows(rows.rows, options.rows ?? defaultRows, seed, name);
  return { data: await copyRows(rows, numbers), numbers, seed };
}

export function* rowBatches(rows: number): Generator<Int32Array> {
  for (let start = 0; start < rows; start += batchRows) {
    throwIfInterrupted();
    yield new Int32Array(Math.min(batchRows, rows - start)).map((_, at) => start + at);
  }
}

export function predictAll(
  engine: ReadingEngine,
  data: EncodedData,
  overrides?: readonly GateOverride[],
): Promise<readonly TowerOutput[]> {
  const changed: PredictingEngine = { spec: engine.spec, predict: (batch) => engine.predict(batch, overrides) };
  return predict(changed, data, { batchSize: batchRows });
}
