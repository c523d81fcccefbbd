/** The processes that `scale-…` measures: `run FILE` trains, `estimate FILE` predicts it. Each prints its result. */

import { dataset } from "../src/api/data/dataset.js";
import { modelFromSpec } from "../src/api/model/model.js";
import { encodedRows } from "../src/core/data/encoded/encoded-rows.js";
import { fitFeatures } from "../src/core/data/fit-features.js";
import { openTable } from "../src/core/data/table/open.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import { fit } from "../src/core/train/loop/fit.js";
import { smallSample } from "./models.js";
import { residentPeak } from "./peak.js";
import { compiledEngine } from "./steppers.js";
import { millis } from "./timing.js";

/** What a training measured. */
export interface ScaleRun {
  /** Values of `user_id`. */
  readonly vocabulary: number;
  readonly vocabularyMillis: number;
  readonly encodeMillis: number;
  /** Processor time of all threads, in milliseconds. */
  readonly cpu: { readonly vocabulary: number; readonly encode: number; readonly train: number };
  readonly trainedRows: number;
  readonly trainMillis: number;
  readonly peakMegabytes: number;
}

/** What `model.estimate` predicts. */
export interface ScaleEstimate {
  readonly encodeMillis: number;
  readonly epochMillis: number;
  readonly megabytes: number;
  readonly clusterBytes: number;
}

/** Rows of a batch of {@link smallSample}. */
const batchRows = 8192;
/** Steps of the longest training: 8.2 million rows, a part of an epoch of the larger logs. */
const mostSteps = 1000;

/** Users are a vocabulary of the rows. */
function scaleSpec(): ModelSpec {
  const sample = smallSample();
  return {
    ...sample,
    features: sample.features.map((feature) =>
      feature.name === "user_id" && feature.kind === "id"
        ? { ...feature, encoding: { kind: "vocabFit", minCount: 1, most: null, from: null } }
        : feature,
    ),
  };
}

async function run(file: string): Promise<ScaleRun> {
  const table = await openTable(file);
  const begin = performance.now();
  const fitted = await fitFeatures(scaleSpec(), table);
  const vocabularyMillis = performance.now() - begin;
  const vocabularyCpu = cpuMillis();
  const user = fitted.features.find(({ name }) => name === "user_id")!;
  const vocabulary = user.kind === "id" && user.encoding.kind === "vocabList" ? user.encoding.values.length : 0;
  const start = performance.now();
  const data = await encodedRows(table, fitted);
  const encodeMillis = performance.now() - start;
  const encodeCpu = cpuMillis() - vocabularyCpu;
  const steps = Math.min(mostSteps, Math.ceil(data.rows / batchRows));
  const spec: ModelSpec = { ...fitted, training: { ...fitted.training, epochs: null, steps } };
  const engine = await compiledEngine(spec);
  const opened = cpuMillis();
  const trainMillis = await millis(() => fit(engine, data, null));
  const train = cpuMillis() - opened;
  const peakMegabytes = residentPeak();
  await engine.dispose();
  return {
    vocabulary,
    vocabularyMillis,
    encodeMillis,
    trainMillis,
    peakMegabytes,
    cpu: { vocabulary: vocabularyCpu, encode: encodeCpu, train },
    trainedRows: Math.min(data.rows, steps * batchRows),
  };
}

function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function estimate(file: string): Promise<ScaleEstimate> {
  const result = await modelFromSpec(scaleSpec()).estimate(await dataset(file));
  return {
    encodeMillis: result.encode! * 1000,
    epochMillis: result.epoch.value * 1000,
    megabytes: result.memory.bytes / 1e6,
    clusterBytes: result.clusterBytes,
  };
}

async function main(task: string, file: string): Promise<void> {
  console.log(JSON.stringify(task === "run" ? await run(file) : await estimate(file)));
}

void main(process.argv[2]!, process.argv[3]!);
