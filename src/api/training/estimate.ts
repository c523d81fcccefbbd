import type { EncodedData } from "../../data/encoded/encoded.js";
import { assertThreads } from "../../engine/threads.js";
import { SpecError } from "../../errors/index.js";
import { type MemoryItem, memoryNeeded } from "../../nn/plan/memory.js";
import type { FeatureSpec } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { tableSizes } from "../../spec/sizes.js";
import { mostBatchRows, resolveTraining } from "../../spec/training.js";
import { assertValid } from "../../spec/validate/model.js";
import { availableMemory } from "../../util/turns.js";
import type { Dataset, DatasetSource } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";
import { dataset } from "../data/open.js";
import { type EngineChoice, openEngine } from "./engines.js";
import { EstimateResult, type Seconds } from "./estimate-result.js";

/** Number of batches to measure on, so that they exceed the caches; and their largest number of rows. */
const SAMPLE = { batches: 64, rows: 500_000 };
/** Rows per table if the full tables do not fit into memory: a step's time hardly depends on them. */
const CUT_ROWS = 100_000;

export async function estimateModel(
  spec: ModelSpec,
  source: DatasetSource | null = null,
  options: EstimateOptions = {},
): Promise<EstimateResult> {
  assertValid(spec);
  assertThreads(options.threads, "estimate: threads");
  assertPositive("epochs", options.epochs);
  assertPositive("seconds", options.seconds);
  const data = source === null ? null : await dataset(source);
  const rows = estimatedRows(options, data);
  const training = resolveTraining(
    options.epochs === undefined ? spec.training : { ...spec.training, epochs: options.epochs, steps: null },
    rows,
  );
  const { encodingSeconds } = await import("../../data/encoded/estimates.js");
  const { resolveVocabularies } = await import("../../data/encode/vocabulary.js");
  const described = { ...spec, training };
  const resolved = resolveVocabularies(data === null ? described : await fittedSpec(described, data));
  const items = memoryNeeded(resolved);
  const available = availableMemory();
  const whole = sum(items) <= available;
  const measured = whole ? resolved : { ...resolved, features: resolved.features.map(cutTable) };
  const { planSteps } = await import("../../train/loop/steps.js");
  const { regressionSeconds } = await import("../../train/logistic-regression.js");
  const { stepsPerEpoch, totalSteps } = planSteps(training, rows);
  const full = training.dropRemainder ? stepsPerEpoch : Math.max(1, rows / training.batchSize);
  const rowCount = Math.min(rows, SAMPLE.rows, SAMPLE.batches * training.batchSize);
  const encoded = await sampleRows(measured, data, rowCount);
  // Measured before the steps: memory left by reading files is also used in training.
  const encode = data === null ? null : await encodingSeconds(data.table, measured, rows);
  const run = await shortRun(measured, encoded, options);
  const start = run.start + (await regressionSeconds(measured, encoded, rows));
  return new EstimateResult({
    rows,
    epochs: totalSteps / stepsPerEpoch,
    steps: totalSteps,
    sample: { rows: encoded.rows, steps: run.steps, madeUp: data === null, wholeTables: whole },
    step: run.step,
    epoch: scaled(run.step, full),
    start,
    encode,
    total: scaled(run.step, (totalSteps / stepsPerEpoch) * full, start + (encode ?? 0)),
    memory: { ...(await estimateMemory(items, measured, run, encoded, rows)), available },
    tables: tableSizes(resolved),
    items,
  });
}

function assertPositive(name: "epochs" | "seconds", value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value > 0)) return;
  const expected = "a number above 0";
  throw new SpecError({ path: `estimate.${name}`, message: "not a valid number", received: String(value), expected });
}

function estimatedRows({ rows }: EstimateOptions, data: Dataset | null): number {
  const count = rows ?? data?.rows;
  if (count !== undefined && Number.isInteger(count) && count > 0) return count;
  throw new SpecError({
    path: "estimate.rows",
    message: "the number of training rows is unknown",
    received: String(count),
    expected: "a whole number above 0, or data",
    fix: "model.estimate(null, { rows: 10_000_000 })",
  });
}

function scaled({ value, low, high }: Seconds, factor: number, fixed = 0): Seconds {
  return { value: value * factor + fixed, low: low * factor + fixed, high: high * factor + fixed };
}

/**
 * Memory of this process in training: the measured memory, plus the optimisers' state of tables (allocated row by row,
 * in a long training completely), the rows cut from tables, and the full data instead of the sample.
 */
async function estimateMemory(
  items: readonly MemoryItem[],
  measured: ModelSpec,
  run: ShortRun,
  encoded: EncodedData,
  rows: number,
): Promise<{ bytes: number; data: number }> {
  const { encodedBytes } = await import("../../data/row-buffer.js");
  const { trainingDataBytes } = await import("../../data/encoded/estimates.js");
  const sampleItems = memoryNeeded(measured);
  const tables = sampleItems.filter(({ what }) => what.startsWith("table "));
  const weights = tableSizes(measured).reduce((total, { parameters }) => total + 4 * (parameters ?? 0), 0);
  const sampled = encodedBytes(encoded);
  const data = trainingDataBytes(rows, sampled / encoded.rows, mostBatchRows(measured.training));
  return { bytes: run.resident + (sum(tables) - weights) + (sum(items) - sum(sampleItems)) + data - sampled, data };
}

function sum(items: readonly MemoryItem[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0);
}

function cutTable(feature: FeatureSpec): FeatureSpec {
  if (feature.kind !== "id" && feature.kind !== "combo") return feature;
  const { encoding } = feature;
  if (encoding.kind === "buckets")
    return { ...feature, encoding: { ...encoding, count: Math.min(encoding.count, CUT_ROWS) } };
  if (encoding.kind === "hash")
    return { ...feature, encoding: { ...encoding, size: Math.min(encoding.size, CUT_ROWS) } };
  return feature;
}

/** Options of an estimate. */
export interface EstimateOptions extends EngineChoice {
  /** Rows of the training data. Default: those of the data. */
  readonly rows?: number;
  readonly epochs?: number;
  /** Seconds of steps to measure. Default: 5. */
  readonly seconds?: number;
  /** Aborts the measurement, which then throws. */
  readonly signal?: AbortSignal;
}

export async function sampleRows(spec: ModelSpec, data: Dataset | null, rows: number): Promise<EncodedData> {
  const { encode } = await import("../../data/encode/encode.js");
  const { encodedLike } = await import("../../samples/encoded-like.js");
  if (data === null) return encodedLike(spec, rows, spec.training.seed);
  return encode(data.table.slice(0, Math.min(rows, data.rows)), spec);
}

export interface ShortRun {
  readonly start: number;
  readonly step: Seconds;
  readonly steps: number;
  readonly resident: number;
}

async function shortRun(
  spec: ModelSpec,
  encoded: EncodedData,
  { engine: name, threads, signal, seconds = 5 }: EstimateOptions,
): Promise<ShortRun> {
  const { stepTimes } = await import("../../train/loop/steps.js");
  const started = performance.now();
  const batchSize = Math.min(mostBatchRows(spec.training), encoded.rows);
  const fitting = { ...spec, training: { ...spec.training, batchSize } };
  const engine = await openEngine(fitting, { seed: spec.training.seed, engine: name, threads });
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

/** The share for what a short run cannot measure: other rows, other load on the machine, thermal throttling. */
const unseen = 0.1;

async function interval(mean: number, stretches: readonly number[]): Promise<Seconds> {
  const { studentQuantile } = await import("../../metrics/distributions.js");
  const n = stretches.length;
  const deviation = Math.sqrt(stretches.reduce((total, value) => total + (value - mean) ** 2, 0) / (n - 1));
  const half = (studentQuantile(0.05, n - 1) * deviation) / Math.sqrt(n) + unseen * mean;
  return { value: mean, low: Math.max(0, mean - half), high: mean + half };
}
