/** Samplers of negative items: the config opens and trains, and its notes have the step that draws them from its item table. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { trainingWarnings } from "../../../src/core/spec/validate/warnings.js";
import { dataset, pepnet } from "../../../src/index.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-samplers-"));
});
afterAll(() => rm(folder, { recursive: true }));

const config = (sampler: string): string => `
data_config { batch_size: 32 label_fields: "clk" fg_mode: FG_NONE force_base_data_group: true ${sampler} }
train_config { sparse_optimizer { adagrad_optimizer { lr: 0.1 } constant_learning_rate {} } dense_optimizer { adam_optimizer { lr: 0.01 } constant_learning_rate {} } num_steps: 2 }
feature_configs { id_feature { feature_name: "user_id" num_buckets: 20 embedding_dim: 4 } }
feature_configs { id_feature { feature_name: "item_id" num_buckets: 50 embedding_dim: 4 } }
feature_configs { id_feature { feature_name: "brand" num_buckets: 5 embedding_dim: 4 } }
model_config { feature_groups { group_name: "all" feature_names: ["user_id", "item_id", "brand"] group_type: DEEP }
  pepnet { task_towers { tower_name: "ctr" label_name: "clk" losses { binary_cross_entropy {} } } } }`;

it("negative_sampler: the step that the note shows adds rows with items and attributes of the table", async () => {
  const items = path.join(folder, "items.csv");
  const catalog = Array.from({ length: 50 }, (_, item) => [item, item < 40 ? 1 : 0, item % 5]);
  await writeFile(items, ["item_id,weight,brand", ...catalog.map((row) => row.join(","))].join("\n"));
  const sampler = `negative_sampler { input_path: ${JSON.stringify(items)} num_sample: 64 attr_fields: ["brand"] item_id_field: "item_id" }`;
  const model = pepnet.fromConfig(config(sampler));
  expect(model.toConfig()).toContain("negative_sampler {");
  const rows = Array.from({ length: 40 }, (_, row) => ({
    user_id: row % 20,
    item_id: row,
    brand: row % 5,
    clk: row % 2,
  }));
  const data = await dataset(rows);
  const plain = await model.fit(data, { validation: null, quiet: true });
  const note = plain.notes.find((text) => text.includes("negative_sampler"))!;
  expect(note).toContain("TorchEasyRec draws 64 for each batch");
  const step = /data\.negatives\((\{.*\})\)/.exec(note)![1]!;
  const options = new Function(`return (${step})`)();
  expect(options).toEqual({ per: 2, user: "…", item: "item_id", from: items, attributes: ["brand"], weight: "weight" });
  const pairs = await data.negatives({ ...options, user: "user_id", label: "clk" });
  const drawn = (await pairs.toRows()) as typeof rows;
  expect(drawn).toHaveLength(40 + 2 * 20); // two for each positive row
  for (const { item_id, brand } of drawn) expect(brand).toBe(item_id % 5);
  expect(Math.max(...drawn.map(({ item_id }) => item_id))).toBeLessThan(40); // weight 0 is not drawn
  const run = await model.fit(pairs, { validation: null, quiet: true });
  expect(run.history.points.at(-1)?.loss).toBeGreaterThan(0);
  await plain.dispose();
  await run.dispose();
});

it.each([
  [
    'negative_sampler_v2 { user_input_path: "u" item_input_path: "i" pos_edge_input_path: "e" num_sample: 8 attr_fields: "brand" item_id_field: "item_id" user_id_field: "user_id" }',
    /per: 1, user: "user_id", item: "item_id", from: "i"/,
  ],
  [
    'hard_negative_sampler { user_input_path: "u" item_input_path: "i" hard_neg_edge_input_path: "e" num_sample: 320 num_hard_sample: 2 attr_fields: "brand" item_id_field: "item_id" user_id_field: "user_id" }',
    /per: 10, user: "user_id"/,
  ],
])("%s opens with its step", (sampler, step) => {
  const notes = trainingWarnings(pepnet.fromConfig(config(sampler)).spec).map(
    ({ path, message }) => `${path}: ${message}`,
  );
  expect(notes.join()).toMatch(step);
});
