/** What domains learn from each other, in a world whose answer is known. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { adam, type Dataset, dataset, idFeature, pepnet } from "../../../src/index.js";
import { sampleRows } from "../../../src/lab/gates/sample.js";
import { wholeTitle } from "../../whole-title.js";

const sized = (units: number) =>
  pepnet()
    .features(idFeature("item").buckets(80).embedding(8), idFeature("scene").buckets(3).embedding(4))
    .labels("y")
    .group("domain", ["scene"])
    .epnet()
    .domains("scene", ["small", "twin", "noise"])
    .tower("y", (t) => t.label("y").mlp(units).bce().auc())
    .switches({ sharedTowers: true })
    .train({ batchSize: 128, epochs: 4, dense: adam(0.01), sparse: adam(0.01) });
const model = sized(8);

/** `small` likes what `twin` likes, or has items of its own; labels of `noise` are random. */
function rows(seed: number, sizes: readonly number[], isTwin = true): Promise<Dataset> {
  const source = random(seed);
  const likes = Array.from({ length: 80 }, (_, item) => 2 * random(item + 1).normal());
  const all = sizes.flatMap((count, scene) =>
    Array.from({ length: count }, () => {
      const item = source.integer(40) + (scene === 0 && !isTwin ? 40 : 0);
      const logit = scene === 2 ? 0 : likes[item]!;
      return { item, scene, y: source.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0 };
    }),
  );
  return dataset(all);
}

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(path.join(tmpdir(), "pepnet-transfer-"));
  vi.stubEnv("PEPNET_CACHE", cache);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

test("a small domain learns from its twin, and not from noise", async () => {
  const [train, validation] = [await rows(1, [240, 2400, 1200]), await rows(2, [4000, 3000, 2000])];
  const map = await model.transfer(train, { validation, seeds: 10, quiet: true });
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

test("a model of the part is what a model of its rows alone is", async () => {
  const [train, validation] = [await rows(3, [300, 300, 300]), await rows(4, [300, 300, 300])];
  const options = { validation, seeds: 1, earlyStopping: false, quiet: true } as const;
  const map = await model.transfer(train, options);
  const steps = 4 * Math.ceil(900 / 128);
  expect(map.notes.join()).toContain(`every training took ${steps} steps, as many as on all rows`);
  const asLong = model.train({ steps, epochs: undefined as never });
  const without = await dataset((await train.toRows()).filter((row) => row["scene"] !== 1) as Record<string, number>[]);
  const alone = await asLong.fit(without, { validation, seed: 1, threads: 1, quiet: true });
  const cells = map.study.variants.find(({ name }) => name === "twin")!.tasks[0]!.domains;
  expect(cells[0]!.bySeed).toEqual([alone.evaluation!.auc("y", 0)]);
  expect(cells[2]!.bySeed).toEqual([alone.evaluation!.auc("y", 2)]);
  expect(map.rows().every((row) => row["says"] === "cannot be told from one seed")).toBe(true);
});

test("what a domain lacks in steps does not look like what others bring", async () => {
  const strangers = pepnet()
    .features(idFeature("item").buckets(40).embedding(8), idFeature("scene").buckets(2).embedding(4))
    .labels("y")
    .group("domain", ["scene"])
    .epnet()
    .domains("scene", ["large", "small"])
    .tower("y", (t) => t.label("y").mlp(16).bce().auc())
    .train({ batchSize: 128, epochs: 5, dense: adam(0.002), sparse: adam(0.002) });
  const likes = random(9);
  const tastes = [0, 1].map(() => Array.from({ length: 40 }, () => 0.8 * likes.normal()));
  const log = (seed: number, sizes: readonly number[]) => {
    const source = random(seed);
    const all = sizes.flatMap((count, scene) =>
      Array.from({ length: count }, () => {
        const item = source.integer(40);
        const chance = 1 / (1 + Math.exp(0.8 - tastes[scene]![item]!));
        return { item, scene, y: source.uniform() < chance ? 1 : 0 };
      }),
    );
    return dataset(all);
  };
  const [train, validation] = [await log(5, [6000, 1000]), await log(77, [6000, 6000])];
  const map = await strangers.transfer(train, { validation, seeds: 6, quiet: true, cache: false });
  const small = map.helps.find(({ domain }) => domain === "small")!;
  expect(small.value).toBeLessThan(0); // as long alone, it has an AUC of .04 more than with strangers
  expect(small.says).not.toBe("helps");
  expect(map.notes.join()).toContain("validation rows chose the length of every training");
});

test("parts of one's own are trained together without the others", async () => {
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

test("a domain lacks rows if half of its own bring more than what matters", async () => {
  const [train, validation] = [await rows(1, [700, 6000, 200], false), await rows(2, [6000, 6000, 1500], false)];
  const options = { validation, seeds: 8, halves: true, matters: 0.014, quiet: true } as const;
  const wide = sized(32);
  const map = await wide.transfer(train, options);
  const halves = map.rows().filter((row) => String(row["source"]).startsWith("half of"));
  expect(halves.map((row) => [row["source"], row["domain"]])).toEqual([
    ["half of small", "small"],
    ["half of twin", "twin"],
    ["half of noise", "noise"],
  ]);
  const [small, twin, noise] = halves.map((row) => String(row["says"]));
  expect(small).toMatch(/^lacks rows: (about \S+|up) to \S+ more, until further ones bring less than 0.014$/);
  expect(twin).toBe("has rows enough: all further ones would bring less than 0.014");
  expect(noise).not.toMatch(/^lacks rows/);
  expect(wholeTitle(await map.chart())).toMatch(/; small lacks rows;/i);
  // An error that falls as 1 / rows: of four times the rows, half bring a quarter.
  const fewOthers = { ...options, validation: await rows(2, [6000, 300, 100], false), seeds: 3 };
  const more = await wide.transfer(await rows(1, [2800, 300, 200], false), fewOthers);
  const change = more.rows().find((row) => row["source"] === "half of small")!["change"] as number;
  const before = halves[0]!["change"] as number;
  expect(change).toBeGreaterThan(before / 8);
  expect(change).toBeLessThan(before / 2);
});

test("half of a domain's rows are a random half, and others' are whole", async () => {
  const [train, validation] = [await rows(3, [301, 300, 300]), await rows(4, [300, 300, 300])];
  const map = await model.transfer(train, { validation, seeds: 1, halves: true, earlyStopping: false, quiet: true });
  const asLong = model.train({ steps: 4 * Math.ceil(901 / 128), epochs: undefined as never });
  const cells = map.study.variants.find(({ name }) => name === "half of small")!.tasks[0]!.domains;
  const all = (await train.toRows()) as unknown as Record<string, number>[];
  const { rows: encoded } = await train.encode(model.spec);
  expect(encoded).toBe(901);
  const small = all.flatMap((row, at) => (row["scene"] === 0 ? [at] : []));
  const left = new Set(Array.from(sampleRows(small.length, 151, 1, "half"), (at) => small[at]!));
  const without = await dataset(all.filter((row, at) => row["scene"] !== 0 || left.has(at)));
  const alone = await asLong.fit(without, { validation, seed: 1, threads: 1, quiet: true });
  expect(cells.map(({ bySeed }) => bySeed[0])).toEqual([0, 1, 2].map((domain) => alone.evaluation!.auc("y", domain)));
});

test("names what is wrong", async () => {
  const data = await rows(5, [50, 50, 50]);
  await expect(model.transfer(data, { together: [["smal" as never]] })).rejects.toThrow(/domain.*small/s);
  const bare = pepnet()
    .features(idFeature("item").buckets(40).embedding(8))
    .labels("y")
    .tower("y", (t) => t.label("y").mlp(8).bce().auc());
  await expect(bare.transfer(data)).rejects.toThrow("two domains or more");
});
