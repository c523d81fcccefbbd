/** `fit(…, { cache: true })`: an equal training is not trained again, and anything else always is. */
import { mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { random } from "../../src/core/util/random.js";
import { dataset, type FitOptions, idFeature, pepnet, type Run, rawFeature } from "../../src/index.js";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(path.join(tmpdir(), "pepnet-fits-"));
  vi.stubEnv("PEPNET_CACHE", cache);
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));
afterAll(() => vi.unstubAllEnvs());

const source = random(9);
const rows = Array.from({ length: 600 }, () => {
  const shop = source.integer(20);
  return { shop, price: source.uniform(), scene: source.integer(2), y: source.uniform() < 0.2 + 0.03 * shop ? 1 : 0 };
});
const named = (...names: string[]) =>
  pepnet()
    .features(
      idFeature("shop").vocab().embedding(4),
      rawFeature("price").zscore(),
      idFeature("scene").buckets(2).embedding(2),
    )
    .labels("y")
    .domains("scene", names)
    .tower("ctr", (t) => t.label("y").mlp(4).bce().auc());
const model = named("feed", "live");

const train = (options: FitOptions = {}, from: readonly object[] = rows, of = model): Promise<Run> =>
  dataset(from as typeof rows).then((data) =>
    of.fit(data, { quiet: true, epochs: 1, cache: true, ...options } as never),
  );
const isCached = ({ fromCache }: Run): boolean => fromCache !== null;
const runs = (): string[] => readdirSync(path.join(cache, "fits")).filter((name) => name.endsWith(".fit"));

/** What a run is, in numbers. */
async function contents(run: Run) {
  const weights = [...(await run.weights())].map(([name, { data }]) => [name, [...data]]);
  const { history, evaluation, gatesHistory, findings, interrupted } = run;
  const record = JSON.parse(JSON.stringify(run.record));
  const predicted = await (await run.predict(await dataset(rows.slice(0, 50)))).toRows();
  const measured = (await run.evaluate(await dataset(rows.slice(100)))).tasks;
  return {
    measured,
    weights,
    history,
    tasks: evaluation?.tasks,
    gatesHistory,
    findings,
    interrupted,
    record,
    notes: run.notes,
    shown: run.shown,
    predicted,
  };
}

describe("an equal training", () => {
  it.each<[string, FitOptions]>([
    ["as it is", {}],
    ["with gates followed", { gates: true }],
    ["without validation rows", { validation: null }],
    ["of several seeds", { seeds: 2 }],
  ])("%s comes back whole, to the last digit", async (_, options) => {
    const first = await train(options);
    expect(isCached(first)).toBe(false);
    const again = await train(options);
    expect(isCached(again)).toBe(true);
    expect(await contents(again)).toEqual(await contents(first));
    expect(again.validation?.rows).toBe(first.validation?.rows);
    expect(again.model.spec).toEqual(first.model.spec);
    for (const run of [first, again]) await run.dispose();
  });

  it("from the weights of a run comes back, and from others is trained anew", async () => {
    const begin = await train({ epochs: undefined, steps: 2, cache: false });
    const [weights, others] = [await begin.weights(), new Map(await begin.weights())];
    const [name = ""] = others.keys();
    const { shape, data } = others.get(name)!;
    others.set(name, { shape, data: data.map((value, at) => (at === 1 ? value + 1e-3 : value)) });
    const first = await train({ weights });
    const again = await train({ weights: await begin.weights() });
    expect([first, again].map(isCached)).toEqual([false, true]);
    expect(await contents(again)).toEqual(await contents(first));
    for (const options of [{ weights: others }, { weights, weightMap: { [name]: null } }, {}] as FitOptions[]) {
      const other = await train(options);
      expect(isCached(other)).toBe(false);
      await other.dispose();
    }
    expect(runs()).toHaveLength(4);
    for (const run of [begin, first, again]) await run.dispose();
  });

  it("is the one that a training without the cache is", async () => {
    const [plain, kept] = [await train({ cache: false }), await train()];
    const [{ shown: _, history: h, ...a }, { shown: __, history: i, ...b }] = [
      await contents(plain),
      await contents(kept),
    ];
    expect(b).toEqual(a);
    expect(i.points.map(({ loss }) => loss)).toEqual(h.points.map(({ loss }) => loss));
    expect(runs()).toHaveLength(1);
    for (const run of [plain, kept]) await run.dispose();
  });
});

describe("is trained anew", () => {
  const changed = rows.map((row, at) => (at === 7 ? { ...row, y: 1 - row.y } : row));
  const others: readonly (readonly [string, () => Promise<Run>])[] = [
    ["a label", () => train({}, changed)],
    [
      "a value",
      () =>
        train(
          {},
          rows.map((row, at) => (at === 7 ? { ...row, price: row.price + 1e-3 } : row)),
        ),
    ],
    ["a row less", () => train({}, rows.slice(1))],
    ["the order", () => train({}, [...rows].reverse())],
    ["the seed", () => train({ seed: 5 })],
    ["the epochs", () => train({ epochs: 2 })],
    ["the steps", () => train({ epochs: undefined, steps: 3 })],
    ["no floor", () => train({ floor: false })],
    ["validation rows", () => dataset(changed).then((validation) => train({ validation }))],
    ["the model", () => train({}, rows, model.train({ batchSize: 64 }) as typeof model)],
    ["a domain's name", () => train({}, rows, named("feed", "shop"))],
  ];

  it.each(others)("if %s changes", async (_, other) => {
    await (await train()).dispose();
    const run = await other();
    expect(isCached(run)).toBe(false);
    expect(runs()).toHaveLength(2);
    await run.dispose();
  });

  it("if its files are damaged or gone, and is put there again", async () => {
    for (const harm of [
      (folder: string) => truncateSync(path.join(folder, "weights.safetensors"), 100),
      (folder: string) => rmSync(folder, { recursive: true }),
    ]) {
      await (await train()).dispose();
      harm(path.join(cache, "fits", runs()[0]!.replace(".fit", "")));
      const run = await train();
      expect(isCached(run)).toBe(false);
      await run.dispose();
    }
    const last = await train();
    expect(isCached(last)).toBe(true);
    await last.dispose();
  });
});

it("an interrupted training is not put there", async () => {
  const aborted = new AbortController();
  setTimeout(() => aborted.abort(), 30);
  const run = await train({ epochs: 400, earlyStopping: false, signal: aborted.signal }).catch(() => null);
  expect(run?.interrupted ?? true).toBe(true);
  await run?.dispose();
  const whole = await train();
  expect(isCached(whole)).toBe(false);
  await whole.dispose();
});

it("options that are no plain values are refused by name", async () => {
  const refused = { onStep: () => undefined, checkpoints: path.join(cache, "c") };
  await expect(train(refused)).rejects.toThrow(/fit: cache: equal trainings[\s\S]*onStep, checkpoints/);
  await expect(train({ weights: "runs/a" })).rejects.toThrow(/a path of weights[\s\S]*weights of run\.weights\(\)/);
});

it("more than thirty are not kept: the least used go, with their folders", async () => {
  for (let seed = 0; seed < 33; seed++) await (await train({ seed, epochs: undefined, steps: 1 })).dispose();
  expect(runs()).toHaveLength(30);
  expect(readdirSync(path.join(cache, "fits")).filter((name) => !name.endsWith(".fit"))).toHaveLength(30);
  const last = await train({ seed: 32, epochs: undefined, steps: 1 });
  expect(isCached(last)).toBe(true);
  await last.dispose();
});
