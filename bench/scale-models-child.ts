/** The process that `scale-domains`, `scale-features`, `scale-tasks` and `scale-values` start: fits of one model, in CPU time. */
import type { EncodedData } from "../src/core/data/encoded/encoded.js";
import { encodedRows } from "../src/core/data/encoded/encoded-rows.js";
import { takeRows } from "../src/core/data/encoded/streamed.js";
import { openTable } from "../src/core/data/table/open.js";
import { createEngine } from "../src/core/engine/create-engine.js";
import { modelSize } from "../src/core/nn/plan/size.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import { everyRow } from "../src/core/util/numbers.js";
import { random } from "../src/core/util/random.js";
import { dataset, idFeature, pepnet } from "../src/index.js";
import { residentPeak } from "./peak.js";
import { median } from "./timing.js";

/** The size of a model. */
export interface ModelSize {
  readonly domains: number;
  readonly features: number;
  readonly tasks: number;
  /** Ids of one of the features, whose table has a row for each. */
  readonly values: number;
}

/** Processor time of all threads, without a floor. */
export interface ModelCost {
  /** Of a process's first fit, two steps. */
  readonly firstMillis: number;
  /** Of the same fit again. */
  readonly againMillis: number;
  /** Of a step of 1,024 rows. */
  readonly stepMillis: number;
  /** Of the traffic of its dense weights alone: copies as large as what Adam reads and writes. */
  readonly trafficMillis: number;
  /** Of an evaluation of all rows. */
  readonly evaluationMillis: number;
  readonly peakMegabytes: number;
  /** What the logistic regression beside AUC adds to a training of three epochs. */
  readonly floorShare: number;
}

const rows = 20_000;
const usualValues = 10_000;
const batchSize = 1024;
const fewSteps = 2;
const timedSteps = 16;

async function cost({ domains, features, tasks, values }: ModelSize): Promise<ModelCost> {
  const source = random(7);
  const column = (draw: (row: number) => number) => Int32Array.from({ length: rows }, (_, row) => draw(row));
  const fields = Array.from({ length: features }, (_, at) => `f${at}`);
  const buckets = (name: string) => (name === "f0" ? values : usualValues);
  const labels = Array.from({ length: tasks }, (_, at) => `y${at}`);
  const columns = {
    ...Object.fromEntries(fields.map((name) => [name, column(() => source.integer(buckets(name)))])),
    scene: column((row) => row % domains),
    ...Object.fromEntries(labels.map((name) => [name, column(() => (source.uniform() < 0.25 ? 1 : 0))])),
  };
  const data = await dataset(columns);
  const base = pepnet()
    .features(
      ...fields.map((name) => idFeature(name).buckets(buckets(name)).embedding(8)),
      idFeature("scene").buckets(domains).embedding(8),
    )
    .labels(...labels)
    .group("domain", ["scene"])
    .group("uia", ["f0", "f1"])
    .ppnet({ hidden: [64, 32] })
    .domains("scene", domains)
    .train({ batchSize });
  const withTower = (model: typeof base, label: string) =>
    model.tower(label, (tower) => tower.label(label).mlp(16).bce().auc()) as unknown as typeof base;
  const model = labels.reduce(withTower, base);
  const fit = async (length: { readonly steps: number } | { readonly epochs: number }, floor?: boolean) => {
    const begin = cpuMillis();
    const run = await model.fit(data, { ...length, validation: null, floor, seed: 1 });
    return { run, millis: cpuMillis() - begin };
  };
  const { data: encoded } = await takeRows(await encodedRows(await openTable(columns), model.spec), everyRow(rows));
  const first = await fit({ steps: fewSteps }, false);
  const again = await fit({ steps: fewSteps }, false);
  const { run } = await fit({ epochs: 1 }, false);
  const begin = cpuMillis();
  await run.evaluate(data);
  const evaluationMillis = cpuMillis() - begin;
  const alone = await fit({ epochs: 3 }, false);
  const both = await fit({ epochs: 3 });
  return {
    firstMillis: first.millis,
    againMillis: again.millis,
    stepMillis: await stepMillis(model.spec, encoded),
    trafficMillis: trafficMillis(modelSize(model.spec).denseParameters),
    evaluationMillis,
    peakMegabytes: residentPeak(),
    floorShare: both.millis / alone.millis - 1,
  };
}

/** The median step, without what a fit adds. */
async function stepMillis(spec: ModelSpec, data: EncodedData): Promise<number> {
  const engine = await createEngine(spec, { seed: 1 });
  const batch = (step: number) => {
    return { data, rows: Int32Array.from({ length: batchSize }, (_, at) => (step * batchSize + at) % data.rows) };
  };
  const times: number[] = [];
  for (let step = -3; step < timedSteps; step++) {
    const begin = cpuMillis();
    await engine.train([batch(step + 3)], 0);
    if (step >= 0) times.push(cpuMillis() - begin);
  }
  await engine.dispose();
  return median(times);
}

/** Adam reads and writes a weight and two moments; its gradient is written, then read. A copy reads and writes. */
function trafficMillis(parameters: number): number {
  const arrays = Array.from({ length: 8 }, (_, at) => new Float32Array(parameters).fill(at));
  const times = Array.from({ length: timedSteps }, () => {
    const begin = performance.now();
    for (let at = 0; at < arrays.length; at += 2) arrays[at]!.set(arrays[at + 1]!);
    return performance.now() - begin;
  });
  return median(times);
}

function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function main(size: string): Promise<void> {
  console.log(JSON.stringify(await cost(JSON.parse(size) as ModelSize)));
  process.exit(); // runs keep their threads
}

void main(process.argv[2]!);
