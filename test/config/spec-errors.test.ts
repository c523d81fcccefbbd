import { describe, expect, it } from "vitest";
import { configFromSpec, openConfig, printConfig, specFromConfig } from "../../src/config/index.js";
import { ConfigError, type Problem } from "../../src/errors/index.js";
import type { ModelSpec } from "../../src/spec/model.js";
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
    ["no group all", 'group_name: "all"', 'group_name: "every"', "model_config.feature_groups"],
    [
      "a dropout list of the wrong length",
      "task_domain_num: 3",
      "task_domain_num: 3 ppnet_dropout_ratio: [0.1, 0.1, 0.1]",
      "model_config.pepnet.ppnet_dropout_ratio",
    ],
    ["uia without hidden units", "ppnet_hidden_units: [16, 8]", "", "model_config.pepnet.ppnet_hidden_units"],
    ["neither epochs nor steps", "num_epochs: 1", "", "train_config"],
    ["epochs and steps", "num_epochs: 1", "num_epochs: 1 num_steps: 5", "train_config"],
    [
      "a domain feature that is hashed",
      "num_buckets: 3",
      "hash_bucket_size: 3",
      "model_config.pepnet.domain_input_name",
    ],
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

  it("all at once", () => {
    const text = changed("num_epochs: 1", "")
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
    ["sharedTowers", true],
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
      training: { ...spec.training, epochs: null },
    };
    expect(problemsOf(() => configFromSpec(broken)).map((problem) => problem.path)).toEqual([
      "switches.stopGradient",
      "switches.learnableGamma",
      "training",
    ]);
  });
});
