/** A seeded sample of rows, with predictions and gate values on it. */
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { GateOverride, GateSite, GateValues, TowerOutput } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import { type PredictingEngine, predict } from "../../core/train/evaluate.js";
import { joinFloats } from "../../core/util/growing.js";
import { type SignalOptions, throwIfInterrupted } from "../../core/util/interrupt.js";
import { permutation, random } from "../../core/util/random.js";
import { copyRows } from "./take-encoded.js";

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
  engine: ReadingEngine,
  rows: EncodedRows,
  options: SampleOptions,
  name: string,
): Promise<Sample> {
  const seed = options.seed ?? engine.spec.training.seed;
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

/** A gate with its values, [rows, units]. */
export interface CollectedSite {
  readonly site: GateSite;
  readonly values: Float32Array;
}

/** Every gate's values of these rows. */
export async function collectGates(
  engine: ReadingEngine,
  data: EncodedData,
  rows: Int32Array,
): Promise<readonly CollectedSite[]> {
  const parts: (readonly GateValues[])[] = [];
  for (const places of rowBatches(rows.length))
    parts.push(await engine.gates({ data, rows: places.map((place) => rows[place]!) }));
  return (parts[0] ?? []).map(({ values, ...site }, at) => {
    return { site, values: parts.length === 1 ? values : joinFloats(parts.map((part) => part[at]!.values)) };
  });
}
