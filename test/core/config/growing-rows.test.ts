/** Zero-collision hashes and dynamic embeddings: a vocabulary of the training rows stands in, and says so. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConfigError } from "../../../src/core/errors/index.js";
import { tableRows } from "../../../src/core/spec/feature/feature.js";
import { dataset, pepnet } from "../../../src/index.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-growing-"));
});
afterAll(() => rm(folder, { recursive: true }));

const config = (table: string, mode: string): string => `
data_config { batch_size: 32 label_fields: "clk" fg_mode: ${mode} }
train_config { sparse_optimizer { adagrad_optimizer { lr: 0.1 } constant_learning_rate {} } dense_optimizer { adam_optimizer { lr: 0.01 } constant_learning_rate {} } num_steps: 2 }
feature_configs { id_feature { feature_name: "shop" expression: "item:shop" embedding_dim: 4 ${table} } }
feature_configs { sequence_feature { sequence_name: "hist" sequence_length: 4 sequence_delim: ";" features { id_feature { feature_name: "shop" expression: "item:shop" embedding_dim: 4 ${table} } } } }
model_config {
  feature_groups { group_name: "all" feature_names: "shop" group_type: DEEP
    sequence_groups { group_name: "s" feature_names: ["shop", "hist__shop"] }
    sequence_encoders { din_encoder { input: "s" attn_mlp { hidden_units: 4 } } } }
  pepnet { task_towers { tower_name: "ctr" label_name: "clk" losses { binary_cross_entropy {} } } } }`;

/** Ids far from any row number; 9 of them, the k-th in 2 + k rows. */
const shops = Array.from({ length: 9 }, (_, k) => Array.from({ length: 2 + k }, () => 7_000_000_000 + 13 * k)).flat();
const rows = shops.map((shop, row) => ({
  shop,
  hist__shop: `${shop};${shops[(row * 5) % shops.length]}`,
  clk: row % 2,
}));
const counts = new Map<number, number>();
for (const shop of shops) counts.set(shop, (counts.get(shop) ?? 0) + 1);
const byCount = [...counts].sort(([a, left], [b, right]) => right - left || a - b).map(([shop]) => String(shop));

const cases = [
  ["zch { zch_size: 7 eviction_interval: 5 lfu {} }", 5, "zch"],
  ["zch { zch_size: 1000 distance_lfu { decay_exponent: 2 } }", 9, "zch"],
  ["dynamicemb { max_capacity: 6 }", 4, "dynamicemb"],
  ["dynamicemb { max_capacity: 1000 frequency_admission_strategy { threshold: 4 } }", 7, "dynamicemb"],
] as const;

describe.each(["FG_NONE", "FG_BUCKETIZE", "FG_NORMAL"])("in columns of %s", (mode) => {
  it.each(cases)("%s trains on the most frequent ids of the rows", async (table, ids, field) => {
    const model = pepnet.fromConfig(config(table, mode));
    const run = await model.fit(await dataset(rows), { validation: null, quiet: true });
    const [shop] = run.spec.features;
    expect((shop as { encoding: unknown }).encoding).toEqual({ kind: "vocabList", values: byCount.slice(0, ids) });
    expect(tableRows(shop!)).toBe(ids + 2);
    expect(run.notes.join("\n")).toContain(`features.shop.${field}: a vocabulary of the training rows stands in`);
    expect(run.notes.join("\n")).not.toContain("out of range");
    // Two ids of the vocabulary have vectors of their own; those left out share one, as does an id never seen.
    const predict = async (id: number | string): Promise<number> => {
      const [row] = await (await run.predict(await dataset([{ shop: id, hist__shop: byCount[0]!, clk: 0 }]))).head(1);
      return row!["probs_ctr"] as number;
    };
    const [first, second, unseen] = [await predict(byCount[0]!), await predict(byCount[1]!), await predict(1)];
    expect(first).not.toBe(second);
    const left = byCount.slice(ids);
    for (const id of left) expect(await predict(id)).toBe(unseen);
    expect(first).not.toBe(unseen);
    // A config goes back as it came, and notes which ids have which rows for those who open it here.
    const noted = run.model.toConfig();
    expect(noted.replace(/^# pepnet: .*\n/, "")).toBe(model.toConfig());
    expect(model.toConfig()).toContain(`${field} {`);
    expect(pepnet.fromConfig(noted).spec).toEqual(run.spec);
    expect(pepnet.fromConfig(noted).toConfig()).toBe(noted);
    await run.dispose();
  });
});

describe("to the cluster and back", () => {
  const model = pepnet.fromConfig(config(cases[0][0], "FG_NORMAL"));

  it("an export has the rows of the stand-in, and says so", async () => {
    const fitted = await model.fitFeatures(rows);
    await fitted.exportTorchEasyRec(rows, { folder: path.join(folder, "out"), validation: null });
    const text = await readFile(path.join(folder, "out", "pipeline.config"), "utf8");
    expect(text).toMatch(/feature_name: "shop"[\s\S]*num_buckets: 7/);
    expect(text).not.toContain("zch");
    const own = await readFile(path.join(folder, "out", "model.config"), "utf8");
    expect(own).toContain("zch_size: 7");
    const ids = byCount.slice(0, 5);
    expect(own).toContain(`# pepnet: ${JSON.stringify({ vocabularies: { shop: ids, hist__shop: ids } })}\n`);
    expect(await readFile(path.join(folder, "out", "README.md"), "utf8")).toContain(
      "rows of a vocabulary of the training",
    );
  });

  it("weights are refused where the config does not list the ids, with the config that does", async () => {
    const { writeFile } = await import("node:fs/promises");
    await writeFile(path.join(folder, "pipeline.config"), model.toConfig());
    await writeFile(path.join(folder, "weights.safetensors"), "");
    await expect(pepnet.fromTorchEasyRec(folder)).rejects.toThrow(
      /features\.shop\.zch: the config does not say which ids[\s\S]*open its model\.config[\s\S]*features\.hist__shop/,
    );
  });
});

describe("a list of ids in a config", () => {
  const text = config(cases[0][0], "FG_NORMAL");
  const problems = (vocabularies: unknown): readonly unknown[] => {
    try {
      pepnet.fromConfig(`# pepnet: ${JSON.stringify({ vocabularies })}\n${text}`);
      return [];
    } catch (error) {
      return (error as ConfigError).problems;
    }
  };

  it("is of a feature with zch or dynamicemb, has ids once, and fits the table", () => {
    const list = (size: number) => Array.from({ length: size }, (_, id) => String(id));
    expect(problems({ shop: list(5), hist__shop: ["9"] })).toEqual([]);
    const place = "# pepnet.vocabularies";
    expect(problems({ shop: list(6) })).toMatchObject([
      { path: `${place}.shop`, received: "6 ids", expected: expect.stringContaining("at most 5,") },
    ]);
    expect(problems({ shops: ["1"] })).toMatchObject([
      { path: `${place}.shops`, fix: expect.stringContaining('"shop"') },
    ]);
    for (const wrong of [{ shop: [] }, { shop: ["1", "1"] }, { shop: [1] }, { shop: "1" }, ["1"]]) {
      expect(problems(wrong)).toMatchObject([{ path: place, expected: expect.stringContaining('{"shop":["7","9"]}') }]);
    }
  });

  it("is trained with as it is, other ids of the rows share a row", async () => {
    const ids = [byCount[3]!, byCount[0]!];
    const listed = `# pepnet: ${JSON.stringify({ vocabularies: { shop: ids, hist__shop: ids } })}\n${text}`;
    const run = await pepnet.fromConfig(listed).fit(rows, { validation: null, quiet: true, engine: "cpu" });
    for (const feature of run.spec.features) expect(tableRows(feature)).toBe(4);
    await run.dispose();
  });
});
