/**
 * Configurations beyond the golden ones, compiled beside eager on the same random weights and inputs: what the compiler
 * makes of a program must be what TF.js computes, whatever the activations, losses, norms and weights.
 */
import { describe, expect, test } from "vitest";
import { compare } from "../../../parity/check.js";
import { specFromModelConfig } from "../../../parity/model-fragment.js";
import { type ParityCase, type ParityResult, runParityCase } from "../../../parity/run-case.js";
import type { Weight } from "../../../src/core/engine/engine.js";
import { buffers, denseParameters } from "../../../src/core/nn/plan/parameters.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import { activationNames } from "../../../src/core/spec/validate/mlp.js";
import { random } from "../../../src/core/util/random.js";

const rows = 11;
const widths = { all: 9, domain: 3, uia: 6 };
type Group = keyof typeof widths;

const group = (name: string) => `feature_groups { group_name: "${name}" feature_names: "${name}" group_type: DEEP }`;

/** A model of some groups, with domains where `domains` is above 0. */
function configOf(groups: readonly Group[], domains: number, ppnet: string, towers: readonly string[]): string {
  const domain = domains === 0 ? "" : `domain_input_name: "scene" task_domain_num: ${domains}`;
  const hidden = groups.includes("uia") ? `ppnet_hidden_units: [7, 5] ppnet_dropout_ratio: 0 ${ppnet}` : "";
  const bodies = towers.map((tower, index) => `task_towers { tower_name: "t${index}" ${tower} }`);
  return `${groups.map(group).join("\n")}\npepnet { ${domain} ${hidden}\n${bodies.join("\n")} }`;
}

function caseOf(config: string, mode: "train" | "eval", seed: number): ParityCase {
  const spec = specFromModelConfig(config, { groupDims: widths });
  const groups = spec.groups.map(({ name }) => name);
  const source = random(seed);
  const normal = (shape: readonly number[]): Weight => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => source.normal() / 2),
  });
  const dim = (name: Group) => (groups.includes(name) ? widths[name] : null);
  const plan = planModel(spec, { dims: { all: widths.all, domain: dim("domain"), uia: dim("uia") } });
  const weights = new Map(denseParameters(plan).map(({ name, shape }) => [name, normal(shape)]));
  for (const { name, shape } of buffers(plan)) {
    const { data } = normal(shape);
    weights.set(name, { shape, data: name.endsWith("running_var") ? data.map((x) => 0.5 + x * x) : data });
  }
  const bits = () => Array.from({ length: rows }, () => source.integer(2));
  return {
    spec,
    mode,
    weights,
    inputs: Object.fromEntries(groups.map((name) => [name, normal([rows, widths[name as Group]])])),
    labels: {
      clk: bits(),
      buy: bits(),
      stars: Array.from({ length: rows }, () => source.integer(4)),
      seconds: Array.from({ length: rows }, () => 3 * source.normal()),
      scene: Array.from({ length: rows }, () => source.integer(Math.max(1, spec.domains?.count ?? 1))),
    },
    sampleWeights: { w: Array.from({ length: rows }, () => 0.2 + source.uniform()) },
    learningRate: 0.01,
  };
}

const flat = (result: ParityResult): Map<string, ArrayLike<number>> =>
  new Map<string, ArrayLike<number>>([
    ...Object.entries(result.predictions),
    ...Object.entries(result.losses).map(([name, loss]): [string, number[]] => [name, [loss]]),
    ...Object.entries(result.parameterGradients),
    ...Object.entries(result.inputGradients).map(([name, values]): [string, Float32Array] => [`input ${name}`, values]),
    ...Object.entries(result.buffersAfter),
  ]);

/** The arrays that differ by more than the golden cases' tolerance. */
async function disagreements(test: ParityCase): Promise<string[]> {
  const reference = flat(await runParityCase(test, { engine: "cpu", savings: false }));
  const found: string[] = [];
  for (const form of [{ savings: true }, { savings: true, chunkRows: 4 }, { savings: false }]) {
    const compiled = flat(await runParityCase(test, { engine: "compiled", ...form }));
    expect([...compiled.keys()]).toEqual([...reference.keys()]);
    for (const [name, values] of reference) {
      const { share } = compare(name, compiled.get(name), Array.from(values));
      if (!(share <= 1)) found.push(`${name}: ${share}`);
    }
    expect([...reference.values()].some((values) => Array.from(values).some((value) => value !== 0))).toBe(true);
  }
  return found;
}

const bce = "losses { binary_cross_entropy {} }";
const everything: readonly Group[] = ["all", "domain", "uia"];

describe("activations", () => {
  test.each(activationNames)("%s in PPNet and in towers", async (name) => {
    const mlp = (activation: string) => `mlp { hidden_units: [6, 5] activation: "${activation}" }`;
    const towers = [`label_name: "clk" ${mlp(name)} ${bce}`, `label_name: "buy" ${mlp("nn.ReLU")} ${bce}`];
    const config = configOf(everything, 3, `ppnet_activation: "${name}"`, towers);
    expect(await disagreements(caseOf(config, "eval", 1))).toEqual([]);
  });

  test.each([
    "nn.LeakyReLU(0.3)",
    "nn.ELU(alpha=0.7)",
    "nn.Softplus(beta=2, threshold=0.5)",
    'nn.GELU(approximate=\\"tanh\\")',
  ])("%s, with an argument", async (name) => {
    const towers = [`label_name: "clk" mlp { hidden_units: 6 activation: "${name}" } ${bce}`];
    expect(await disagreements(caseOf(configOf(everything, 2, "", towers), "eval", 2))).toEqual([]);
  });
});

describe("losses, norms, weights and groups", () => {
  const softmax = "losses { softmax_cross_entropy { label_smoothing: 0.2 } }";
  const focal = "losses { binary_focal_loss { gamma: 1.5 alpha: 0.3 } }";
  const space = 'task_space_indicator_label: "clk"';
  const cases: [string, string, "train" | "eval"][] = [
    [
      "softmax with smoothing, a sample weight and a loss weight",
      configOf(["all", "uia"], 0, "", [
        `label_name: "stars" num_class: 4 mlp { hidden_units: 6 } ${softmax} weight: 0.4 sample_weight_name: "w"`,
      ]),
      "eval",
    ],
    [
      "softmax of two classes beside a regression",
      configOf(["all"], 0, "", [
        `label_name: "clk" num_class: 2 ${softmax}`,
        `label_name: "seconds" mlp { hidden_units: [4] } losses { l2_loss {} } weight: 2`,
      ]),
      "eval",
    ],
    [
      "focal loss with a sample weight and a soft task space",
      configOf(everything, 3, "epnet_gamma: 1.3 ppnet_gamma: 0.7", [
        `label_name: "buy" ${focal} sample_weight_name: "w" ${space} in_task_space_weight: 2 out_task_space_weight: 0.3`,
      ]),
      "eval",
    ],
    [
      "a sample weight in a hard task space, inside and outside",
      configOf(everything, 4, "", [
        `label_name: "buy" mlp { hidden_units: 6 } ${bce} sample_weight_name: "w" ${space} out_task_space_weight: 0`,
        `label_name: "buy" ${bce} ${space} in_task_space_weight: 0 out_task_space_weight: 1`,
      ]),
      "eval",
    ],
    [
      "two losses on one tower",
      configOf(everything, 2, "", [`label_name: "clk" mlp { hidden_units: 6 } ${bce} ${focal}`]),
      "eval",
    ],
    [
      "layer norm with domains and an EPNet of its own width",
      configOf(everything, 3, "epnet_hidden_unit: 5", [
        `label_name: "clk" mlp { hidden_units: [6, 5] use_ln: true activation: "nn.GELU" } ${bce}`,
      ]),
      "train",
    ],
    ...(["train", "eval"] as const).flatMap((mode): [string, string, "train" | "eval"][] => [
      [
        `batch norm without domains, ${mode}`,
        configOf(["all", "domain"], 0, "", [
          `label_name: "clk" mlp { hidden_units: [6, 5] use_bn: true } ${bce}`,
          `label_name: "buy" mlp { hidden_units: 4 bias: false } ${bce} ${space} out_task_space_weight: 0`,
        ]),
        mode,
      ],
      [
        `batch norm with domains in a task space, ${mode}`,
        configOf(everything, 3, "", [
          `label_name: "buy" mlp { hidden_units: [6, 5] use_bn: true activation: "nn.Tanh" } ${bce} ${space} out_task_space_weight: 0`,
        ]),
        mode,
      ],
    ]),
  ];
  test.each(cases)("%s", async (_, config, mode) => {
    expect(await disagreements(caseOf(config, mode, 3))).toEqual([]);
  });
});
