import { describe, expect, it } from "vitest";
import { configFromSpec, openConfig, printConfig, specFromConfig } from "../../../src/core/config/index.js";
import { ConfigError, type Problem } from "../../../src/core/errors/index.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { changed, smallConfig } from "./small-config.js";

function problemsOf(work: () => unknown): readonly Problem[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const pathsOf = (text: string): string[] => problemsOf(() => specFromConfig(text)).map((problem) => problem.path);

describe("a config that cannot become a PEPNet says where", () => {
  it("the small config has no problem", () => {
    expect(pathsOf(smallConfig)).toEqual([]);
  });

  it.each([
    [
      "a tower without a loss",
      'label_name: "buy" losses { binary_cross_entropy {} }',
      'label_name: "buy"',
      "model_config.pepnet.task_towers[1].losses",
    ],
    [
      "a loss that is not chosen",
      'label_name: "buy" losses { binary_cross_entropy {} }',
      'label_name: "buy" losses {}',
      "model_config.pepnet.task_towers[1].losses[0]",
    ],
    [
      "an unknown activation",
      "ppnet_hidden_units: [16, 8]",
      'ppnet_hidden_units: [16, 8] ppnet_activation: "nn.Relu"',
      "model_config.pepnet.ppnet_activation",
    ],
    ["task_domain_num unset", "task_domain_num: 3", "", "model_config.pepnet.task_domain_num"],
    ["domain_input_name unset", 'domain_input_name: "scene"', "", "model_config.pepnet.domain_input_name"],
    [
      "a typo of a feature in a group",
      '["user", "brand"] group_type',
      '["user", "brandd"] group_type',
      "model_config.feature_groups[2].feature_names[1]",
    ],
    [
      "a label that is not in label_fields",
      'label_name: "buy"',
      'label_name: "bought"',
      "model_config.pepnet.task_towers[1].label_name",
    ],
    ["a domain that is not in label_fields", '"buy", "scene"]', '"buy"]', "data_config.label_fields"],
    [
      "no hash buckets",
      "hash_bucket_size: 100",
      "hash_bucket_size: 0",
      "feature_configs[1].id_feature.hash_bucket_size",
    ],
    [
      "more domains than a model may have",
      "task_domain_num: 3",
      "task_domain_num: 3000000",
      "model_config.pepnet.task_domain_num",
    ],
    ["no buckets", "num_buckets: 100", "num_buckets: 0", "feature_configs[0].id_feature.num_buckets"],
    ["no group all", 'group_name: "all"', 'group_name: "every"', "model_config.feature_groups"],
    [
      "a wrong number of dropout ratios",
      "task_domain_num: 3",
      "task_domain_num: 3 ppnet_dropout_ratio: [0.1, 0.1, 0.1]",
      "model_config.pepnet.ppnet_dropout_ratio",
    ],
    ["uia without hidden units", "ppnet_hidden_units: [16, 8]", "", "model_config.pepnet.ppnet_hidden_units"],
    ["epochs and steps", "num_epochs: 1", "num_epochs: 1 num_steps: 5", "train_config"],
    ["an id without a rule", "hash_bucket_size: 100 ", "", "feature_configs[1].id_feature"],
    ["a size of nothing", "num_buckets: 100", "num_buckets: 0", "feature_configs[0].id_feature.num_buckets"],
    ["no optimizer", "adam_optimizer { lr: 0.001 } ", "", "train_config.dense_optimizer"],
    [
      "a task space on an unknown label",
      'label_name: "buy"',
      'label_name: "buy" task_space_indicator_label: "click"',
      "model_config.pepnet.task_towers[1].task_space_indicator_label",
    ],
  ])("%s", (_, before, after, path) => {
    expect(pathsOf(changed(before, after))).toContain(path);
  });

  it("minimum weights that leave nothing to choose, also where a tower has two losses", () => {
    const withMinimum = (weight: number, more = "") =>
      changed("  pepnet {", "  use_pareto_loss_weight: true pepnet {").replaceAll(
        "mlp { hidden_units: 4 }",
        `mlp { hidden_units: 4 } pareto_min_loss_weight: ${weight} ${more}`,
      );
    for (const text of [withMinimum(0.5), withMinimum(0.25, "losses { binary_focal_loss {} }")]) {
      const [problem] = problemsOf(() => specFromConfig(text));
      expect(problem).toMatchObject({ path: "model_config.pepnet.task_towers", received: "a sum of 1" });
    }
    expect(pathsOf(withMinimum(0.49))).toEqual([]);
    expect(pathsOf(withMinimum(0.5).replace("use_pareto_loss_weight: true", ""))).toEqual([]);
    const place = "model_config.pepnet.task_towers[0].pareto_min_loss_weight";
    for (const weight of [-0.1, 1]) expect(pathsOf(withMinimum(weight))).toContain(place);
  });

  it("all at once", () => {
    const text = changed("num_epochs: 1", "num_epochs: 1 num_steps: 5")
      .replace("task_domain_num: 3", "")
      .replace('label_name: "clk" losses { binary_cross_entropy {} }', 'label_name: "clk"');
    expect(pathsOf(text)).toEqual([
      "model_config.pepnet.task_domain_num",
      "model_config.pepnet.task_towers[0].losses",
      "train_config",
    ]);
  });

  it("another model is refused by its name, though it opens and prints", () => {
    const text = smallConfig.replace(
      /pepnet \{[\s\S]*/,
      "dlrm { dense_mlp { hidden_units: [8, 4] } arch: SOME final: 0.5 } }\n",
    );
    const config = openConfig(text);
    expect(openConfig(printConfig(config)).message).toEqual(config.message);
    expect(printConfig(config)).toContain("arch: SOME");
    expect(problemsOf(() => specFromConfig(config))).toMatchObject([
      { path: "model_config.dlrm", message: "this pipeline's model is dlrm, not pepnet" },
    ]);
  });
});

describe("a spec that TorchEasyRec cannot express is refused", () => {
  const spec = specFromConfig(smallConfig);

  it.each([
    ["gatePlacement", "input"],
    ["stopGradient", false],
    ["detachPriors", true],
    ["learnableGamma", true],
    ["epnet", false],
    ["ppnet", false],
  ] as const)("by the name of its switch: %s", (name, value) => {
    const switched: ModelSpec = { ...spec, switches: { ...spec.switches, [name]: value } };
    const problems = problemsOf(() => configFromSpec(switched));
    expect(problems.map((problem) => problem.path)).toEqual([`switches.${name}`]);
    expect(problems[0]?.message).toBe(`TorchEasyRec has no ${name}: ${value}`);
  });

  it("with every problem at once", () => {
    const broken: ModelSpec = {
      ...spec,
      switches: { ...spec.switches, stopGradient: false, learnableGamma: true },
      training: { ...spec.training, epochs: 1, steps: 5 },
    };
    expect(problemsOf(() => configFromSpec(broken)).map((problem) => problem.path)).toEqual([
      "switches.stopGradient",
      "switches.learnableGamma",
      "training",
    ]);
  });
});

describe("what cannot be read and what cannot be built are told at once", () => {
  const wrong = changed("task_domain_num: 3", "task_domain_num: 3 epnet_gama: 2 ppnet_gamma: much")
    .replace("ppnet_hidden_units: [16, 8]", 'ppnet_hidden_units: [16, 8] ppnet_activation: "nn.Relu"')
    .replace('label_name: "buy" losses { binary_cross_entropy {} }', 'label_name: "buy"');

  it("unknown fields, wrong types, and a tower without a loss", () => {
    expect(pathsOf(wrong)).toEqual([
      "model_config.pepnet.epnet_gama",
      "model_config.pepnet.ppnet_gamma",
      "model_config.pepnet.ppnet_activation",
      "model_config.pepnet.task_towers[1].losses",
    ]);
    expect(problemsOf(() => openConfig(wrong)).map((problem) => problem.path)).toHaveLength(2);
  });

  it("what only follows from what cannot be read is left out", () => {
    expect(pathsOf(changed("label_fields:", "label_field:"))).toEqual(["data_config.label_field"]);
    expect(pathsOf(changed('feature_name: "brand"', 'feature_nam: "brand"'))).toEqual([
      "feature_configs[1].id_feature.feature_nam",
      "feature_configs[1].id_feature.feature_name",
    ]);
    expect(pathsOf(changed("adam_optimizer", "adm_optimizer"))).toEqual(["train_config.dense_optimizer.adm_optimizer"]);
  });
});

describe("a setting of training has the path that says it, through the oneof", () => {
  const schedule = (text: string) => changed("lr: 0.001 } constant_learning_rate {}", `lr: 0.001 } ${text}`);
  it.each([
    ["train_config.dense_optimizer.adam_optimizer.lr", changed("lr: 0.001", "lr: -1")],
    ["train_config.dense_optimizer.adam_optimizer.beta1", changed("lr: 0.001", "lr: 1 beta1: 1.5")],
    [
      "train_config.sparse_optimizer.adagrad_optimizer.initial_accumulator_value",
      changed("lr: 0.05", "lr: 0.05 initial_accumulator_value: -1"),
    ],
    [
      "train_config.dense_optimizer.exponential_decay_learning_rate.decay_size",
      schedule("exponential_decay_learning_rate {}"),
    ],
    [
      "train_config.dense_optimizer.cosine_annealing_learning_rate.T_max",
      schedule("cosine_annealing_learning_rate {}"),
    ],
    [
      "train_config.dense_optimizer.manual_step_learning_rate.schedule_sizes[0]",
      schedule("manual_step_learning_rate { schedule_sizes: 0 learning_rates: 0.1 warmup: true }"),
    ],
    [
      "train_config.dense_optimizer.part_optimizers[0].sgd_optimizer.momentum",
      schedule('part_optimizers { sgd_optimizer { lr: 0.1 momentum: -1 } regex_pattern: ".*" }'),
    ],
    [
      "train_config.dense_optimizer.part_optimizers[0].regex_pattern",
      schedule('part_optimizers { sgd_optimizer { lr: 0.1 } regex_pattern: "(" }'),
    ],
  ])("%s", (path, text) => {
    expect(pathsOf(text)).toEqual([path]);
  });
});
