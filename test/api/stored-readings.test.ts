/** What was read from a run of the cache comes back for an equal call, and for no other. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { random } from "../../src/core/util/random.js";
import { type Dataset, dataset, idFeature, pepnet, type Run, rawFeature, swapDomain } from "../../src/index.js";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(path.join(tmpdir(), "pepnet-readings-"));
  vi.stubEnv("PEPNET_CACHE", cache);
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));
afterAll(() => vi.unstubAllEnvs());

const source = random(4);
const rows = Array.from({ length: 900 }, (_, at) => {
  const [shop, scene] = [source.integer(20), source.integer(2)];
  const rate = 0.2 + 0.03 * shop;
  return {
    shop,
    user: `u${source.integer(80)}`,
    price: source.uniform(),
    scene,
    ts: 1.7e9 + 60 * at,
    y: source.uniform() < rate ? 1 : 0,
  };
});
const model = pepnet()
  .features(
    idFeature("shop").vocab().embedding(4),
    rawFeature("price").zscore(),
    idFeature("scene").buckets(2).embedding(2),
  )
  .labels("y")
  .group("all", ["shop", "price", "scene"])
  .group("domain", ["scene"])
  .group("uia", ["shop"])
  .epnet()
  .ppnet({ hidden: [4] })
  .domains("scene", ["feed", "live"])
  .tower("ctr", (t) => t.label("y").mlp(4).bce().auc());

const roles = { user: "user", time: "ts" } as const;
const open = (from = rows) => dataset(from, roles);
const trained = async (seed = 1): Promise<Run> =>
  model.fit(await open(rows.slice(0, 600)), { quiet: true, epochs: 1, cache: true, seed });
const readings = (): string[] => {
  try {
    return readdirSync(path.join(cache, "readings")).sort();
  } catch {
    return [];
  }
};

const calls = {
  evaluate: (run, data) => run.evaluate(data),
  "evaluate by a column, with references": (run, data) =>
    run.evaluate(data, {
      by: { column: "shop", perDomain: true },
      references: { ctr: "price" },
      intervals: { draws: 50 },
    }),
  calibration: (run, data) => run.calibration(data),
  gates: (run, data) => run.gates(data),
  counterfactual: (run, data) => run.counterfactual(data, { changes: [swapDomain("live")], user: "user" }),
  importance: (run, data) => run.importance(data, { permutations: 2 }),
  audit: (run, data) => run.audit(data),
  conflicts: (run, data) => run.conflicts(data),
  explain: (run, data) => run.explain(data, { row: 3 }),
} as const satisfies Record<
  string,
  (run: Run, data: Dataset) => Promise<{ toJSON(): unknown; chart(): Promise<{ figure: unknown }> }>
>;

describe.each(Object.entries(calls))("%s", (_, call) => {
  it("is read once, and comes back whole to a run of an equal training, without its engine", async () => {
    const data = await open(rows.slice(600));
    const first = await trained();
    const read = await call(first, data);
    await first.dispose();
    expect(readings()).toHaveLength(1);
    const again = await trained();
    await again.dispose();
    const back = await call(again, await open(rows.slice(600)));
    expect(back).not.toBe(read);
    expect(back).toStrictEqual(read);
    expect(back.toJSON()).toEqual(read.toJSON());
    expect(String(back)).toBe(String(read));
    expect((await back.chart()).figure).toEqual((await read.chart()).figure);
    expect(readings()).toHaveLength(1);
  });
});

describe("is read anew", () => {
  const test = rows.slice(600);
  const others: readonly (readonly [string, (run: Run) => Promise<unknown>])[] = [
    [
      "a value changes",
      async (run) => run.evaluate(await open(test.map((row, at) => (at === 7 ? { ...row, price: 2 } : row)))),
    ],
    [
      "a value changes that the model does not read",
      async (run) => run.evaluate(await open(test.map((row, at) => (at === 7 ? { ...row, user: "x" } : row)))),
    ],
    ["a row is less", async (run) => run.evaluate(await open(test.slice(1)))],
    ["the order changes", async (run) => run.evaluate(await open([...test].reverse()))],
    ["a role is gone", async (run) => run.evaluate(await dataset(test))],
    ["an option changes", async (run) => run.evaluate(await open(test), { user: null })],
    ["another call asks", async (run) => run.calibration(await open(test))],
    ["these are the training rows", async (run) => run.evaluate(run.training)],
  ];
  it.each(others)("if %s", async (_, other) => {
    const run = await trained();
    await run.evaluate(await open(test));
    const before = readings();
    await other(run);
    expect(readings()).toHaveLength(before.length + 1);
    await run.dispose();
  });

  it("if another training is asked", async () => {
    const run = await trained();
    const other = await trained(2);
    const [a, b] = [await run.evaluate(await open(test)), await other.evaluate(await open(test))];
    expect(b.auc("ctr")).not.toBe(a.auc("ctr"));
    for (const each of [run, other]) await each.dispose();
  });

  it("with a function or other rows among the options, which are not kept", async () => {
    const run = await trained();
    await run.evaluate(await open(test), {
      metrics: { rows: ({ labels }: { labels: ArrayLike<number> }) => labels.length } as never,
    });
    await run.evaluate(await open(test), { by: { column: "user", training: await open() } });
    expect(readings()).toEqual([]);
    await run.dispose();
  });

  it("if its file is damaged, and put there again; a run of no cache keeps nothing", async () => {
    const run = await trained();
    const first = await run.evaluate(await open(test));
    const file = path.join(cache, "readings", readings()[0]!);
    const bytes = readFileSync(file);
    for (const harmed of [
      bytes.subarray(0, 40),
      Buffer.alloc(0),
      bytes.map((byte, at) => (at === 200 ? byte ^ 1 : byte)),
    ]) {
      writeFileSync(file, harmed);
      expect(await run.evaluate(await open(test))).toStrictEqual(first);
      expect(readFileSync(file).equals(bytes)).toBe(true);
    }
    await run.dispose();
    rmSync(path.join(cache, "readings"), { recursive: true });
    const plain = await model.fit(await open(rows.slice(0, 600)), { quiet: true, epochs: 1 });
    await plain.evaluate(await open(test));
    expect(readings()).toEqual([]);
    await plain.dispose();
  });
});
