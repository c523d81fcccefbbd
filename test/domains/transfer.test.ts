/** What domains learn from each other, in a world whose answer is known. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adam, type Dataset, dataset, idFeature, pepnet } from "../../src/index.js";
import { random } from "../../src/util/random.js";

const model = pepnet()
  .features(idFeature("item").buckets(40).embedding(8), idFeature("scene").buckets(3).embedding(4))
  .labels("y")
  .group("domain", ["scene"])
  .epnet()
  .domains("scene", ["small", "twin", "noise"])
  .tower("y", (t) => t.label("y").mlp(8).bce().auc())
  .switches({ sharedTowers: true })
  .train({ batchSize: 128, epochs: 4, dense: adam(0.01), sparse: adam(0.01) });

/** `small` likes what `twin` likes, which has ten times the rows; labels of `noise` are random. */
function rows(seed: number, sizes: readonly number[]): Promise<Dataset> {
  const source = random(seed);
  const likes = Array.from({ length: 40 }, (_, item) => 2 * random(item + 1).normal());
  const all = sizes.flatMap((count, scene) =>
    Array.from({ length: count }, () => {
      const item = source.integer(40);
      const logit = scene === 2 ? 0 : likes[item]!;
      return { item, scene, y: source.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0 };
    }),
  );
  return dataset(all);
}

let cache: string;
const before = process.env.PEPNET_CACHE;
beforeAll(() => {
  cache = mkdtempSync(path.join(tmpdir(), "pepnet-transfer-"));
  process.env.PEPNET_CACHE = cache;
});
afterAll(() => {
  process.env.PEPNET_CACHE = before;
  rmSync(cache, { recursive: true });
});

test("a small domain learns from its twin, and not from noise", { timeout: 300_000 }, async () => {
  const [train, validation] = [await rows(1, [240, 2400, 1200]), await rows(2, [1500, 1500, 1500])];
  const map = await model.transfer(train, { validation, seeds: 6, quiet: true });
  const of = (source: string, domain: string) =>
    map.rows().find((row) => row["source"] === source && row["domain"] === domain);
  expect(of("twin", "small")).toMatchObject({ says: "helps" });
  expect(of("all others", "small")).toMatchObject({ says: "helps" });
  expect(of("noise", "small")!["says"]).not.toBe("helps");
  expect(of("small", "small")).toBeUndefined();
  expect(Math.abs(of("twin", "noise")!["change"] as number)).toBeLessThan(0.05);
  expect((await map.chart()).title).toMatch(/^Rows of (twin|all others) help small most \(AUC \+0\.\d+\)/);
  expect(map.study.variants.map(({ name }) => name)).toEqual(["the model", "small", "twin", "noise", "all others"]);
});

test("a model of the part is what a model of its rows alone is", { timeout: 120_000 }, async () => {
  const [train, validation] = [await rows(3, [300, 300, 300]), await rows(4, [300, 300, 300])];
  const options = { validation, seeds: 1, quiet: true } as const;
  const map = await model.transfer(train, options);
  const without = await dataset((await train.toRows()).filter((row) => row["scene"] !== 1) as Record<string, number>[]);
  const alone = await model.fit(without, { validation, seed: 1, threads: 1, quiet: true });
  const cells = map.study.variants.find(({ name }) => name === "twin")!.tasks[0]!.domains;
  expect(cells[0]!.bySeed).toEqual([alone.evaluation!.auc("y", 0)]);
  expect(cells[2]!.bySeed).toEqual([alone.evaluation!.auc("y", 2)]);
  expect(map.rows().every((row) => row["says"] === "cannot be told from one seed")).toBe(true);
});

test("parts of one's own are trained together without the others", { timeout: 120_000 }, async () => {
  const four = pepnet()
    .features(idFeature("item").buckets(40).embedding(4), idFeature("scene").buckets(4).embedding(4))
    .labels("y")
    .group("domain", ["scene"])
    .epnet()
    .domains("scene", ["a", "b", "c", "d"])
    .tower("y", (t) => t.label("y").mlp(4).bce().auc())
    .train({ batchSize: 128, steps: 2 });
  const [train, validation] = [await rows(6, [200, 200, 200, 200]), await rows(7, [200, 200, 200, 200])];
  const map = await four.transfer(train, {
    validation,
    seeds: 1,
    quiet: true,
    together: [
      ["a", "b"],
      ["a", "b", "c"],
    ],
  });
  expect(map.sources.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "all others", "others than a + b"]);
  const others = map.rows().filter((row) => row["source"] === "others than a + b");
  expect(others.map((row) => [row["domain"], typeof row["change"]])).toEqual([
    ["a", "number"],
    ["b", "number"],
  ]);
});

test("names what is wrong", async () => {
  const data = await rows(5, [50, 50, 50]);
  await expect(model.transfer(data, { together: [["smal"]] })).rejects.toThrow(/domain.*small/s);
  const bare = pepnet()
    .features(idFeature("item").buckets(40).embedding(8))
    .labels("y")
    .tower("y", (t) => t.label("y").mlp(8).bce().auc());
  await expect(bare.transfer(data)).rejects.toThrow("two domains or more");
});
