/**
 * One step of a model on given matrices, with everything that it computes: what golden cases are compared with.
 * It goes below embeddings and batches, on the same programs that training runs.
 */
import type { Batch, EncodedData, FeatureColumn } from "../src/core/data/encoded/encoded.js";
import { type Arrangement, arrangeRows } from "../src/core/engine/core/arrange.js";
import { gradientSums } from "../src/core/engine/core/gradient-sums.js";
import { ModelInputs, modelFeeds, type OpenInputs, taskInputs } from "../src/core/engine/core/inference.js";
import { denseOptimizer } from "../src/core/engine/core/optimizers.js";
import {
  type Feed,
  type Runner,
  readLosses,
  stepResult,
  towerOutput,
  unsort,
} from "../src/core/engine/core/outputs.js";
import { moveStatistics } from "../src/core/engine/core/running-statistics.js";
import { embeddedFeatures, scatterGradients, scatterSequences } from "../src/core/engine/core/scatter.js";
import { longestPositions } from "../src/core/engine/core/sequences.js";
import { createWeights, type WeightStore, writeWeights } from "../src/core/engine/core/weight-store.js";
import type { EngineName, Weight, Weights } from "../src/core/engine/engine.js";
import { groupNames, matrixNames, type Plan, planModel } from "../src/core/nn/plan/plan.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import type { GroupDims } from "../src/core/spec/sizes.js";
import type { OwnRunner } from "./inline-runner.js";

/**
 * A case: weights by full name (`model.…`), inputs by group or as encoded features, labels and sample weights by
 * column.
 */
export interface ParityCase {
  readonly spec: ModelSpec;
  readonly mode: "train" | "eval";
  /** Parameters and buffers. */
  readonly weights: Weights;
  /** [rows, dim] by group, or encoded features: then tables are among the weights. */
  readonly inputs: Readonly<Record<string, Weight>> | ReadonlyMap<string, FeatureColumn>;
  readonly labels: Readonly<Record<string, ArrayLike<number>>>;
  readonly sampleWeights: Readonly<Record<string, ArrayLike<number>>>;
  /** Ids of features that losses read. Default: none. */
  readonly ids?: Readonly<Record<string, ArrayLike<number>>>;
  /** Of the step of Adam. */
  readonly learningRate: number;
}

/** What a case computes. Arrays by the names that TorchEasyRec gives them. */
export interface ParityResult {
  /** `logits_{tower}[_{domain}]`, `probs_…`, `probs1_…`, `y_…`: every tower on every row. */
  readonly predictions: Readonly<Record<string, Float32Array>>;
  readonly losses: Readonly<Record<string, number>>;
  readonly totalLoss: number;
  readonly parameterGradients: Readonly<Record<string, Float32Array>>;
  readonly inputGradients: Readonly<Record<string, Float32Array>>;
  /** Parameters after a first step of Adam. */
  readonly adamStep: Readonly<Record<string, Float32Array>>;
  readonly buffersAfter: Readonly<Record<string, Float32Array>>;
}

/** Options of {@link runParityCase}. */
export interface ParityOptions {
  readonly engine: EngineName;
  /** `false`: every tower on every row. */
  readonly savings?: boolean;
  /** Rows of a chunk of towers. Default: a product for each tower. */
  readonly chunkRows?: number;
}

/** Computes a case on an engine. */
export async function runParityCase(test: ParityCase, options: ParityOptions): Promise<ParityResult> {
  const plan = planModel(test.spec, { ...dimsOf(test), savings: true, ...options });
  const training = test.mode === "train";
  const runner = await createRunner(plan, training, options.engine);
  try {
    const store = weightStore(test, plan);
    const predictions = await predictAll(test, plan, runner, store, training);
    return { predictions, ...(await gradientStep(test, plan, runner, store, training)) };
  } finally {
    await runner.dispose();
  }
}

/** The widths of given matrices; those of encoded features follow from the spec. */
function dimsOf({ inputs }: ParityCase): { readonly dims?: GroupDims } {
  if (inputs instanceof Map) return {};
  const { all, domain, uia } = inputs as Readonly<Record<string, Weight>>;
  return {
    dims: { all: all?.shape[1] ?? 0, domain: domain?.shape[1] ?? null, uia: uia?.shape[1] ?? null },
  };
}

export async function createRunner(plan: Plan, training: boolean, engine: EngineName): Promise<OwnRunner> {
  if (engine === "compiled") {
    const { inlineRunner } = await import("./inline-runner.js");
    return inlineRunner(plan, training);
  }
  const { prepareBackend } = await import("../src/core/engine/eager-engine.js");
  const { eagerRunner } = await import("../src/core/engine/eager-engine.js");
  const { makeProgram: programOf } = await import("../src/core/nn/program.js");
  const runner = eagerRunner(plan, await prepareBackend(engine), (name) => programOf(plan, name, training));
  return { ...runner, async dispose() {} };
}

/** The case's weights; without tables, if its matrices take their place. */
function weightStore({ inputs, weights }: ParityCase, plan: Plan): WeightStore {
  if (inputs instanceof Map) return createWeights(plan, 0, weights);
  const bare = {
    ...plan,
    spec: { ...plan.spec, features: [], groups: [{ name: "all" as const, features: [], extra: {} }] },
  };
  const store = createWeights(bare, 0, null);
  writeWeights(store, weights);
  return store;
}

/** Every tower on every row: one run a domain, in which all rows are of that domain. */
async function predictAll(
  test: ParityCase,
  plan: Plan,
  runner: Runner,
  store: WeightStore,
  training: boolean,
): Promise<Record<string, Float32Array>> {
  const { spec } = test;
  const predictions: Record<string, Float32Array> = {};
  for (let domain = 0; domain < (spec.domains?.count ?? 1); domain++) {
    const batch = batchOf(test, domain);
    const arrangement = arrangeRows(batch, plan);
    const { feeds, sizes } = inputsOf(test, plan, store, training, batch, arrangement);
    const outputs = await runner.run("predict", { feeds, sizes });
    for (const { index, tower } of plan.tasks) {
      const logits = unsort(outputs.get(`logits.${index}`), arrangement, tower.numClass);
      const suffix = spec.domains === null ? tower.name : `${tower.name}_${domain}`;
      if (tower.losses.some((loss) => loss.kind === "l2_loss")) predictions[`y_${suffix}`] = logits;
      if (tower.losses.every((loss) => loss.kind === "l2_loss")) continue;
      const { probabilities } = towerOutput(tower, logits);
      predictions[`logits_${suffix}`] = logits;
      predictions[`probs_${suffix}`] = probabilities;
      if (tower.numClass === 2) predictions[`probs1_${suffix}`] = probabilities.filter((_, i) => i % 2 === 1);
    }
  }
  return predictions;
}

async function gradientStep(
  test: ParityCase,
  plan: Plan,
  runner: Runner,
  store: WeightStore,
  training: boolean,
): Promise<Omit<ParityResult, "predictions">> {
  const batch = batchOf(test, null);
  const arrangement = arrangeRows(batch, plan);
  const { feeds, sizes } = inputsOf(test, plan, store, training, batch, arrangement);
  const outputs = await runner.run("train", { feeds, sizes });
  if (training) moveStatistics(plan, store, outputs, arrangement.sizes, longestPositions(plan, batch));
  const { loss, taskLosses } = stepResult(plan, {
    losses: readLosses(plan, outputs),
    weights: null,
    gradientNorm: null,
  });
  const { dense } = gradientSums(plan, outputs, batch.rows.length);
  const gradients = [
    ...store.parameters.map(({ name, values }) => ({
      name,
      values,
      gradient: dense.get(name) ?? new Float32Array(values.length),
    })),
    ...tableGradients(plan, store, batch, arrangement, outputs),
  ];
  const adam = {
    kind: "adam",
    lr: test.learningRate,
    beta1: 0.9,
    beta2: 0.999,
    weightDecay: 0,
    eps: 1e-8,
    amsgrad: false,
  } as const;
  return {
    losses: taskLosses,
    totalLoss: loss,
    parameterGradients: Object.fromEntries(gradients.map(({ name, gradient }) => [name, gradient])),
    inputGradients: Object.fromEntries(
      Object.entries(test.inputs instanceof Map ? {} : (test.inputs as Readonly<Record<string, Weight>>)).map(
        ([group, { shape }]) => [
          group,
          groupNames(plan).some((name) => name === group)
            ? unsort(
                outputs.get(`grad:${group}`) ?? new Float32Array(shape[0]! * shape[1]!),
                arrangement,
                shape[1] ?? 0,
              )
            : new Float32Array((shape[0] ?? 0) * (shape[1] ?? 0)),
        ],
      ),
    ),
    adamStep: Object.fromEntries(
      gradients.map(({ name, values, gradient }) => {
        const after = values.slice();
        denseOptimizer(adam, after.length).update(after, gradient, adam.lr, 1);
        return [name, after];
      }),
    ),
    buffersAfter: Object.fromEntries(store.buffers.map(({ name, values }) => [name, values.slice()])),
  };
}

/** The case as a batch; `domain` puts all rows into one domain. */
export function batchOf(test: ParityCase, domain: number | null): Batch {
  const features: ReadonlyMap<string, FeatureColumn> = test.inputs instanceof Map ? test.inputs : new Map();
  const rows = Object.values(test.labels)[0]?.length ?? 0;
  const column = test.spec.domains === null ? undefined : test.labels[test.spec.domains.column];
  const columns = (from: Readonly<Record<string, ArrayLike<number>>>) =>
    new Map(Object.entries(from).map(([name, values]) => [name, Float32Array.from(values)]));
  const data: EncodedData = {
    rows,
    features: new Map<string, FeatureColumn>([
      ...features,
      ...Object.entries(test.ids ?? {}).map(([name, ids]): [string, FeatureColumn] => [
        name,
        { kind: "ids", ids: Int32Array.from(ids) },
      ]),
    ]),
    labels: columns(test.labels),
    sampleWeights: columns(test.sampleWeights),
    domains:
      domain === null ? (column === undefined ? null : Int32Array.from(column)) : new Int32Array(rows).fill(domain),
    warnings: [],
  };
  return { data, rows: Int32Array.from({ length: rows }, (_, i) => i) };
}

/** The program's inputs of a batch. */
function inputsOf(
  test: ParityCase,
  plan: Plan,
  store: WeightStore,
  training: boolean,
  batch: Batch,
  arrangement: Arrangement,
): OpenInputs {
  const tasks = taskInputs(batch, arrangement, plan);
  if (test.inputs instanceof Map)
    return new ModelInputs(plan, store, training).of(batch, arrangement, longestPositions(plan, batch), tasks);
  const feeds = new Map([...modelFeeds(plan, store, training), ...tasks.feeds]);
  feedMatrices(feeds, test.inputs as Readonly<Record<string, Weight>>, plan, arrangement.rows);
  return { feeds, sizes: tasks.sizes };
}

/** The tables' gradients, with zeros in rows that the batch does not touch. */
export function tableGradients(
  plan: Plan,
  store: WeightStore,
  batch: Batch,
  { order }: Arrangement,
  outputs: ReadonlyMap<string, Float32Array>,
): { name: string; values: Float32Array; gradient: Float32Array }[] {
  const { layouts, sequences } = new ModelInputs(plan, store, true);
  const matrices = new Map(
    matrixNames(plan).flatMap((name): [string, Float32Array][] => {
      const gradient = outputs.get(`grad:${name}`);
      return gradient === undefined ? [] : [[name, gradient]];
    }),
  );
  scatterGradients(embeddedFeatures(layouts, plan.spec), batch, order, matrices);
  scatterSequences(sequences, batch, order, matrices);
  return [...store.tables.values()].map((table) => {
    const gradient = new Float32Array(table.values.length);
    for (let at = 0; at < table.touchedCount; at++) {
      gradient.set(table.gradient.subarray(at * table.dim, (at + 1) * table.dim), table.touched[at]! * table.dim);
    }
    table.clear();
    return { name: table.name, values: table.values, gradient };
  });
}

function feedMatrices(
  feeds: Map<string, Feed>,
  inputs: Readonly<Record<string, Weight>>,
  plan: Plan,
  rows: Int32Array,
): void {
  for (const group of groupNames(plan)) {
    const { shape, data } = inputs[group]!;
    const dim = shape[1] ?? 0;
    const sorted = new Float32Array(data.length);
    rows.forEach((row, i) => {
      sorted.set(data.subarray(row * dim, (row + 1) * dim), i * dim);
    });
    feeds.set(group, { dtype: "float32", shape: [rows.length, dim], data: sorted });
  }
}
