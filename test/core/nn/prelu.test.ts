/** PReLU has a slope per layer that trains: names of TorchEasyRec, values of LeakyReLU, gradients by differences. */
import { describe, expect, it } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { EngineName, Weights } from "../../../src/core/engine/engine.js";
import { type AnyModel, dataset, pepnet } from "../../../src/index.js";

const config = (activation: string, norm: string): string => `
data_config { batch_size: 64 label_fields: ["clk", "scene"] shuffle: false fg_mode: FG_NONE }
train_config { sparse_optimizer { sgd_optimizer { lr: 1 } constant_learning_rate {} } dense_optimizer { sgd_optimizer { lr: 1 } constant_learning_rate {} } num_steps: 1 }
feature_configs { id_feature { feature_name: "user" num_buckets: 9 embedding_dim: 4 } }
feature_configs { id_feature { feature_name: "scene" num_buckets: 2 embedding_dim: 4 } }
feature_configs { sequence_feature { sequence_name: "hist" sequence_length: 3 sequence_delim: ";" features { id_feature { feature_name: "user" num_buckets: 9 embedding_dim: 4 } } } }
model_config {
  feature_groups { group_name: "all" feature_names: ["user", "scene"] group_type: DEEP
    sequence_groups { group_name: "clicks" feature_names: ["user", "hist__user"] }
    sequence_encoders { din_encoder { input: "clicks" attn_mlp { hidden_units: [6, 5] activation: "${activation}" ${norm} } } } }
  feature_groups { group_name: "uia" feature_names: ["user"] group_type: DEEP }
  pepnet { domain_input_name: "scene" task_domain_num: 2 ppnet_hidden_units: [7, 6] ppnet_activation: "${activation}"
    task_towers { tower_name: "ctr" label_name: "clk" mlp { hidden_units: [5, 4] activation: "${activation}" ${norm} } losses { binary_cross_entropy {} } } } }`;

const rows = Array.from({ length: 64 }, (_, row) => ({
  user: row % 9,
  scene: row % 2,
  hist__user: `${row % 9};${(row * 5) % 9};${(row * 2) % 9}`,
  clk: (row >> 1) % 2,
}));

const modelOf = (activation: string, norm = ""): AnyModel => pepnet.fromConfig(config(activation, norm));
const isSlope = (name: string, shape: readonly number[]) =>
  shape.length === 1 && shape[0] === 1 && name.endsWith(".weight");

async function at(engine: EngineName, model: AnyModel, weights: Weights | null) {
  const data = await encode((await dataset(rows)).table, model.spec);
  const made = await createEngine(model.spec, { engine, threads: 1, ...(weights === null ? {} : { weights }) });
  const all = Int32Array.from({ length: rows.length }, (_, row) => row);
  return { made, batch: { data, rows: all } };
}

it("nn.PReLU's first argument is its number of slopes, of which only one is supported", () => {
  expect(modelOf("nn.PReLU(num_parameters=1, init=0.1)").spec.ppnet.activation).toContain("init=0.1");
  for (const activation of ["nn.PReLU(8)", "nn.PReLU(num_parameters=4)"])
    expect(() => modelOf(activation)).toThrow(/a slope for each unit is not supported here/);
});

describe.each(["compiled", "wasm"] as const)("nn.PReLU on %s", (engine) => {
  it.each([
    ["", 1, 1],
    ["use_ln: true", 2, 2],
    ["use_bn: true", 2, 4],
  ])("has TorchEasyRec's names, and starts at its init (%s)", async (norm, tower, encoder) => {
    const { made } = await at(engine, modelOf("nn.PReLU(init=0.1)", norm), null);
    const slopes = [...(await made.weights())].filter(
      ([name, { shape }]) => isSlope(name, shape) && !name.includes(".linear."),
    );
    expect(slopes.map(([name]) => name).sort()).toEqual(
      [
        ...[0, 1].flatMap((domain) =>
          [0, 1].map((layer) => `model._task_tower.${domain}.tower_mlp.mlp.${layer}.perceptron.${tower}.weight`),
        ),
        ...[0, 1].map(
          (layer) =>
            `model.embedding_group._group_name_to_seq_encoders.all.0.mlp.mlp.${layer}.perceptron.${encoder}.weight`,
        ),
        ...[0, 1].map((layer) => `model.ppnet.activations.${layer}.weight`),
      ].sort(),
    );
    for (const [, { data }] of slopes) expect([...data]).toEqual([Math.fround(0.1)]);
    await made.dispose();
  });

  it("predicts as LeakyReLU of its slope does, and moves the slope against the loss's difference quotient", async () => {
    const { made, batch } = await at(engine, modelOf("nn.PReLU"), null);
    const weights = new Map(await made.weights());
    const slopes = [...weights]
      .filter(([name]) => /perceptron\.1\.weight|activations/.test(name))
      .map(([name]) => name);
    expect(slopes).toHaveLength(8);
    const plain = new Map([...weights].filter(([name]) => !slopes.includes(name)));
    const leaky = await at(engine, modelOf("nn.LeakyReLU(negative_slope=0.25)"), plain);
    const [own, expected] = [await made.predict(batch), await leaky.made.predict(batch)];
    own[0]!.logits.forEach((value, row) => {
      expect(Math.abs(value - expected[0]!.logits[row]!)).toBeLessThan(1e-6);
    });
    const { taskLosses } = await made.step(batch, 0);
    const after = await made.weights();
    const lossWith = async (name: string, change: number): Promise<number> => {
      const moved = new Map(weights).set(name, { shape: [1], data: Float32Array.of(0.25 + change) });
      const other = await at(engine, modelOf("nn.PReLU"), moved);
      const { taskLosses: losses } = await other.made.step(other.batch, 0);
      await other.made.dispose();
      return Object.values(losses)[0]!;
    };
    expect(Object.keys(taskLosses)).toHaveLength(1);
    for (const name of [
      slopes.find((each) => each.includes("_task_tower.0.tower_mlp.mlp.1"))!,
      "model.ppnet.activations.1.weight",
    ]) {
      const gradient = 0.25 - after.get(name)!.data[0]!; // SGD with a rate of 1
      const quotient = ((await lossWith(name, 0.01)) - (await lossWith(name, -0.01))) / 0.02;
      expect(Math.abs(gradient)).toBeGreaterThan(5e-5);
      expect(Math.abs(gradient - quotient)).toBeLessThan(0.05 * Math.abs(quotient) + 5e-6);
    }
    await made.dispose();
    await leaky.made.dispose();
  });
});
