/** Every option that a production config of PEPNet may have: computed, kept without effect, or refused with a reason. */
import { describe, expect, it } from "vitest";
import { configText } from "../../../src/core/config/config-from-spec.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { tableSizes } from "../../../src/core/spec/sizes.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";
import { unsupportedProblems } from "../../../src/core/spec/validate/unsupported.js";
import { optionsWithoutEffect } from "../../../src/core/spec/validate/without-effect.js";
import { changed, smallConfig } from "./small-config.js";

const inTrain = (text: string): string => changed("num_epochs: 1", `num_epochs: 1 ${text}`);
const inData = (text: string): string => changed("fg_mode: FG_NORMAL", `fg_mode: FG_NORMAL ${text}`);
const inModel = (text: string): string => changed("  pepnet {", `  ${text} pepnet {`);
const inTower = (text: string): string => changed("mlp { hidden_units: 4 } }", `mlp { hidden_units: 4 } ${text} }`);
const inFeature = (text: string): string =>
  changed("num_buckets: 100 embedding_dim: 8", `num_buckets: 100 embedding_dim: 8 ${text}`);
const inGroup = (text: string): string => changed(`"scene"] group_type: DEEP }`, `"scene"] ${text} }`);
const besides = (text: string): string => `${smallConfig}\n${text}`;

type Row = readonly [option: string, text: string];

/** What the spec says about an option that is computed. */
const computed: readonly (readonly [...Row, (spec: ModelSpec) => unknown, unknown])[] = [
  ["use_pareto_loss_weight", inModel("use_pareto_loss_weight: true"), (s) => s.training.lossWeights, "pareto"],
  [
    "pareto_min_loss_weight",
    inTower("pareto_min_loss_weight: 0.2").replace("  pepnet {", "  use_pareto_loss_weight: true pepnet {"),
    (s) => [s.training.lossWeights, ...s.towers.map(({ minWeight }) => minWeight)],
    ["pareto", 0.2, undefined],
  ],
  [
    "train_metrics",
    inTower("train_metrics { decay_rate: 0.5 auc {} } train_metrics { accuracy { threshold: 0.3 } decay_step: 7 }"),
    (s) => s.towers[0]!.trainMetrics,
    [
      { kind: "auc", thresholds: 200, decayRate: 0.5, decayStep: 100 },
      { kind: "accuracy", threshold: 0.3, topK: 1, decayRate: 0.9, decayStep: 7 },
    ],
  ],
  ["group_type WIDE", inGroup("group_type: WIDE"), (s) => tableSizes(s).map(({ dim }) => dim), [4, 8, 4, 8, 4, 8]],
  ["gradient_accumulation_steps", inTrain("gradient_accumulation_steps: 4"), (s) => s.training.gradientAccumulation, 4],
  [
    "grad_clipping",
    inTrain('grad_clipping { clipping_type: "value" max_gradient: 0.5 }'),
    (s) => s.training.gradClipping,
    { type: "value", maxGradient: 0.5, normType: 2, global: false },
  ],
  ["grad_clipping none", inTrain('grad_clipping { clipping_type: "none" }'), (s) => s.training.gradClipping, null],
  [
    "ema",
    changed("constant_learning_rate {} }\n  num", "ema { decay: 0.9 } }\n  num"),
    (s) => s.training.emaDecay,
    0.9,
  ],
  [
    "part_optimizers",
    changed(
      "constant_learning_rate {} }\n  num",
      'part_optimizers { sgd_optimizer { lr: 0.1 } regex_pattern: ".*ppnet.*" } }\n  num',
    ),
    (s) => s.training.partOptimizers.map(({ pattern }) => pattern),
    [".*ppnet.*"],
  ],
  [
    "global_embedding_constraints",
    inTrain('global_embedding_constraints { sharding_types: "data_parallel" compute_kernels: "dense" }'),
    (s) => s.training.tablePlacement,
    "dense",
  ],
  [
    "max_gradient",
    changed("{ lr: 0.05 }", "{ lr: 0.05 max_gradient: 2 gradient_clipping: true }"),
    (s) => s.training.sparse,
    {
      kind: "adagrad",
      lr: 0.05,
      initialAccumulator: 0,
      maxGradient: 2,
    },
  ],
  ["eval_batch_size", inData("eval_batch_size: 7"), (s) => s.training.evalBatchSize, 7],
  ["drop_remainder", inData("drop_remainder: true"), (s) => s.training.dropRemainder, true],
  ["shuffle", inData("shuffle: true"), (s) => s.training.shuffle, true],
  ["sample_weight_fields", inData('sample_weight_fields: "w"'), (s) => s.sampleWeights, ["w"]],
  [
    "embedding_name",
    inFeature('embedding_name: "shared"'),
    (s) => s.features[0]!.kind === "id" && s.features[0]!.embeddingName,
    "shared",
  ],
  ["pooling", inFeature('pooling: "mean"'), (s) => s.features[0]!.kind === "id" && s.features[0]!.pooling, "mean"],
  ["weighted", inFeature("weighted: true"), (s) => s.features[0]!.kind === "id" && s.features[0]!.weighted, true],
  [
    "default_bucketize_value",
    changed("hash_bucket_size: 100", 'vocab_list: ["a", "b"] default_bucketize_value: 1'),
    (s) => s.features[1]!.kind === "id" && s.features[1]!.defaultBucket,
    1,
  ],
  [
    "autodis",
    besides(
      'feature_configs { raw_feature { feature_name: "p" expression: "item:p" embedding_dim: 4 autodis { num_channels: 3 } } }',
    ),
    (s) => (s.features.at(-1) as { projection?: unknown }).projection,
    { kind: "autodis", channels: 3, temperature: 0.1, keepProb: 0.8 },
  ],
  [
    "init_fn",
    inFeature('init_fn: "nn.init.uniform_,a=-0.01,b=0.01"'),
    (s) => tableSizes(s).find(({ table }) => table === "user_emb")?.initializer,
    "nn.init.uniform_,a=-0.01,b=0.01",
  ],
  [
    "trainable",
    inFeature("trainable: false"),
    (s) =>
      tableSizes(s)
        .filter(({ isTrained }) => !isTrained)
        .map(({ table }) => table),
    ["user_emb"],
  ],
  [
    "use_dense_ema",
    besides("eval_config { use_dense_ema: false }").replace(
      "constant_learning_rate {} }\n  num",
      "ema { decay: 0.9 } }\n  num",
    ),
    (s) => s.extra["eval_config"],
    { use_dense_ema: false },
  ],
  ["weight of a tower", inTower("weight: 0.5"), (s) => s.towers[0]!.weight, 0.5],
  [
    "several losses",
    changed("losses { binary_cross_entropy {} }", "losses { binary_cross_entropy {} } losses { binary_focal_loss {} }"),
    (s) => s.towers[0]!.losses.length,
    2,
  ],
  [
    "jrc_loss",
    changed(
      'label_name: "clk" losses { binary_cross_entropy {} }',
      'label_name: "clk" num_class: 2 losses { jrc_loss { session_name: "user" } }',
    ),
    (s) => s.towers[0]!.losses,
    [{ kind: "jrc_loss", sessionName: "user", alpha: 0.5 }],
  ],
];

/** Options without effect, with the path under which they are listed. */
const idle: readonly (readonly [...Row, string])[] = [
  ...[
    "save_checkpoints_steps: 10",
    "save_checkpoints_epochs: 1",
    "save_checkpoints_timestamp_interval: 5",
    "keep_checkpoint_max: 3",
    'fine_tune_ckpt_param_map: "map.txt"',
    "log_step_count_steps: 5",
    "use_tensorboard: false",
    'tensorboard_summaries: "loss"',
    "is_profiling: true",
    "cudnn_allow_tf32: false",
    "cuda_matmul_allow_tf32: true",
    "grad_scaler { init_scale: 8 }",
    "delta_embedding_dump_config { dump_interval_steps: 5 }",
  ].map((text): readonly [string, string, string] => [text, inTrain(text), `train_config.${/^\w+/.exec(text)![0]}`]),
  ...[
    "num_workers: 2",
    "pin_memory: false",
    "in_order: false",
    "shuffle_buffer_size: 8",
    "fg_threads: 3",
    'input_fields { input_name: "user" input_type: INT64 }',
    'input_fields_str: "user:BIGINT"',
    'delimiter: ";"',
    "with_header: true",
    "is_orderby_partition: true",
    'odps_data_quota_name: "q"',
    'odps_data_compression: "ZSTD"',
    "force_base_data_group: true",
    "negative_sample_mask_prob: 0.1",
    "sample_mask_prob: 0.1",
  ].map((text): readonly [string, string, string] => [text, inData(text), `data_config.${/^\w+/.exec(text)![0]}`]),
  ["dataset_type", changed("ParquetDataset", "OdpsDataset"), "data_config.dataset_type"],
  ["eval_config.num_steps", besides("eval_config { num_steps: 3 }"), "eval_config.num_steps"],
  ["export_config", besides('export_config { exporter_type: "best" }'), "export_config.exporter_type"],
  ["kernel", inModel("kernel: TRITON"), "model_config.kernel"],
  ["num_class of the model", inModel("num_class: 3"), "model_config.num_class"],
  ["losses of the model", inModel("losses { l2_loss {} }"), "model_config.losses"],
  ["metrics of the model", inModel("metrics { auc {} }"), "model_config.metrics"],
  [
    "another group",
    inModel('feature_groups { group_name: "more" feature_names: "user" group_type: DEEP }'),
    "model_config.feature_groups",
  ],
  ["use_mask", inFeature("use_mask: true"), "features.user.use_mask"],
  ["pareto_min_loss_weight without Pareto weights", inTower("pareto_min_loss_weight: 0.2"), "towers.ctr.minWeight"],
];

/** Refused before training: the path, and the reason. */
const refused: readonly (readonly [...Row, string, RegExp])[] = [
  [
    "fine_tune_checkpoint",
    inTrain('fine_tune_checkpoint: "model"'),
    "extra.train_config.fine_tune_checkpoint",
    /only Python reads/,
  ],
  ...["lars_sgd", "lamb", "partial_rowwise_lamb", "adadelta", "rmsprop"].map(
    (name): readonly [string, string, string, RegExp] => [
      `sparse ${name}`,
      changed("adagrad_optimizer { lr: 0.05 }", `${name}_optimizer { lr: 0.05 }`),
      "training.sparse",
      new RegExp(`${name}_optimizer.*on GPUs only`),
    ],
  ),
  ...["recon_loss", "commitment_loss", "contrastive_loss"].map((name): readonly [string, string, string, RegExp] => [
    name,
    inTower(`losses { ${name} {} }`),
    "towers.ctr.losses[1]",
    /semantic ids/,
  ]),
  ["sample_cost_field", inData('sample_cost_field: "cost"'), "extra.data_config.sample_cost_field", /sum of costs/],
  ["min_batch_size", inData("min_batch_size: 100"), "extra.data_config.min_batch_size", /left out below this size/],
  ["batch_cost_size", inData("batch_cost_size: 100"), "extra.data_config.batch_cost_size", /sum of costs/],
  [
    "tdm_sampler",
    inData(
      'tdm_sampler { item_input_path: "x" edge_input_path: "e" predict_edge_input_path: "p" attr_fields: "a" item_id_field: "i" layer_num_sample: 1 field_delimiter: "," }',
    ),
    "extra.data_config.tdm_sampler",
    /nodes of a tree/,
  ],
  [
    "use_mask",
    inFeature("use_mask: true").replace("fg_mode: FG_NORMAL", "fg_mode: FG_NORMAL sample_mask_prob: 0.1"),
    "extra.data_config.sample_mask_prob",
    /at random/,
  ],
  [
    "init_fn of another kind",
    inFeature('init_fn: "nn.init.orthogonal_,gain=2"'),
    "features.user.init_fn",
    /runs as Python/,
  ],
  [
    "init_fn with an argument by place",
    inFeature('init_fn: "nn.init.normal_,0,1"'),
    "features.user.init_fn",
    /runs as Python/,
  ],
  [
    "init_fn by a name that every object has",
    inFeature('init_fn: "nn.init.constructor"'),
    "features.user.init_fn",
    /runs as Python/,
  ],
  ["another data_type", inFeature('data_type: "INT8"'), "features.user.data_type", /INT8/],
  [
    "variational_dropout",
    inModel("variational_dropout { regularization_lambda: 0.1 }"),
    "extra.model_config.variational_dropout",
    /feature selection/,
  ],
  ["recall_at_k", inTower("metrics { recall_at_k {} }"), "towers.ctr.metrics[0]", /stops when the model is built/],
  [
    "use_dense_ema without averages",
    besides("eval_config { use_dense_ema: true }"),
    "extra.eval_config.use_dense_ema",
    /no average/,
  ],
];

describe.each(computed)("%s is computed", (_, text, read, value) => {
  it("and can be trained", () => {
    const spec = specFromConfig(text);
    expect(read(spec)).toEqual(value);
    expect(validateSpec(spec)).toEqual([]);
    expect(read(specFromConfig(configText(spec)))).toEqual(value);
  });
});

describe.each(idle)("%s has no effect", (_, text, path) => {
  it("is listed with the reason, does not stop training, and is written back", () => {
    const spec = specFromConfig(text);
    const [option, ...others] = optionsWithoutEffect(spec);
    expect(others).toEqual([]);
    expect(option).toMatchObject({ path, reason: expect.stringMatching(/\w/) });
    expect(validateSpec(spec)).toEqual([]);
    expect(specFromConfig(configText(spec))).toEqual(spec);
  });
});

describe.each(refused)("%s is refused", (_, text, path, reason) => {
  it("by its path with the reason, and is written back", () => {
    const spec = specFromConfig(text);
    const found = unsupportedProblems(spec);
    expect(found.map((problem) => problem.path)).toEqual([path]);
    expect(`${found[0]!.message} ${found[0]!.received}`).toMatch(reason);
    expect(found[0]!.fix ?? found[0]!.expected).toMatch(/\w/);
    expect(specFromConfig(configText(spec))).toEqual(spec);
  });
});

it("a config without such options lists none", () => {
  expect(optionsWithoutEffect(specFromConfig(smallConfig))).toEqual([]);
});
