/** Dice in PPNet and towers: TorchEasyRec's names, and a step as loops over its formula compute it. */
import { describe, expect, it } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { EngineName, Weights } from "../../../src/core/engine/engine.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import { type AnyModel, dataset, pepnet } from "../../../src/index.js";

const config = (activation: string, norm = "", more = ""): string => `
data_config { batch_size: 64 label_fields: ["clk", "buy", "scene"] shuffle: false fg_mode: FG_NONE }
train_config { sparse_optimizer { sgd_optimizer { lr: 1 } constant_learning_rate {} } dense_optimizer { sgd_optimizer { lr: 1 } constant_learning_rate {} } num_steps: 1 }
feature_configs { id_feature { feature_name: "user" num_buckets: 9 embedding_dim: 4 } }
feature_configs { id_feature { feature_name: "scene" num_buckets: 2 embedding_dim: 4 } }
model_config {
  feature_groups { group_name: "all" feature_names: ["user", "scene"] group_type: DEEP }
  feature_groups { group_name: "uia" feature_names: ["user"] group_type: DEEP }
  pepnet { domain_input_name: "scene" task_domain_num: 2 ppnet_hidden_units: [7, 6] ppnet_activation: "${activation}"
    task_towers { tower_name: "ctr" label_name: "clk" mlp { hidden_units: [5, 4] activation: "${activation}" ${norm} } losses { binary_cross_entropy {} } }
    ${more} } }`;
const other = `task_towers { tower_name: "cvr" label_name: "buy" losses { binary_cross_entropy {} }
  task_space_indicator_label: "clk" in_task_space_weight: 1 out_task_space_weight: 0 }`;
const modelOf = (...args: Parameters<typeof config>): AnyModel => pepnet.fromConfig(config(...args));

const rows = Array.from({ length: 64 }, (_, row) => ({
  user: (row * 7) % 9,
  scene: Number(row % 3 === 0), // domains of different sizes
  clk: (row >> 1) % 2,
  buy: (row >> 2) % 2,
}));

async function at(engine: EngineName, model: AnyModel, weights?: Weights) {
  const data = await encode((await dataset(rows)).table, model.spec);
  const made = await createEngine(model.spec, { engine, threads: 1, weights });
  return { made, batch: { data, rows: Int32Array.from(rows.keys()) } };
}

/** PEPNet with Dice, in double precision, by loops. */
function plainPepnet(weights: Weights, training: boolean) {
  const statistics = new Map<string, { readonly mean: number[]; readonly variance: number[] }>();
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const values = (name: string): ArrayLike<number> => weights.get(name)!.data;
  const linear = (name: string, inputs: readonly number[][]): number[][] => {
    const [units = 0, width = 0] = weights.get(`${name}.weight`)!.shape;
    const [matrix, bias] = [values(`${name}.weight`), values(`${name}.bias`)];
    return inputs.map((input) =>
      Array.from({ length: units }, (_, unit) =>
        input.reduce((sum, value, at) => sum + value * matrix[unit * width + at]!, bias[unit]!),
      ),
    );
  };
  /** alpha · (1 − p) · x + p · x, with p the sigmoid of x normalised over all rows of the batch (1e-5, biased). */
  const dice = (name: string, inputs: readonly number[][]): number[][] => {
    const mean = inputs[0]!.map((_, unit) => inputs.reduce((sum, input) => sum + input[unit]!, 0) / inputs.length);
    const variance = mean.map(
      (center, unit) => inputs.reduce((sum, input) => sum + (input[unit]! - center) ** 2, 0) / inputs.length,
    );
    statistics.set(name, { mean, variance });
    const [centers, spreads] = training
      ? [mean, variance]
      : [values(`${name}.bn.running_mean`), values(`${name}.bn.running_var`)];
    return inputs.map((input) =>
      input.map((x, unit) => {
        const p = sigmoid((x - centers[unit]!) / Math.sqrt(spreads[unit]! + 1e-5));
        return values(`${name}.alpha`)[unit]! * (1 - p) * x + p * x;
      }),
    );
  };
  const table = (name: string, row: number): number[] => {
    const data = values(`model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.${name}_emb.weight`);
    return [...Array.from(data).slice(row * 4, row * 4 + 4)];
  };
  const all = rows.map(({ user, scene }) => [...table("user", user), ...table("scene", scene)]);
  const gateInput = rows.map(({ user }, row) => [...table("user", user), ...all[row]!]);
  let hidden = all;
  for (const layer of [0, 1]) {
    const activated = dice(`model.ppnet.activations.${layer}`, linear(`model.ppnet.linears.${layer}`, hidden));
    const gate = `model.ppnet.gate_nus.${layer}.dense_layers`;
    const first = linear(`${gate}.0`, gateInput).map((input) => input.map((x) => Math.max(x, 0)));
    const gates = linear(`${gate}.2`, first).map((input) => input.map((x) => 2 * sigmoid(x)));
    hidden = activated.map((input, row) => input.map((x, unit) => x * gates[row]![unit]!));
  }
  const towers = [0, 1].map((domain) => {
    const name = `model._task_tower.${domain}`;
    let output = hidden;
    for (const layer of [0, 1]) {
      const perceptron = `${name}.tower_mlp.mlp.${layer}.perceptron`;
      output = dice(`${perceptron}.1`, linear(`${perceptron}.0`, output));
    }
    return linear(`${name}.linear`, output).map(([logit]) => logit!);
  });
  const logits = rows.map(({ scene }, row) => towers[scene]![row]!);
  const loss = logits.reduce((sum, logit, row) => sum + Math.log1p(Math.exp(-logit)) + (1 - rows[row]!.clk) * logit, 0);
  return { logits, loss: loss / rows.length, statistics };
}

describe.each(["compiled", "wasm"] as const)("Dice on %s", (engine) => {
  it("takes a step as loops over its formula do: statistics of the whole batch in the towers of both domains", async () => {
    const start = await at(engine, modelOf("Dice"));
    const weights = new Map(await start.made.weights());
    await start.made.dispose();
    const alphas = [...weights.keys()].filter((name) => name.endsWith(".alpha"));
    expect(alphas.map((name) => weights.get(name)!.data.length).sort()).toEqual([4, 4, 5, 5, 6, 7]);
    for (const name of alphas) {
      expect(new Set(weights.get(name)!.data)).toEqual(new Set([0])); // TorchEasyRec's start
      const data = weights.get(name)!.data.map((_, unit) => 0.3 - 0.1 * unit);
      weights.set(name, { shape: [data.length], data });
    }
    const { made, batch } = await at(engine, modelOf("Dice"), weights);
    const expected = plainPepnet(weights, true);
    const { taskLosses } = await made.step(batch, 0);
    expect(Object.values(taskLosses)[0]).toBeCloseTo(expected.loss, 5);
    const after = await made.weights();
    for (const [name, { mean, variance }] of expected.statistics) {
      const moved = after.get(`${name}.bn.running_mean`)!.data;
      for (const [unit, value] of mean.entries()) expect(moved[unit]).toBeCloseTo(0.1 * value, 5);
      const spread = after.get(`${name}.bn.running_var`)!.data;
      for (const [unit, value] of variance.entries())
        expect(spread[unit]).toBeCloseTo(0.9 + (0.1 * value * 64) / 63, 5);
    }
    const names = [
      "model.ppnet.activations.0.alpha",
      "model.ppnet.linears.0.weight",
      "model.ppnet.activations.1.alpha",
      "model._task_tower.0.tower_mlp.mlp.0.perceptron.1.alpha",
      "model._task_tower.1.tower_mlp.mlp.0.perceptron.0.weight",
    ];
    for (const name of names) {
      const { shape, data } = weights.get(name)!;
      for (const at of [0, data.length - 1]) {
        const loss = (change: number): number => {
          const moved = Float64Array.from(data);
          moved[at]! += change;
          return plainPepnet(new Map(weights).set(name, { shape, data: moved as never }), true).loss;
        };
        const gradient = data[at]! - after.get(name)!.data[at]!; // SGD with a rate of 1
        expect([name, gradient]).toEqual([name, expect.closeTo((loss(1e-4) - loss(-1e-4)) / 2e-4, 5)]);
      }
    }
    const predicted = (await made.predict(batch))[0]!.logits;
    for (const [row, logit] of plainPepnet(after, false).logits.entries()) expect(predicted[row]).toBeCloseTo(logit, 4);
    await made.dispose();
  });
});

describe("Dice", () => {
  it.each([
    ["use_ln: true", 2],
    ["use_bn: true", 2],
    ["", 1],
  ])("has TorchEasyRec's names in towers (%s)", async (norm, place) => {
    const { made } = await at("wasm", modelOf("Dice", norm));
    const names = [...(await made.weights()).keys()];
    for (const layer of [0, 1]) {
      const activation = `model._task_tower.1.tower_mlp.mlp.${layer}.perceptron.${place}`;
      expect(names).toEqual(expect.arrayContaining([`${activation}.alpha`, `${activation}.bn.running_var`]));
      expect(names).not.toContain(`${activation}.bn.weight`); // without weights of its own
    }
    await made.dispose();
  });

  it("takes all rows in a task's branch, also those outside its space", () => {
    const [relu, dice] = ["nn.ReLU", "Dice"].map(
      (name) => planModel(modelOf(name, "", other).spec).tasks[1]!.restricted,
    );
    expect([relu, dice]).toEqual([true, false]);
  });

  it("goes through configs as it is", () => {
    const model = modelOf("Dice");
    expect(model.toConfig()).toContain('ppnet_activation: "Dice"');
    expect(pepnet.fromConfig(model.toConfig()).spec).toEqual(model.spec);
  });
});
