/** Estimates the time and memory of a training from a short run. */

import type { EncodedData } from "../../core/data/encoded/encoded.js";
import { assertThreads, groupSize } from "../../core/engine/threads.js";
import { SpecError } from "../../core/errors/index.js";
import type { Estimate } from "../../core/metrics/intervals/normal.js";
import { type MemoryItem, memoryNeeded } from "../../core/nn/plan/memory.js";
import type { FeatureSpec } from "../../core/spec/feature/feature.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { type TableSize, tableSizes } from "../../core/spec/sizes.js";
import { mostBatchRows, resolveTraining } from "../../core/spec/training.js";
import { checkCount, checkNumber } from "../../core/spec/validate/checks.js";
import { assertValid } from "../../core/spec/validate/model.js";
import { type SignalOptions, withSignal } from "../../core/util/interrupt.js";
import { availableMemory } from "../../core/util/machine.js";
import { duration, type MarkedText, machineCount, marked, memorySize } from "../../core/util/measured.js";
import { sampleVariance } from "../../core/util/numbers.js";
import { count, grouped, size } from "../../core/util/text.js";
import type { Sheet } from "../../lab/views/view.js";
import { type Dataset, type DatasetSource, dataset } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";
import { type FactsBase, factsBase, tables } from "../result.js";
import { type EngineChoice, openEngine, studyLanes, variantGroup } from "./engines.js";

/** Number of batches to measure on, so that they exceed the caches; and their largest number of rows. */
const SAMPLE = { batches: 64, rows: 500_000 };
/** Rows per table if the full tables do not fit into memory: a step's time hardly depends on them. */
const CUT_ROWS = 100_000;

export function estimateModel(
  spec: ModelSpec,
  source: DatasetSource | null = null,
  options: EstimateOptions = {},
): Promise<EstimateResult> {
  return withSignal(options.signal, () => estimateOf(spec, source, options));
}

async function estimateOf(
  spec: ModelSpec,
  source: DatasetSource | null,
  options: EstimateOptions,
): Promise<EstimateResult> {
  assertValid(spec);
  assertThreads(options.threads, "estimate: threads");
  const { epochs, seconds = 1, parallel = 1 } = options;
  const problems = [
    ...checkNumber("estimate.epochs", epochs ?? 1, { above: 0 }),
    ...checkNumber("estimate.seconds", seconds, { above: 0 }),
    ...checkCount("estimate.parallel", parallel),
  ];
  if (problems.length > 0) throw new SpecError(problems);
  const data = source === null ? null : await dataset(source);
  const rows = estimatedRows(options, data);
  const training = resolveTraining(
    epochs === undefined ? spec.training : { ...spec.training, epochs, steps: null },
    rows,
  );
  const { encodingSeconds } = await import("../../core/data/encoded/estimates.js");
  const { resolveVocabularies } = await import("../../core/data/encode/vocabulary.js");
  const described = { ...spec, training };
  const resolved = resolveVocabularies(data === null ? described : await fittedSpec(described, data));
  const items = memoryNeeded(resolved);
  const available = availableMemory();
  const whole = sum(items) <= available;
  const measured = whole ? resolved : { ...resolved, features: resolved.features.map(cutTable) };
  const { planSteps } = await import("../../core/train/loop/steps.js");
  const { regressionSeconds } = await import("../../core/train/logistic-regression.js");
  const { stepsPerEpoch, totalSteps } = planSteps(training, rows);
  const full = training.dropRemainder ? stepsPerEpoch : Math.max(1, rows / training.batchSize);
  const encoded = await sampleRows(measured, data, Math.min(rows, SAMPLE.rows, SAMPLE.batches * training.batchSize));
  // Measured before the steps: memory left by reading files is also used in training.
  const encode = data === null ? null : await encodingSeconds(data.table, measured, rows);
  const run = await shortRun(measured, encoded, options);
  const memory = { ...(await estimateMemory(items, measured, run, encoded, rows)), available };
  const { floorShare } = await import("../../core/train/floor.js");
  const steps = (totalSteps / stepsPerEpoch) * full;
  const floor = Math.min(await regressionSeconds(measured, encoded, rows), floorShare * steps * run.step.value);
  const start = run.start + floor;
  return new EstimateResult({
    rows,
    epochs: totalSteps / stepsPerEpoch,
    steps: totalSteps,
    sample: { rows: encoded.rows, steps: run.steps, madeUp: data === null, wholeTables: whole },
    step: run.step,
    epoch: scaled(run.step, full),
    start,
    encode,
    total: scaled(run.step, steps, start + (encode ?? 0)),
    memory,
    study: await studyMemory(resolved, options, memory.bytes, sum(items)),
    tables: tableSizes(resolved),
    items,
  });
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

function scaled({ value, low, high }: Estimate, factor: number, fixed = 0): Estimate {
  return { value: value * factor + fixed, low: low * factor + fixed, high: high * factor + fixed };
}

/** The measured memory, plus tables' optimiser state, the rows cut from tables, and the full data. */
async function estimateMemory(
  items: readonly MemoryItem[],
  measured: ModelSpec,
  run: Awaited<ReturnType<typeof shortRun>>,
  encoded: EncodedData,
  rows: number,
): Promise<{ bytes: number; data: number }> {
  const { encodedBytes } = await import("../../core/data/row-buffer.js");
  const { trainingDataBytes } = await import("../../core/data/encoded/estimates.js");
  const sampleItems = memoryNeeded(measured);
  const tables = sampleItems.filter(({ what }) => what.startsWith("table "));
  const weights = tableSizes(measured).reduce((total, { parameters }) => total + 4 * (parameters ?? 0), 0);
  const sampled = encodedBytes(encoded);
  const data = trainingDataBytes(rows, sampled / encoded.rows, mostBatchRows(measured.training));
  return { bytes: run.resident + (sum(tables) - weights) + (sum(items) - sum(sampleItems)) + data - sampled, data };
}

/** @param one bytes of the process with one engine @param more of each further engine */
async function studyMemory(spec: ModelSpec, options: EstimateOptions, one: number, more: number) {
  const lanes = await studyLanes([spec], options);
  const group = await variantGroup(spec, lanes);
  const together = Math.max(1, group?.size ?? 1);
  const most = Math.max(1, group === null ? 1 : groupSize(spec, lanes.threads));
  return { parallel: lanes.lanes, together, most, bytes: one + (lanes.lanes * together - 1) * more };
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
export interface EstimateOptions extends EngineChoice, SignalOptions {
  /** Rows of the training data. Default: those of the data. */
  readonly rows?: number;
  readonly epochs?: number;
  /** Seconds of steps to measure. Default: 5. */
  readonly seconds?: number;
  /** Concurrent runs of a study, as in `ablate`. Default: one per core. */
  readonly parallel?: number;
}

async function sampleRows(spec: ModelSpec, data: Dataset | null, rows: number): Promise<EncodedData> {
  const { encode } = await import("../../core/data/encode/encode.js");
  const { encodedLike } = await import("../../core/samples/encoded-like.js");
  if (data === null) return encodedLike(spec, rows, spec.training.seed);
  return encode(data.table.slice(0, Math.min(rows, data.rows)), spec);
}

async function shortRun(
  spec: ModelSpec,
  encoded: EncodedData,
  { engine: name, threads, seconds = 5 }: EstimateOptions,
) {
  const { stepTimes } = await import("../../core/train/loop/steps.js");
  const started = performance.now();
  const batchSize = Math.min(mostBatchRows(spec.training), encoded.rows);
  const fitting = { ...spec, training: { ...spec.training, batchSize } };
  const engine = await openEngine(fitting, { seed: spec.training.seed, engine: name, threads });
  try {
    const opened = (performance.now() - started) / 1000;
    const times = await stepTimes(engine, encoded, seconds);
    const { studentQuantile } = await import("../../core/metrics/distributions.js");
    const n = times.stretches.length;
    const error = Math.sqrt(sampleVariance(times.stretches) / n);
    const half = studentQuantile(0.05, n - 1) * error + unseen * times.mean;
    const step = { value: times.mean, low: Math.max(0, times.mean - half), high: times.mean + half };
    const resident = process.memoryUsage.rss();
    return { start: opened + Math.max(0, times.first - times.mean), step, steps: times.steps, resident };
  } finally {
    await engine.dispose();
  }
}

/** The share for effects that a short run cannot measure: other rows, other load on the machine, thermal throttling. */
const unseen = 0.1;

/** Bytes of memory. */
export interface EstimatedMemory {
  readonly bytes: number;
  /** The part for encoded rows: all rows if they are less than 256 MB, else the rows read at a time. */
  readonly data: number;
  readonly available: number;
}

/** The numbers of an estimate. */
export interface EstimateParts {
  readonly rows: number;
  readonly epochs: number;
  readonly steps: number;
  /** The measured rows. `wholeTables`: `false` if tables were cut because the full ones do not fit into memory. */
  readonly sample: {
    readonly rows: number;
    readonly steps: number;
    /** Whether the rows were generated, because no data were passed. */
    readonly madeUp: boolean;
    readonly wholeTables: boolean;
  };
  /** Seconds; the interval: 95% from the variation of the short run, plus 10% for effects that it cannot measure. */
  readonly step: Estimate;
  readonly epoch: Estimate;
  /** Time until the first step is done, with the logistic regression that evaluations name. */
  readonly start: number;
  /** Time of the first encoding; `null` for generated rows: then it is not in `total`. */
  readonly encode: number | null;
  /** Start, encoding and all epochs; without evaluations. */
  readonly total: Estimate;
  readonly memory: EstimatedMemory;
  /** What `ablate` needs. Variants of one structure train together in groups, of which `parallel` train at once. */
  readonly study: {
    readonly parallel: number;
    /** The largest number of variants of a group that fits into the memory; 1: each trains alone. */
    readonly together: number;
    /** That number if the memory had no limit. */
    readonly most: number;
    /** Memory of the process with full groups. */
    readonly bytes: number;
  };
  readonly tables: readonly TableSize[];
  /** The parts of training's memory and how they are computed: weights, gradients, optimiser state. */
  readonly items: readonly MemoryItem[];
}

const SLOW = 3600;
const TOO_SLOW = 24 * 3600;
const USABLE = 0.9;
const SHOWN_TABLES = 8;
const BATCH_ITEM = "inputs of a batch";

const EstimateFacts: FactsBase<EstimateParts> = factsBase();

/** An estimate with a notebook display. Made by `model.estimate()`. */
export class EstimateResult extends EstimateFacts {
  /** @internal */
  sheet(): Sheet {
    const { rows, steps, madeUp, wholeTables } = this.sample;
    const kind = madeUp ? "generated rows" : "rows of the data";
    const cut = wholeTables ? "" : ", with smaller tables, because the full ones do not fit into memory";
    const quantities = [...timeRows(this.facts), ...memoryRows(this.facts, this.clusterBytes)];
    const caption = marked`${this.#advice()}. Measured: ${machineCount(steps)} ${steps === 1 ? "step" : "steps"} on ${grouped(rows)} ${kind}${cut}; evaluations are not counted`;
    const { col, sheetFrom } = tables();
    return sheetFrom(caption, quantities, [
      col.text(["quantity", ""], ({ what }) => what),
      col.number(["seconds", null], ({ seconds }) => seconds?.value),
      col.number(["low", null], ({ seconds }) => seconds?.low),
      col.number(["high", null], ({ seconds }) => seconds?.high),
      col.number(["bytes", null], ({ bytes }) => bytes),
      col.text([null, "estimate"], quantityText),
      col.text("how", ({ how }) => how),
    ]);
  }

  /** `fits`; `slow` from an hour on; `move` to a cluster if memory is too small, or from a day on. */
  get verdict(): "fits" | "slow" | "move" {
    if (this.memory.bytes > USABLE * this.memory.available || this.total.value > TOO_SLOW) return "move";
    return this.total.value > SLOW ? "slow" : "fits";
  }

  /** Embedding and dense parameters with their optimisers' state, in bytes. */
  get clusterBytes(): number {
    return sum(this.items.filter(({ what }) => what !== BATCH_ITEM));
  }

  get advice(): string {
    return this.#advice().text;
  }

  #advice(): MarkedText {
    const { bytes, available } = this.memory;
    const time = marked`about ${duration(this.total.value)} (${intervalText(this.total)})`;
    const memory = marked`${memorySize(bytes)} of ${memorySize(available)}`;
    const cluster = `a cluster would need ${size(this.clusterBytes)} for tables, parameters and optimiser state`;
    if (bytes > USABLE * available) return marked`move: it needs ${memory}; ${cluster}: model.toConfig()`;
    if (this.verdict === "move")
      return marked`move: it fits (${memory}), but takes ${time}; ${cluster}: model.toConfig()`;
    if (this.verdict === "slow")
      return marked`fits slowly: ${time}, ${memory}; model.toConfig() exports it for a cluster`;
    return marked`fits: ${time}, ${memory}`;
  }
}

interface Quantity {
  readonly what: string;
  readonly seconds?: Estimate;
  readonly bytes?: number | undefined;
  /** Whether the machine decides the bytes. */
  readonly isMeasured?: boolean;
  readonly how: string | MarkedText;
}

function timeRows({ rows, epochs, steps, total, epoch, step, start, encode }: EstimateParts): Quantity[] {
  const training = `training, ${count(rows, "row")} × ${Number(epochs.toFixed(2))} epochs`;
  return [
    { what: training, seconds: total, how: intervalText(total) },
    { what: "an epoch", seconds: epoch, how: intervalText(epoch) },
    { what: `a step (of ${grouped(steps)})`, seconds: step, how: intervalText(step) },
    { what: "until the first step is done", seconds: exactly(start), how: "each time" },
    encode === null
      ? { what: "encoding", how: "not measured: pass data" }
      : { what: "encoding", seconds: exactly(encode), how: "once: it is cached" },
  ];
}

function memoryRows({ memory, study, items, tables: sizes }: EstimateParts, clusterBytes: number): Quantity[] {
  const bySize = [...sizes].sort((a, b) => (b.parameters ?? 0) - (a.parameters ?? 0));
  const largest = bySize.slice(0, SHOWN_TABLES);
  const rest = bySize.length - largest.length;
  const process = marked`rows ${size(memory.data)}; available: ${memorySize(memory.available)}`;
  const quantities: Quantity[] = [
    { what: "memory of this process", bytes: memory.bytes, isMeasured: true, how: process },
    { what: "memory of a study", bytes: study.bytes, isMeasured: true, how: studyText(study) },
    { what: "on a cluster", bytes: clusterBytes, how: "tables, parameters, optimiser state" },
    ...items
      .filter(({ what }) => !what.startsWith("table ") && what !== BATCH_ITEM)
      .map(({ what, bytes, arithmetic }) => ({ what, bytes, how: arithmetic })),
    ...largest.map(({ table }) => {
      const item = items.find(({ what }) => what === `table ${table}`);
      return { what: `table ${table}`, bytes: item?.bytes, how: item?.arithmetic ?? "" };
    }),
  ];
  return rest === 0 ? quantities : [...quantities, { what: count(rest, "smaller table"), how: "" }];
}

function studyText({ parallel, together, most }: EstimateParts["study"]): MarkedText {
  const lanes = marked`${machineCount(parallel)} at once`;
  if (most === 1) return marked`${lanes}: each run trains alone`;
  return marked`${lanes}, each with ${machineCount(together)} of the ${grouped(most)} variants that could train together`;
}

function quantityText({ seconds, bytes, isMeasured = false }: Quantity): string | MarkedText {
  if (seconds !== undefined) return duration(seconds.value);
  if (bytes === undefined) return "";
  return isMeasured ? memorySize(bytes) : size(bytes);
}

function exactly(seconds: number): Estimate {
  return { value: seconds, low: seconds, high: seconds };
}

function intervalText({ low, high }: Estimate): MarkedText {
  return marked`${duration(low)} to ${duration(high)}`;
}
