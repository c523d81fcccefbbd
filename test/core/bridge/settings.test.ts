/** Every setting of a training, and what an export of the run's model holds of it; tables, so that none is forgotten. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FitOptions } from "../../../src/api/training/engines.js";
import type { TrainOptions } from "../../../src/core/builder/with-training.js";
import type { TrainingSpec } from "../../../src/core/spec/training.js";
import { readSafetensors } from "../../../src/core/train/saved/weights.js";
import { random } from "../../../src/core/util/random.js";
import {
  type AnyModel,
  adadelta,
  adagrad,
  adam,
  adamw,
  cosine,
  cosineRestarts,
  exponentialDecay,
  idFeature,
  manualSteps,
  partialRowwiseAdam,
  pepnet,
  type Run,
  rawFeature,
  rmsprop,
  rowwiseAdagrad,
  sgd,
} from "../../../src/index.js";
import { writeSafetensors } from "../train/saved/encoded.js";

let folder: string;
const runs: Run[] = [];
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-settings-"));
});
afterAll(async () => {
  for (const run of runs) await run.dispose();
  await rm(folder, { recursive: true });
});

function rows(count: number, seed: number) {
  const source = random(seed);
  return Array.from({ length: count }, () => ({
    item: source.integer(20),
    tags: `${source.integer(9)}|${source.integer(9)}`,
    price: source.uniform(),
    weight: 1 + source.integer(3),
    clk: source.integer(2),
    buy: source.integer(2),
  }));
}
const [train, validation] = [rows(1000, 1), rows(200, 2)];
const model = pepnet()
  .features(
    idFeature("item").buckets(20).embedding(4),
    idFeature("tags").hash(9).multiValue("|").embedding(4),
    rawFeature("price").zscore(),
  )
  .labels("clk", "buy")
  .sampleWeights("weight")
  .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc().sampleWeight("weight"))
  .tower("cvr", (t) => t.label("buy").mlp(4).bce().auc()) as unknown as AnyModel;

const monitor = { metric: "planted", better: "higher" as const };

/** Early stopping keeps step 12 of 32, or the options say how long to train. */
async function exported(of: AnyModel, options: FitOptions = {}) {
  let at = 0;
  const planted = (): number => [1, 1, 2, 2, 3, 3][at++] ?? 0;
  const stops = { metrics: { planted }, earlyStopping: { monitor } };
  const run = await of.fit(train, { validation, quiet: true, engine: "cpu", ...stops, ...options });
  runs.push(run);
  const out = path.join(folder, `out-${runs.length}`);
  const { notes } = await run.model.exportTorchEasyRec(train, { folder: out, validation });
  await writeSafetensors(path.join(out, "weights.safetensors"), await run.weights());
  const read = (name: string): Promise<string> => readFile(path.join(out, name), "utf8");
  return { run, out, notes: notes.join("\n"), config: await read("pipeline.config"), readme: await read("README.md") };
}

interface Setting {
  readonly train: TrainOptions;
  /** In the exported config; a `# pepnet:` line holds what TorchEasyRec lacks. */
  readonly config: RegExp;
  /** What cannot travel. Default: nothing. */
  readonly note?: RegExp;
  /** Early stopping keeps step 12, unless the setting gives another length. */
  readonly kept?: Partial<TrainingSpec>;
}

const rates = { dense: adam(0.01), sparse: adagrad(0.1) };
const settings: Readonly<Record<keyof Required<TrainingSpec>, readonly Setting[]>> = {
  // These are evaluated every 8 steps.
  epochs: [{ train: { epochs: 2 }, config: /num_steps: 24\s+save_checkpoints_steps: 8/, kept: { steps: 24 } }],
  steps: [{ train: { steps: 30 }, config: /num_steps: 24\s+save_checkpoints_steps: 8/, kept: { steps: 24 } }],
  batchSize: [
    { train: {}, config: /batch_size: 64/ },
    { train: { batchSize: 50 }, config: /batch_size: 50[\s\S]*/, kept: { epochs: null, steps: 15 } },
  ],
  evalBatchSize: [{ train: { evalBatchSize: 77 }, config: /eval_batch_size: 77/ }],
  seed: [{ train: { seed: 5 }, config: /# pepnet: \{"seed":5\}/ }],
  shuffle: [
    { train: { shuffle: true }, config: /shuffle: true/ },
    { train: { shuffle: false }, config: /^((?!shuffle)[\s\S])*$/ },
  ],
  dropRemainder: [
    { train: { dropRemainder: true }, config: /drop_remainder: true/, kept: { epochs: null, steps: 11 } },
  ],
  dense: [
    {
      train: { dense: sgd(0.1, { momentum: 0.9, dampening: 0.1, weightDecay: 0.01 }) },
      config: /sgd_optimizer \{\s+lr: 0.1/,
    },
    {
      train: { dense: adagrad(0.1, { initialAccumulator: 0.2, eps: 1e-6 }) },
      config: /initial_accumulator_value: 0.2/,
    },
    { train: { dense: adam(0.02, { beta1: 0.8, beta2: 0.99, amsgrad: true }) }, config: /amsgrad: true/ },
    { train: { dense: adamw(0.02, { weightDecay: 0.03 }) }, config: /adamw_optimizer[\s\S]*weight_decay: 0.03/ },
    { train: { dense: adadelta(0.5, { rho: 0.8 }) }, config: /adadelta_optimizer[\s\S]*rho: 0.8/ },
    { train: { dense: rmsprop(0.01, { alpha: 0.9 }) }, config: /rmsprop_optimizer[\s\S]*alpha: 0.9/ },
  ],
  sparse: [
    { train: { sparse: sgd(0.1, { maxGradient: 0.5 }) }, config: /gradient_clipping: true\s+max_gradient: 0.5/ },
    { train: { sparse: adagrad(0.1, { initialAccumulator: 0.3 }) }, config: /initial_accumulator_value: 0.3/ },
    {
      train: { sparse: rowwiseAdagrad(0.1, { weightDecay: 0.01, weightDecayMode: "L2" }) },
      config: /rowwise_adagrad_optimizer[\s\S]*weight_decay_mode: L2/,
    },
    { train: { sparse: adam(0.01, { beta1: 0.8 }) }, config: /sparse_optimizer \{\s+adam_optimizer[\s\S]*beta1: 0.8/ },
    { train: { sparse: partialRowwiseAdam(0.01) }, config: /partial_rowwise_adam_optimizer/ },
  ],
  denseLearningRate: [
    {
      train: {
        denseLearningRate: exponentialDecay({ every: 5, factor: 0.9, warmup: { size: 3, from: 0.001 }, min: 1e-4 }),
      },
      config:
        /decay_size: 5\s+decay_factor: 0.9[\s\S]*warmup_learning_rate: 0.001\s+warmup_size: 3\s+min_learning_rate: 0.0001/,
    },
    {
      train: {
        denseLearningRate: manualSteps({
          at: [
            [5, 0.005],
            [9, 0.001],
          ],
          warmup: true,
        }),
      },
      config: /schedule_sizes: \[5, 9\]\s+learning_rates: \[0.005, 0.001\]\s+warmup: true/,
    },
    { train: { denseLearningRate: manualSteps({ at: [[1, 0.005]], byEpoch: true }) }, config: /by_epoch: true/ },
  ],
  sparseLearningRate: [
    { train: { sparseLearningRate: cosine({ over: 40, min: 0.01 }) }, config: /T_max: 40\s+min_learning_rate: 0.01/ },
    { train: { sparseLearningRate: cosineRestarts({ first: 7, times: 2 }) }, config: /T_0: 7\s+T_mult: 2/ },
    {
      train: { sparseLearningRate: exponentialDecay({ every: 2, byEpoch: true }) },
      config: /decay_size: 2[\s\S]*by_epoch: true/,
    },
  ],
  partOptimizers: [
    {
      train: { partOptimizers: [{ pattern: ".*bias$", optimizer: sgd(0.2), learningRate: cosine({ over: 9 }) }] },
      config:
        /part_optimizers \{\s+sgd_optimizer \{\s+lr: 0.2[\s\S]*regex_pattern: "\.\*bias\$"\s+cosine_annealing_learning_rate \{ T_max: 9/,
    },
  ],
  emaDecay: [{ train: { emaDecay: 0.9 }, config: /ema \{ decay: 0.9 \}/ }],
  gradientAccumulation: [{ train: { gradientAccumulation: 2 }, config: /gradient_accumulation_steps: 2/ }],
  gradClipping: [
    {
      train: { gradClipping: { max: 2, normType: 1 } },
      config: /clipping_type: "norm"\s+max_gradient: 2\s+norm_type: 1/,
    },
    {
      train: { gradClipping: { type: "value", max: 0.5, global: true } },
      config: /"value"[\s\S]*enable_global_grad_clip: true/,
    },
  ],
  tablePlacement: [
    { train: { tablePlacement: "sparse" }, config: /sharding_types: \["table_wise"\]/ },
    { train: { tablePlacement: "dense" }, config: /sharding_types: \["data_parallel"\]/ },
    // Each table is pinned to the optimizer that the planner gives it here.
    {
      train: { tablePlacement: "planner" },
      config: /embedding_constraints \{\s+sharding_types: \["data_parallel"\]/,
      kept: { tablePlacement: "sparse" },
    },
  ],
  like: [{ train: { like: "torcheasyrec" }, config: /# pepnet: \{"like":"torcheasyrec"\}/ }],
  outputBias: [{ train: { outputBias: "rate" }, config: /"outputBias":"rate"/, note: /outputs start at random there/ }],
  lossWeights: [{ train: { lossWeights: "pareto" }, config: /use_pareto_loss_weight: true/, note: /NumPy 2/ }],
};

const listed = Object.entries(settings).flatMap(([name, all]) => all.map((each) => [name, each] as const));

describe("a setting of the model is in the export of its run, and comes back with it", () => {
  it.each(listed)("%s", async (name, { train: options, config, note, kept = {} }) => {
    const { run, out, notes, ...written } = await exported(model.train(rates).train(options) as AnyModel);
    expect(written.config).toMatch(config);
    const isAveraged = options.emaDecay !== undefined;
    const back = await pepnet.fromTorchEasyRec(out, isAveraged ? { weights: "trained" } : {});
    runs.push(back);
    const expected = { ...run.spec.training, epochs: null, steps: 12, ...kept };
    expect(back.spec.training).toEqual(expected);
    expect(run.spec.training.batchSize).toBeTypeOf("number");
    const [[, setting] = []] = Object.entries(options).slice(0, 1);
    if (setting !== undefined) expect(run.spec.training).toHaveProperty(name);
    if (note === undefined)
      expect(notes.split("\n")).toEqual([expect.stringMatching(/The run (stopped early|kept the weights of step 24)/)]);
    else expect(notes).toMatch(note);
    expect(back.spec.sampleWeights).toEqual(["weight"]);
  });
});

/** What an option of `fit` makes of the export: its config as without the option, other fields, or a note. */
interface Option {
  readonly options?: FitOptions | (() => Promise<FitOptions>);
  readonly config?: RegExp;
  readonly note?: RegExp;
}

const same: Option = {};
let first: Promise<FitOptions> | undefined;
/** The weights of another run, whose folder also has the state of its optimizers. */
const startWeights = (): Promise<FitOptions> => {
  const options = {
    validation,
    quiet: true,
    engine: "cpu",
    steps: 3,
    checkpoints: path.join(folder, "first"),
  } as const;
  first ??= model
    .train(rates)
    .fit(train, options)
    .then(async (run) => {
      runs.push(run);
      return { weights: await run.weights() };
    });
  return first;
};

const fitOptions: Readonly<Record<keyof Required<FitOptions>, Option>> = {
  validation: { options: { validation }, config: /eval_input_path: "eval.parquet"/ },
  steps: { options: { steps: 20, earlyStopping: false }, config: /num_steps: 20/ },
  epochs: { options: { epochs: 2, earlyStopping: false }, config: /num_epochs: 2/ },
  seed: { options: { seed: 9 }, config: /# pepnet: \{"seed":9\}/ },
  seeds: { options: { seeds: 2 }, config: /num_steps: \d+/, note: /The mean of 2 runs[\s\S]*a model 2 times as wide/ },
  earlyStopping: { options: { earlyStopping: false, epochs: 3 }, config: /num_epochs: 3/ },
  evaluationsPerEpoch: { options: { evaluationsPerEpoch: 8 }, config: /num_steps: 6\s+save_checkpoints_steps: 2/ },
  weights: { options: startWeights, note: /started from weights \(weights in memory\)/ },
  weightMap: {
    options: async () => ({ ...(await startWeights()), weightMap: { "model._task_tower.*": null } }),
    note: /by a weightMap/,
  },
  newDomains: same, // of a model with domains: test/api/new-domains.test.ts
  optimizer: {
    options: async () => {
      const start = await startWeights();
      const saved = await readSafetensors(path.join(folder, "first", "optimizer.safetensors"));
      const arrays = [...saved].filter(([name]) => !name.endsWith(".trained"));
      const optimizer = path.join(folder, "optimizer.safetensors");
      await writeSafetensors(optimizer, new Map([...arrays, ["updates", { shape: [], data: Float32Array.of(3) }]]));
      return { ...start, optimizer };
    },
    note: /its optimizers continued/,
  },
  vectors: {
    options: {
      vectors: { item: { from: [{ item: 1, vector: [1, 0, 0, 0] }], id: "item", vector: "vector" } },
    },
    note: /the tables of "item" started from vectors/,
  },
  checkpoints: { options: async () => ({ checkpoints: path.join(folder, "checkpoints") }) },
  engine: same,
  threads: { options: { threads: 1 } },
  metrics: same,
  onNonFinite: { options: { onNonFinite: "skip" } },
  signal: { options: { signal: new AbortController().signal } },
  onStep: { options: { onStep: () => undefined } },
  onEvaluation: { options: { onEvaluation: () => undefined } },
  onProgress: { options: { onProgress: () => undefined } },
  tensorboard: { options: async () => ({ tensorboard: path.join(folder, "tensorboard") }) },
  gates: { options: { gates: { rows: 50 } } },
  floor: { options: { floor: false } },
  cache: same,
  quiet: same,
};

describe("an option of fit is in the export of its run, or noted, or of this machine", () => {
  let plain: Promise<Awaited<ReturnType<typeof exported>>> | undefined;
  it.each(Object.entries(fitOptions))("%s", async (_, { options = {}, config, note }) => {
    plain ??= exported(model.train(rates) as AnyModel);
    const usual = await plain;
    const given = typeof options === "function" ? await options() : options;
    const written = await exported(model.train(rates) as AnyModel, given);
    if (config === undefined) expect(written.config).toBe(usual.config);
    else expect(written.config).toMatch(config);
    expect(usual.notes.split("\n")).toHaveLength(1);
    if (note === undefined) expect(written.notes.split("\n").length).toBeLessThanOrEqual(1);
    else expect(written.notes).toMatch(note);
  });
});
