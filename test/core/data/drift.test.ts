/** Drift of a table from the training rows. */
import { describe, expect, test } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { dataset } from "../../../src/index.js";
import { idSpec, modelSpec, rawSpec, towerSpec } from "./specs.js";

/** Rows of a shop; `move`: prices rise, a city appears, clicks become more frequent in the second scene. */
function shop(rows: number, seed: number, move = false) {
  const { uniform } = random(seed);
  const draw = <Value>(value: () => Value): Value[] => Array.from({ length: rows }, value);
  const scene = draw(() => Math.floor(uniform() * 2));
  return {
    user: draw(() => Math.floor(uniform() * 5000)),
    price: draw(() => Math.exp(uniform() * 3) * (move ? 1.3 : 1)),
    age: draw(() => (uniform() < 0.1 ? null : Math.floor(uniform() * 60))),
    city: draw(() => (move && uniform() < 0.1 ? "Lund" : ["Rome", "Oslo", "Bath"][Math.floor(uniform() * 3)]!)),
    clicks: draw(() => Array.from({ length: Math.floor(uniform() * 4) }, () => "a")),
    time: draw(() => new Date(1.7e12 + uniform() * 1e9 + (move ? 1e9 : 0))),
    scene,
    click: scene.map((at) => (uniform() < 0.1 + (move && at === 1 ? 0.1 : 0) ? 1 : 0)),
  };
}

const options = { labels: ["click"], domain: "scene" } as const;

describe("drift from the training rows", () => {
  test("is not found between two random samples, however small, and not in ids", async () => {
    for (const [n, m] of [
      [2000, 500],
      [60, 40],
      [30, 8],
    ] as const) {
      const summary = await (await dataset(shop(m, 2))).describe({ ...options, training: await dataset(shop(n, 1)) });
      const { columns, labels } = summary.drift!;
      expect(columns.filter(({ isBeyondNoise }) => isBeyondNoise).map(({ name }) => name)).toEqual([]);
      expect(labels[0]!.overall.isBeyondNoise).toBe(false);
    }
  });

  test("is found in the columns and the label's domain where it was planted", async () => {
    const [train, test] = [await dataset(shop(4000, 1)), await dataset(shop(2000, 2, true))];
    const { drift } = await test.describe({ ...options, training: train });
    const moved = drift!.columns.filter(({ isBeyondNoise }) => isBeyondNoise).map(({ name }) => name);
    expect(moved.sort()).toEqual(["city", "price"]);
    const [click] = drift!.labels;
    expect(click!.domains.map(({ isBeyondNoise }) => isBeyondNoise)).toEqual([false, true]);
    expect(click!.domains[1]!.value).toBeCloseTo(0.1, 1);
    expect(drift!.notes).toEqual([
      'rows are taken as independent; if user is the user: describe({ user: "user" })',
      "time: times always differ",
    ]);
    expect(drift!.columns.map(({ by }) => by)).toEqual([
      "quantiles",
      "quantiles",
      "quantiles",
      "values",
      "items",
      "values",
    ]);
    const city = drift!.columns.find(({ name }) => name === "city")!;
    expect(city.bins.find(({ name }) => name === "Lund")!.training).toBe(0);
    expect(city.unseen).toBeCloseTo(0.1, 1);
    expect(city.unseenByChance).toBeLessThan(0.001);
  });

  test("of ids by value says how many unseen ones chance explains", async () => {
    const ids = (seed: number) => {
      const { uniform } = random(seed);
      return { user: Array.from({ length: 3000 }, () => `u${Math.floor(uniform() * 3000)}`) };
    };
    const { drift } = await (await dataset(ids(2))).describe({ training: await dataset(ids(1)) });
    const [user] = drift!.columns;
    expect(user!.unseen).toBeCloseTo(Math.exp(-1), 1);
    expect(user!.unseenByChance).toBeCloseTo(user!.unseen!, 1);
    expect(user!.isBeyondNoise).toBe(false);
  });

  test("has a table with every number, a chart, and names what it did not compare", async () => {
    const train = await dataset({ price: [1, 2, 3], city: ["a", "b", "a"] });
    const test = await dataset({ price: [1, 2, 3], shop: ["a", "b", "a"], click: [1, 0, 0] });
    const summary = await test.describe({ labels: ["click"], training: train });
    expect(summary.drift!.notes).toEqual(["click: training rows lack it", "shop: training rows lack it"]);
    expect(summary.table("drift").rows()[0]).toMatchObject({ column: "price", psi: 0, beyond_noise: false });
    expect((await summary.chart("drift")).title).toBe(
      "Drift cannot be told with these rows (3 training rows, 3 here): it needs 10 rows or more in both samples",
    );
    const alone = await test.describe();
    expect(alone.drift).toBeNull();
    expect((await alone.chart("drift")).title).toBe("Drift: no training rows to compare with");
  });
});

test("check warns of a column that drifted far, and not of two random samples", async () => {
  const features = [rawSpec("price"), idSpec("city", { kind: "hash", size: 50 })];
  const spec = modelSpec({
    features,
    labels: ["click"],
    groups: [{ name: "all", features: ["price", "city"], extra: {} }],
    towers: [towerSpec("ctr", "click")],
  });
  const stability = async (rows: Parameters<typeof dataset>[0]) => {
    const { warnings } = await (await dataset(rows)).check({ spec }, { training: await dataset(shop(4000, 1)) });
    return warnings.map(({ path, message }) => `${path}: ${message}`).filter((text) => text.includes("stability"));
  };
  const far =
    /: differs from the training rows: its population stability index is 0\.\d\d, and two random samples of these sizes \(rows taken as independent\) stay below 0\.0\d\d$/;
  const warnings = await stability(shop(2000, 2, true));
  expect(warnings.map((message) => /column "(\w+)"/.exec(message)?.[1])).toEqual(["price", "city"]);
  for (const warning of warnings) expect(warning).toMatch(far);
  expect(await stability(shop(2000, 2))).toEqual([]);
});
