/**
 * One step of a model on given matrices, with everything that it computes: what golden cases are compared with.
 * It goes below embeddings and batches, on the same programs that training runs.
 */
import type { Batch, EncodedData } from "../src/data/encoded/encoded.js";
import { arrangeRows } from "../src/engine/core/feeds/arrange.js";
import { feedTasks, modelFeeds } from "../src/engine/core/feeds/program-feeds.js";
import { denseOptimizer } from "../src/engine/core/optimizers/dense-optimizer.js";
import { moveStatistics } from "../src/engine/core/optimizers/running-statistics.js";
import { lossesOf, stepResult, towerOutput, unsort } from "../src/engine/core/outputs.js";
import type { Feed, Runner } from "../src/engine/core/runner.js";
import { createWeights, type WeightStore, writeWeights } from "../src/engine/core/weights/weight-store.js";
import type { EngineName, Weight, Weights } from "../src/engine/engine.js";
import { type GroupDims, groupsOf, type Plan, planModel } from "../src/nn/plan/plan.js";
import type { ModelSpec } from "../src/spec/index.js";

/** A case: weights by full name (`model.…`), inputs by group, labels and sample weights by column. */
export interface ParityCase {
  readonly spec: ModelSpec;
  readonly mode: "train" | "eval";
  /** Parameters and buffers. */
  readonly weights: Weights;
  /** [rows, dim] by group. */
  readonly inputs: Readonly<Record<string, Weight>>;
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
}

/** Computes a case on an engine. */
export async function runParityCase(test: ParityCase, options: ParityOptions): Promise<ParityResult> {
  const { spec, inputs } = test;
  const dims: GroupDims = {
    all: inputs.all?.shape[1] ?? 0,
    domain: inputs.domain?.shape[1] ?? null,
    uia: inputs.uia?.shape[1] ?? null,
  };
  const plan = planModel(spec, { dims, savings: options.savings ?? true });
  const training = test.mode === "train";
  const runner = await createRunner(plan, training, options.engine);
  try {
    const store = weightStore(plan, test.weights);
    const predictions = await predictAll(test, plan, runner, store, training);
    return { predictions, ...(await gradientStep(test, plan, runner, store, training)) };
  } finally {
    await runner.dispose();
  }
}

async function createRunner(plan: Plan, training: boolean, engine: EngineName): Promise<Runner> {
  if (engine === "compiled") {
    const { inlineRunner } = await import("./inline-runner.js");
    return inlineRunner(plan, training);
  }
  const { prepareBackend } = await import("../src/engine/eager/backends.js");
  const { eagerRunner } = await import("../src/engine/eager/tf-runner.js");
  const { programOf } = await import("../src/nn/program.js");
  return eagerRunner(plan, await prepareBackend(engine), (name) => programOf(plan, name, training));
}

/** The case's weights without tables, whose place its matrices take. */
function weightStore(plan: Plan, weights: Weights): WeightStore {
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
    const feeds = modelFeeds(plan, store, training);
    feedMatrices(feeds, test, plan, arrangement.rows);
    const sizes = new Map<string, readonly number[]>();
    feedTasks(feeds, sizes, batch, arrangement, plan);
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
  const feeds = modelFeeds(plan, store, training);
  feedMatrices(feeds, test, plan, arrangement.rows);
  const sizes = new Map<string, readonly number[]>();
  feedTasks(feeds, sizes, batch, arrangement, plan);
  const outputs = await runner.run("train", { feeds, sizes });
  if (training) moveStatistics(plan, store, outputs, batch.rows.length);
  const { loss, taskLosses } = stepResult(plan, { losses: lossesOf(plan, outputs), gradientNorm: null });
  const gradients = store.parameters.map(({ name, values }) => ({
    name,
    values,
    gradient: outputs.get(`grad:${name}`) ?? new Float32Array(values.length),
  }));
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
      Object.entries(test.inputs).map(([group, { shape }]) => [
        group,
        groupsOf(plan).some((name) => name === group)
          ? unsort(outputs.get(`grad:${group}`) ?? new Float32Array(shape[0]! * shape[1]!), arrangement, shape[1] ?? 0)
          : new Float32Array((shape[0] ?? 0) * (shape[1] ?? 0)),
      ]),
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
function batchOf(test: ParityCase, domain: number | null): Batch {
  const rows = test.inputs.all?.shape[0] ?? 0;
  const column = test.spec.domains === null ? undefined : test.labels[test.spec.domains.column];
  const columns = (from: Readonly<Record<string, ArrayLike<number>>>) =>
    new Map(Object.entries(from).map(([name, values]) => [name, Float32Array.from(values)]));
  const data: EncodedData = {
    rows,
    features: new Map(
      Object.entries(test.ids ?? {}).map(([name, ids]) => [name, { kind: "ids", ids: Int32Array.from(ids) }]),
    ),
    labels: columns(test.labels),
    sampleWeights: columns(test.sampleWeights),
    domains:
      domain === null ? (column === undefined ? null : Int32Array.from(column)) : new Int32Array(rows).fill(domain),
    warnings: [],
  };
  return { data, rows: Int32Array.from({ length: rows }, (_, i) => i) };
}

function feedMatrices(feeds: Map<string, Feed>, test: ParityCase, plan: Plan, rows: Int32Array): void {
  for (const group of groupsOf(plan)) {
    const { shape, data } = test.inputs[group]!;
    const dim = shape[1] ?? 0;
    const sorted = new Float32Array(data.length);
    rows.forEach((row, i) => {
      sorted.set(data.subarray(row * dim, (row + 1) * dim), i * dim);
    });
    feeds.set(group, { dtype: "float32", shape: [rows.length, dim], data: sorted });
  }
}
