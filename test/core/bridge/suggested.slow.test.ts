/** Models that `suggestModel` proposes for real raw files go to TorchEasyRec and come back. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyModel, dataset, idFeature, pepnet, rawFeature, suggestModel } from "../../../src/index.js";
import { hasShared, sharedPath } from "../../shared.js";
import { writeSafetensors } from "../train/saved/encoded.js";
import { parquetRows } from "./columns.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-suggested-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Exports a model, trains it a little, and opens its weights by both configs of the folder. */
async function thereAndBack(name: string, model: AnyModel, train: Source, validation: Source) {
  const out = (...parts: string[]): string => path.join(folder, name, ...parts);
  const rows = { train: await dataset(train), validation: await dataset(validation) };
  const { notes } = await model.exportTorchEasyRec(rows.train, { folder: out(), validation: rows.validation });
  const run = await model.fit(rows.train, { steps: 3, validation: null, quiet: true });
  const weights = await run.weights();
  // TorchEasyRec keeps averages of what its dense optimizer trains beside the weights.
  const averages = [...weights].map(([name, each]) => [`${name}.ema`, each] as const);
  const isAveraged = model.spec.training.emaDecay !== null;
  await writeSafetensors(out("weights.safetensors"), new Map([...weights, ...(isAveraged ? averages : [])]));
  const exported = await pepnet.fromTorchEasyRec(out());
  const files = { config: out("model.config"), weights: out("weights.safetensors") };
  const own = await pepnet.fromTorchEasyRec(files);
  const expected = await (await run.predict(rows.validation)).toColumns();
  expect(await (await exported.predict(out("eval.parquet"))).toColumns()).toEqual(expected);
  expect(await (await own.predict(rows.validation)).toColumns()).toEqual(expected);
  // The config trains on the exported rows, as TorchEasyRec does.
  const again = await exported.model.fit(out("train.parquet"), { steps: 1, validation: null, quiet: true });
  expect(Object.keys((await again.evaluate(out("eval.parquet"))).tasks)).not.toEqual([]);
  const config = await readFile(out("pipeline.config"), "utf8");
  const written = await parquetRows(out("eval.parquet"));
  const readme = await readFile(out("README.md"), "utf8");
  for (const each of [run, exported, own, again]) await each.dispose();
  return { config, notes, written, readme };
}
type Source = string | readonly Record<string, unknown>[];

describe.skipIf(!hasShared)("a suggested model with a domain", () => {
  it.each([
    ["adult", ["rich", "single"], "sex"],
    ["coupon", ["Y"], "dest"],
  ] as const)("of %s", async (name, labels, domain) => {
    const file = (part: string): string => sharedPath("data", "first-evening", name, `${part}.parquet`);
    const { model } = await suggestModel(file("train"), { labels, domain });
    const validation = (await (await dataset(file("validation"))).sample(500).toRows()) as Record<string, unknown>[];
    const train = (await (await dataset(file("train"))).sample(4000).toRows()) as Record<string, unknown>[];
    expect(model.spec.switches.sharedTowers).toBe(true);
    const shared = await thereAndBack(`${name}-shared`, model as AnyModel, train, validation);
    expect(shared.config).not.toContain("domain_input_name");
    expect(shared.config).toContain(`"sharedTowers":{"column":"${domain}_domain","count":`);
    expect(shared.notes.join()).toContain("one tower for all domains");
    const apart = model.switches({ sharedTowers: false }) as AnyModel;
    const { config, notes, written, readme } = await thereAndBack(name, apart, train, validation);
    expect(config).toContain(`domain_input_name: "${domain}_domain"`);
    expect(config).toMatch(new RegExp(`label_fields: \\[.*"${domain}_domain"`));
    expect(notes.join()).toContain(`domains are in the column "${domain}_domain", since "${domain}" holds`);
    expect(readme).toContain(`domains are in the column "${domain}_domain"`);
    // The feature's rows and the domains number the same values.
    const pairs = new Set(written.map((row) => `${row[domain]} ${row[`${domain}_domain`]}`));
    expect(pairs.size).toBe(new Set(written.map((row) => row[domain])).size);
    expect(Math.min(...written.map((row) => Number(row[`${domain}_domain`])))).toBe(0);
  });
});

describe("a domain that is also a feature", () => {
  const rows = Array.from({ length: 120 }, (_, i) => ({
    scene: ["feed", "search", "ads"][i % 3],
    scene_domain: i % 7,
    price: i,
    clk: (i >> 1) % 2,
  }));
  const model = (scene: never): AnyModel =>
    (pepnet() as unknown as AnyModel)
      .features(scene, idFeature("scene_domain").buckets(7).embedding(4), rawFeature("price").zscore())
      .labels("clk")
      .group("domain", ["scene"])
      .epnet()
      .domains("scene", ["search", "feed", "ads"])
      .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc());

  it.each([
    ["vocabulary", idFeature("scene").vocab(["ads", "feed", "search"]).embedding(4)],
    ["hash", idFeature("scene").hash(20).embedding(4)],
  ])("by %s: the column is written twice, under a name that no other column has", async (name, scene) => {
    const { config, written } = await thereAndBack(name, model(scene as never), rows, rows);
    expect(config).toContain('domain_input_name: "scene_domain_"');
    expect(written.map((row) => Number(row["scene_domain_"]))).toEqual(rows.map((_, i) => [1, 0, 2][i % 3]));
    expect(written.map((row) => Number(row["scene_domain"]))).toEqual(rows.map((row) => row.scene_domain));
  });

  it("by num_buckets: one column is both", async () => {
    const buckets = idFeature("scene").buckets(3).embedding(4);
    const { config, notes, written } = await thereAndBack("buckets", model(buckets as never), rows, rows);
    expect(config).toContain('domain_input_name: "scene"');
    expect(notes.join()).not.toContain("domains are in the column");
    expect(written.map((row) => Number(row["scene"]))).toEqual(rows.map((_, i) => [1, 0, 2][i % 3]));
  });
});
