/** Specs that TorchEasyRec can express, for properties: every kind of feature, tower, loss, metric and optimiser. */
import fc from "fast-check";
import type { FeatureSpec } from "../../../src/core/spec/feature/feature.js";
import { isTrainMetric, type MetricSpec } from "../../../src/core/spec/metrics.js";
import { emptySpec, type GroupSpec, type ModelSpec, type TowerSpec } from "../../../src/core/spec/model.js";
import type { TrainingSpec } from "../../../src/core/spec/training.js";
import type { JsonObject } from "../../../src/core/util/json.js";

/** JSON trees: `constantFrom` alone would give the union of their shapes. */
const trees = (...options: readonly JsonObject[]): fc.Arbitrary<JsonObject> => fc.constantFrom(...options);

const text = fc.string({ unit: "binary", maxLength: 8 });
const count = fc.integer({ min: 1, max: 100_000 });
const share = fc.double({ min: 0, max: 0.999, noNaN: true });
const positive = fc.double({ min: 1e-6, max: 100, noNaN: true });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const encoding = fc.oneof(
  fc.record({ kind: fc.constant("hash" as const), size: count }),
  fc.record({ kind: fc.constant("vocabList" as const), values: fc.uniqueArray(text, { minLength: 1, maxLength: 4 }) }),
  fc.record({
    kind: fc.constant("vocabDict" as const),
    entries: fc.dictionary(text, fc.nat(50), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  }),
  fc.record({ kind: fc.constant("vocabFile" as const), path: text.map((name) => `vocab/${name}`) }),
);
const idEncoding = fc.oneof(fc.record({ kind: fc.constant("buckets" as const), count }), encoding);

const common = (name: string) => ({
  name: fc.constant(name),
  embeddingName: fc.constant(null),
  pooling: fc.constantFrom("sum" as const, "mean" as const),
  separator: maybe(text),
  defaultValue: text,
});

const feature = (name: string): fc.Arbitrary<FeatureSpec> =>
  fc.oneof(
    fc.record({
      kind: fc.constant("id" as const),
      ...common(name),
      expression: fc.constantFrom(`user:${name}`, `item:other_${name}`),
      encoding: idEncoding,
      defaultBucket: fc.constantFrom(null, 0),
      weighted: fc.boolean(),
      embeddingDim: count,
      extra: trees({}, { trainable: false, init_fn: "nn.init.zeros_" }, { data_type: "FP16" }),
    }),
    fc.record({
      kind: fc.constant("combo" as const),
      ...common(name),
      expressions: fc.constantFrom(["user:a"], ["user:a", "item:b"]),
      encoding,
      defaultBucket: fc.constantFrom(null, 0),
      embeddingDim: count,
      extra: fc.constant({}),
    }),
    rawFeature(name),
    fc.constantFrom<FeatureSpec>(
      {
        kind: "other",
        name,
        field: "lookup_feature",
        config: { feature_name: name, map: "user:m", key: "item:k", boundaries: [1, 2.5] },
      },
      {
        kind: "id",
        name,
        expression: `item:${name}`,
        encoding: { kind: "buckets", count: 9 },
        embeddingName: null,
        pooling: "mean",
        separator: null,
        defaultValue: "",
        defaultBucket: null,
        weighted: false,
        embeddingDim: 4,
        extra: {},
        sequence: { of: null, length: 50, delimiter: "|", extra: {} },
      },
    ),
  );

const projection = fc.oneof(
  fc.constant({ kind: "mlp" as const }),
  fc.record({ kind: fc.constant("autodis" as const), channels: count, temperature: positive, keepProb: share }),
);

const rawFeature = (name: string): fc.Arbitrary<FeatureSpec> =>
  fc
    .record({
      cut: fc.boolean(),
      projection: maybe(projection),
      valueDim: count,
      normalizer: maybe(text),
      dim: count,
      ...common(name),
    })
    .map(({ cut, dim, projection: made, ...rest }) => ({
      kind: "raw" as const,
      ...rest,
      expression: `item:${name}`,
      boundaries: cut ? [-1.5, 0, 2.25, 1e9] : [],
      embeddingDim: cut ? dim : null,
      ...(made && !cut && { projection: made, embeddingDim: dim, valueDim: made.kind === "mlp" ? rest.valueDim : 1 }),
      extra: {},
    }));

const domainFeature: FeatureSpec = {
  kind: "id",
  name: "scene",
  expression: "context:scene",
  encoding: { kind: "buckets", count: 3 },
  embeddingName: "scene_table",
  pooling: "sum",
  separator: null,
  defaultValue: "",
  defaultBucket: null,
  weighted: false,
  embeddingDim: 4,
  extra: {},
};

const mlp = fc
  .record({
    hidden: fc.array(count, { minLength: 1, maxLength: 3 }),
    ratio: fc.option(share),
    activation: fc.constantFrom("nn.ReLU", "nn.LeakyReLU(negative_slope=0.2)"),
    norm: fc.constantFrom("none", "batch", "layer"),
    bias: fc.boolean(),
  })
  .map(({ hidden, ratio, norm, ...rest }) => ({
    ...rest,
    hidden,
    dropout: ratio === null ? [] : [ratio],
    batchNorm: norm === "batch",
    layerNorm: norm === "layer",
  }));

const metric: fc.Arbitrary<MetricSpec> = fc.oneof(
  fc.record({ kind: fc.constant("auc" as const), thresholds: fc.integer({ min: 2, max: 2000 }) }),
  fc.constant({ kind: "grouped_auc" as const, groupingKey: "scene" }),
  fc.record({ kind: fc.constant("accuracy" as const), threshold: share, topK: count }),
  fc.record({ kind: fc.constant("normalized_entropy" as const), eta: fc.constantFrom(1e-12, 1e-7) }),
  fc.constant({ kind: "other" as const, field: "recall_at_k", config: {} }),
);

/** Metrics of towers that predict a number. */
const numericMetric: fc.Arbitrary<MetricSpec> = fc.oneof(
  fc.constantFrom({ kind: "mean_absolute_error" as const }, { kind: "mean_squared_error" as const }),
  fc.record({
    kind: fc.constant("xauc" as const),
    sampleRatio: fc.constantFrom(0.001, 0.25),
    maxPairs: fc.option(count),
    inBatch: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("grouped_xauc" as const),
    groupingKey: fc.constant("scene"),
    maxPairsPerGroup: count,
  }),
);

const loss = fc.oneof(
  fc.record({ kind: fc.constant("binary_cross_entropy" as const), labelSmoothing: share }),
  fc.constant({ kind: "l2_loss" as const }),
  fc.record({
    kind: fc.constant("binary_focal_loss" as const),
    gamma: share,
    alpha: share.filter((alpha) => alpha > 0 && alpha < 1),
  }),
  fc.constant({ kind: "other" as const, field: "recon_loss", config: { recon_type: "l1" } }),
);

const tower = (name: string): fc.Arbitrary<TowerSpec> =>
  fc
    .record({
      name: fc.constant(name),
      label: fc.constantFrom("clk", "buy"),
      numeric: fc.array(numericMetric, { maxLength: 2 }),
      hasMinimum: fc.boolean(),
      numClass: fc.constant(1),
      mlp: maybe(mlp),
      losses: fc.array(loss, { minLength: 1, maxLength: 2 }),
      metrics: fc.array(metric, { maxLength: 3 }),
      weight: positive,
      sampleWeight: fc.constantFrom(null, "w"),
      taskSpace: maybe(fc.record({ indicatorLabel: fc.constant("clk"), inWeight: positive, outWeight: share })),
      tracked: fc.array(metric, { maxLength: 2 }),
      extra: fc.constant({}),
    })
    .map(({ numeric, hasMinimum, tracked, ...rest }) => ({
      ...rest,
      ...(tracked.some(isTrainMetric)
        ? { trainMetrics: tracked.filter(isTrainMetric).map((each) => ({ ...each, decayRate: 0.5, decayStep: 3 })) }
        : {}),
      ...(hasMinimum ? { minWeight: 0.1 } : {}),
      metrics: rest.losses.some(({ kind }) => kind === "l2_loss") ? [...rest.metrics, ...numeric] : rest.metrics,
    }));

const adam = {
  lr: positive,
  beta1: share,
  beta2: share,
  weightDecay: share,
};
const dense = fc.oneof(
  fc.record({
    kind: fc.constant("sgd" as const),
    lr: positive,
    momentum: positive,
    weightDecay: share,
    dampening: fc.constant(0),
    nesterov: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("adagrad" as const),
    lr: positive,
    weightDecay: share,
    initialAccumulator: share,
    eps: fc.constantFrom(1e-10, 1e-6),
  }),
  fc.record({
    kind: fc.constantFrom("adam" as const, "adamw" as const),
    ...adam,
    eps: fc.constantFrom(1e-8, 1e-6),
    amsgrad: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("adadelta" as const),
    lr: positive,
    rho: share,
    eps: fc.constantFrom(1e-6, 1e-3),
    weightDecay: share,
  }),
  fc.record({
    kind: fc.constant("rmsprop" as const),
    lr: positive,
    alpha: share,
    eps: fc.constantFrom(1e-8, 1e-3),
    weightDecay: share,
  }),
);

const clip = { maxGradient: fc.constantFrom(null, 1, 0.5) };
const sparse = fc.oneof(
  fc.record({ kind: fc.constant("sgd" as const), lr: positive, ...clip }),
  fc.record({ kind: fc.constant("adagrad" as const), lr: positive, initialAccumulator: share, ...clip }),
  fc.record({
    kind: fc.constant("rowwise_adagrad" as const),
    lr: positive,
    weightDecay: share,
    weightDecayMode: fc.constantFrom("NONE" as const, "L2" as const, "DECOUPLE" as const),
    ...clip,
  }),
  fc.record({ kind: fc.constantFrom("adam" as const, "partial_rowwise_adam" as const), ...adam, ...clip }),
  fc.constant({ kind: "other" as const, field: "lamb_optimizer", config: { lr: 0.1, beta1: 0.5 } }),
);

const warmup = {
  minLearningRate: share,
  warmupLearningRate: share,
  warmupSize: fc.nat(100),
  byEpoch: fc.boolean(),
};
const learningRate = fc.oneof(
  fc.constant({ kind: "constant" as const }),
  fc.record({
    kind: fc.constant("exponential_decay" as const),
    decaySize: count,
    decayFactor: positive,
    staircase: fc.boolean(),
    ...warmup,
  }),
  fc.record({
    kind: fc.constant("manual_step" as const),
    scheduleSizes: fc.constant([10, 20]),
    learningRates: fc.tuple(share, share),
    warmup: fc.boolean(),
    byEpoch: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("cosine_annealing" as const), tMax: count, ...warmup }),
  fc.record({ kind: fc.constant("cosine_annealing_warm_restarts" as const), t0: count, tMult: count, ...warmup }),
);

const training: fc.Arbitrary<TrainingSpec> = fc
  .record({
    byEpochs: fc.boolean(),
    length: count,
    batchSize: count,
    evalBatchSize: maybe(count),
    seed: fc.nat(),
    shuffle: fc.boolean(),
    dropRemainder: fc.boolean(),
    dense,
    denseLearningRate: learningRate,
    sparse,
    sparseLearningRate: learningRate,
    partOptimizers: fc.array(
      fc.record({ pattern: fc.constantFrom("epnet.*", "tower"), optimizer: dense, learningRate }),
      { maxLength: 2 },
    ),
    emaDecay: maybe(share),
    gradientAccumulation: fc.integer({ min: 1, max: 8 }),
    gradClipping: maybe(
      fc.record({
        type: fc.constantFrom("norm" as const, "value" as const),
        maxGradient: positive,
        normType: fc.constantFrom(1, 2),
        global: fc.boolean(),
      }),
    ),
    tablePlacement: fc.constantFrom("sparse" as const, "planner" as const, "dense" as const),
    startsAtRates: fc.boolean(),
    isPareto: fc.boolean(),
  })
  .map(({ byEpochs, length, startsAtRates, isPareto, ...rest }) => ({
    ...rest,
    ...(startsAtRates ? { outputBias: "rate" as const } : {}),
    ...(isPareto ? { lossWeights: "pareto" as const } : {}),
    epochs: byEpochs ? length : null,
    steps: byEpochs ? null : length,
  }));

const extra = trees(
  {},
  { train_input_path: "odps://a/tables/b", train_config: { save_checkpoints_steps: 5, mixed_precision: "BF16" } },
  { model_config: { num_class: 3 }, eval_config: {}, export_config: {} },
  {
    data_config: {
      num_workers: 3,
      dataset_type: "CsvDataset",
      negative_sampler: { input_path: "x", num_sample: 1, item_id_field: "i" },
    },
    model_config: { feature_groups: [{ group_name: "spare", feature_names: ["scene"], group_type: "WIDE" }] },
  },
  { data_config: { fg_mode: "FG_DAG", fg_threads: 8 } },
);

const groups = (names: readonly string[]): fc.Arbitrary<GroupSpec[]> =>
  fc
    .record({
      all: fc.constantFrom("absent", "reversed"),
      domain: fc.boolean(),
      uia: fc.subarray([...names], { minLength: 1 }),
      extra: trees({}, { embedding_name_suffix: "_x" }, { group_type: "WIDE" }),
    })
    .map(({ all, domain, uia, extra: kept }) => [
      // A WIDE group holds ids only.
      { name: "uia" as const, features: kept["group_type"] === "WIDE" ? ["scene"] : uia, extra: kept },
      ...(all === "reversed" ? [{ name: "all" as const, features: [...names].reverse(), extra: {} }] : []),
      ...(domain ? [{ name: "domain" as const, features: ["scene"], extra: {} }] : []),
    ]);

/** Any spec that TorchEasyRec can express, in canonical form. */
export const expressibleSpec: fc.Arbitrary<ModelSpec> = fc
  .uniqueArray(fc.constantFrom("user_id", "brand", "price", "tags", "age", "x.y", "日本"), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((names) =>
    fc.record({
      features: fc.tuple(...names.map(feature)).map((list) => [domainFeature, ...list]),
      labels: fc.constant(["clk", "buy", "scene"]),
      sampleWeights: fc.constant(["w"]),
      groups: groups(["scene", ...names]),
      layers: fc.constant([]),
      epnet: fc.record({ hidden: maybe(count), gamma: positive }),
      ppnet: fc.record({
        hidden: fc.array(count, { minLength: 2, maxLength: 2 }),
        activation: fc.constantFrom("nn.ReLU", "nn.SiLU"),
        dropout: fc.constantFrom([], [0.1], [0.1, 0.2]),
        gamma: positive,
      }),
      domains: maybe(
        fc.record({
          column: fc.constant("scene"),
          count: fc.constant(3),
          names: fc.constantFrom(null, ["home", 'the "feed"', "検索"]),
        }),
      ),
      towers: fc.tuple(tower("ctr"), tower("cvr")).map((pair): readonly TowerSpec[] => pair),
      switches: fc.boolean().map((sharedTowers) => ({ ...emptySpec.switches, sharedTowers })),
      training,
      extra,
    }),
  )
  .map((spec) => (spec.domains === null ? { ...spec, switches: emptySpec.switches } : spec));
