/** The short run behind an estimate: some rows, and an engine's steps over them. */
import type { EncodedData } from "../../../data/encoded/index.js";
import type { Engine } from "../../../engine/index.js";
import { type ModelSpec, mostBatchRows } from "../../../spec/index.js";
import type { Dataset } from "../../data/index.js";
import { openEngine } from "../engine.js";
import type { EstimateOptions } from "./options.js";
import type { Seconds } from "./result.js";

/** Rows to measure on: the first rows of the data, or generated ones. */
export async function sampleRows(spec: ModelSpec, data: Dataset | null, rows: number): Promise<EncodedData> {
  const { encode } = await import("../../../data/index.js");
  const { encodedLike } = await import("../../../samples/index.js");
  if (data === null) return encodedLike(spec, rows, spec.training.seed);
  return encode(data.table.slice(0, Math.min(rows, data.rows)), spec);
}

/** The measurements of a short run. */
export interface ShortRun {
  /** Seconds until the first step is done. */
  readonly start: number;
  readonly step: Seconds;
  readonly steps: number;
  /** Bytes that this process used during the last step. */
  readonly resident: number;
}

/** Creates an engine, runs steps for a few seconds, and frees it. */
export async function shortRun(
  spec: ModelSpec,
  encoded: EncodedData,
  { engine: name, threads, signal, seconds = 5 }: EstimateOptions,
): Promise<ShortRun> {
  const { stepTimes } = await import("../../../train/index.js");
  const started = performance.now();
  const fitting = withBatchSize(spec, encoded.rows);
  const engine: Engine = await openEngine(fitting, {
    seed: spec.training.seed,
    engine: name,
    threads,
  });
  try {
    const opened = (performance.now() - started) / 1000;
    const times = await stepTimes(engine, encoded, seconds, signal);
    const step = await interval(times.mean, times.stretches);
    const resident = process.memoryUsage.rss();
    return { start: opened + Math.max(0, times.first - times.mean), step, steps: times.steps, resident };
  } finally {
    await engine.dispose();
  }
}

/** A batch cannot be larger than the data. */
function withBatchSize(spec: ModelSpec, rows: number): ModelSpec {
  return { ...spec, training: { ...spec.training, batchSize: Math.min(mostBatchRows(spec.training), rows) } };
}

/** The share for what a short run cannot measure: other rows, other load on the machine, thermal throttling. */
const unseen = 0.1;

/** A 95% interval from the variation between parts of the run, widened by what a short run cannot measure. */
async function interval(mean: number, stretches: readonly number[]): Promise<Seconds> {
  const { studentQuantile } = await import("../../../metrics/distributions/index.js");
  const n = stretches.length;
  const deviation = Math.sqrt(stretches.reduce((total, value) => total + (value - mean) ** 2, 0) / (n - 1));
  const half = (studentQuantile(0.05, n - 1) * deviation) / Math.sqrt(n) + unseen * mean;
  return { value: mean, low: Math.max(0, mean - half), high: mean + half };
}
