/** Options of embedding tables in an opened config: `init_fn` and `trainable: false`. */
import { describe, expect, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { createArrays } from "../../../src/core/engine/core/weight-store.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";

const configOf = (options: string, train = "", more = "") => `
  data_config { batch_size: 8 fg_mode: FG_NONE label_fields: "clk" }
  train_config { sparse_optimizer { adagrad_optimizer { lr: 0.1 } constant_learning_rate {} }
    dense_optimizer { adam_optimizer { lr: 0.01 } constant_learning_rate {} } num_epochs: 2 ${train} }
  feature_configs { id_feature { feature_name: "a" num_buckets: 400 embedding_dim: 16 ${options} } }
  feature_configs { id_feature { feature_name: "b" num_buckets: 5 embedding_dim: 4 ${more} } }
  model_config {
    feature_groups { group_name: "all" feature_names: ["a", "b"] group_type: DEEP }
    pepnet { task_towers { tower_name: "t" label_name: "clk" losses { binary_cross_entropy {} } } } }`;
const table = "model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.a_emb.weight";
const other = table.replace("a_emb", "b_emb");

function initialTable(initializer: string): readonly number[] {
  const spec = specFromConfig(configOf(`init_fn: "${initializer}"`));
  expect(validateSpec(spec)).toEqual([]);
  return [...createArrays(planModel(spec), 1, null).weights.get(table)!];
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
};

describe("init_fn", () => {
  // 400 rows, 16 columns; the deviations are PyTorch's formulas.
  test.each([
    ["nn.init.uniform_,a=-0.01,b=0.03", 0.01, 0.04 / Math.sqrt(12), [-0.01, 0.03]],
    ["nn.init.uniform_", 0.5, 1 / Math.sqrt(12), [0, 1]],
    ["nn.init.normal_,mean=0.5,std=0.01", 0.5, 0.01, [0.4, 0.6]],
    ["nn.init.normal_, std = 0.05", 0, 0.05, [-0.3, 0.3]],
    ["nn.init.trunc_normal_,std=1,a=-1,b=1", 0, 0.5396, [-1, 1]],
    ["nn.init.xavier_uniform_", 0, Math.sqrt(2 / 416), [-Math.sqrt(6 / 416), Math.sqrt(6 / 416)]],
    ["nn.init.xavier_normal_,gain=2", 0, 2 * Math.sqrt(2 / 416), [-1, 1]],
    ["nn.init.kaiming_normal_,mode='fan_out',nonlinearity='relu'", 0, Math.sqrt(2 / 400), [-1, 1]],
    ["nn.init.kaiming_uniform_,a=1", 0, 1 / 4, [-Math.sqrt(3) / 4, Math.sqrt(3) / 4]],
  ] as const)("%s starts with its mean, deviation and limits", (initializer, expected, spread, [low, high]) => {
    const values = initialTable(initializer);
    expect(mean(values)).toBeCloseTo(expected, 1 - Math.log10(spread));
    expect(deviation(values) / spread).toBeGreaterThan(0.96);
    expect(deviation(values) / spread).toBeLessThan(1.04);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low - 1e-6);
    expect(Math.max(...values)).toBeLessThanOrEqual(high + 1e-6);
  });

  test.each([
    ["nn.init.zeros_", 0],
    ["nn.init.ones_", 1],
    ["nn.init.constant_,val=0.25", 0.25],
  ])("%s starts with one value", (initializer, value) => {
    expect(new Set(initialTable(initializer))).toEqual(new Set([value]));
  });

  test("two initializers of one table are refused, as TorchEasyRec fails to build it", () => {
    const shared = (name: string) => `embedding_name: "same" init_fn: "nn.init.${name}"`;
    const two = configOf(shared("zeros_"), "", shared("ones_")).replace(
      "num_buckets: 5 embedding_dim: 4",
      "num_buckets: 400 embedding_dim: 16",
    );
    expect(() => specFromConfig(two)).toThrow(/init_fn: shares the table "same" with "a", which has another init_fn/);
  });
});

describe("trainable: false", () => {
  const rows = Array.from({ length: 64 }, (_, row) => ({ a: row % 9, b: row % 5, clk: row % 2 }));
  const placed = (sharding: string, kernel: string) =>
    `global_embedding_constraints { sharding_types: "${sharding}" compute_kernels: "${kernel}" }`;

  test.each([
    ["the sparse optimizer", "compiled", placed("table_wise", "fused")],
    ["the dense optimizer", "compiled", placed("data_parallel", "dense")],
    ["the sparse optimizer", "cpu", placed("table_wise", "fused")],
    [
      "the dense optimizer with clipping",
      "cpu",
      `${placed("data_parallel", "dense")} grad_clipping { clipping_type: "norm" max_gradient: 0.1 }`,
    ],
  ] as const)("a table of %s stays as it starts on %s, and others move", async (_, engine, train) => {
    const model = pepnet.fromConfig(configOf('trainable: false init_fn: "nn.init.constant_,val=0.5"', train));
    const run = await model.fit(await dataset(rows), { validation: null, quiet: true, engine });
    const weights = await run.weights();
    expect(new Set(weights.get(table)!.data)).toEqual(new Set([0.5]));
    const free = pepnet.fromConfig(configOf('init_fn: "nn.init.constant_,val=0.5"', train));
    const moved = await (await free.fit(await dataset(rows), { validation: null, quiet: true, engine })).weights();
    expect(new Set(moved.get(table)!.data).size).toBeGreaterThan(10);
    expect(weights.get(other)!.data).not.toEqual(Float32Array.from(weights.get(other)!.data, () => 0));
  });
});
