/** The short run behind an estimate: some rows, and an engine's steps over them. */
import type { EncodedData } from "../../../data/encoded/index.js";
import type { Engine } from "../../../engine/index.js";
import type { ModelSpec } from "../../../spec/index.js";
import type { Dataset } from "../../data/index.js";
import { openEngine } from "../engine.js";
import type { EstimateOptions } from "./options.js";
import type { Seconds } from "./result.js";

/** Rows to measure on: the first ones of the data, or made-up ones. */
export async function sampleRows(spec: ModelSpec, data: Dataset | null, rows: number): Promise<EncodedData> {
  const { encode } = await import("../../../data/index.js");
  const { encodedLike } = await import("../../../samples/index.js");
  if (data === null) return encodedLike(spec, rows, spec.training.seed);
  return encode(data.table.slice(0, Math.min(rows, data.rows)), spec);
}

/** What a short run measured. */
export interface ShortRun {
  /** Until the first step is done. */
  readonly start: number;
  readonly step: Seconds;
  readonly steps: number;
  /** Bytes that this process held during the last step. */
  readonly resident: number;
}

/** Makes an engine, steps for a few seconds, and frees it. */
export async function shortRun(
  spec: ModelSpec,
  encoded: EncodedData,
  { engine: name, threads, signal, seconds = 5 }: EstimateOptions,
): Promise<ShortRun> {
  const { stepTimes } = await import("../../../train/index.js");
  const started = performance.now();
  const fitting = withBatchOf(spec, encoded.rows);
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
function withBatchOf(spec: ModelSpec, rows: number): ModelSpec {
  return { ...spec, training: { ...spec.training, batchSize: Math.min(spec.training.batchSize, rows) } };
}

/** What a short run cannot see: other rows, other work of the machine, a processor that grows warm. */
const unseen = 0.1;

/** 95% by how much stretches of the run differ, and what a short run cannot see on top. */
async function interval(mean: number, stretches: readonly number[]): Promise<Seconds> {
  const { studentQuantile } = await import("../../../ablation/index.js");
  const n = stretches.length;
  const deviation = Math.sqrt(stretches.reduce((total, value) => total + (value - mean) ** 2, 0) / (n - 1));
  const half = (studentQuantile(0.05, n - 1) * deviation) / Math.sqrt(n) + unseen * mean;
  return { value: mean, low: Math.max(0, mean - half), high: mean + half };
}
