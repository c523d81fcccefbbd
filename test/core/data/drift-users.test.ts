/** Drift where rows belong to users: users split at random have none, and a planted shift is still found. */
import { describe, expect, test } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { type DataSummary, dataset } from "../../../src/index.js";

const tables = 80;

import { wholeTitle } from "../../whole-title.js";
import { idSpec, modelSpec, rawSpec, towerSpec } from "./specs.js";
import { driftClaims, driftFalseAlarms, userTables } from "./user-worlds.js";

/** 5%, and what the simulation's own error adds in 1% of runs. */
const most = 0.05 + 2.33 * Math.sqrt((0.05 * 0.95) / tables);

describe("users split at random", () => {
  test("have drift in nearly all tables if rows are taken as independent, which the title says", async () => {
    expect(await driftFalseAlarms(10, 120, 20, null)).toBeGreaterThan(8);
    const { training, here } = await userTables({ users: 120, rowsPerUser: 20, seed: 1 });
    const summary = await here.describe({ labels: ["clk"], domain: "scene", training });
    expect(wholeTitle(await summary.chart("drift"))).toMatch(/; rows taken as independent$/);
    expect(summary.notes).toContain('rows are taken as independent; if user is the user: describe({ user: "user" })');
    const known = await here.describe({ labels: ["clk"], domain: "scene", training, user: "user" });
    expect(wholeTitle(await known.chart("drift"))).toMatch(
      /^No drift beyond noise in 6 columns .*; whole users by user$/,
    );
    expect(known.table("drift").caption).toMatch(/, whole users by user$/);
    expect(wholeTitle(await known.chart("labels"))).toMatch(/; whole users by user$/);
  });

  test("and rows split at random, so that users are on both sides, have none either", async () => {
    let alarms = 0;
    for (let seed = 1; seed <= tables; seed++) {
      if ((await driftClaims({ users: 150, rowsPerUser: 10, seed, byRow: true })).length > 0) alarms++;
    }
    expect(alarms / tables).toBeLessThanOrEqual(most);
  });

  test("have no warning of check(), which takes the model's user", async () => {
    const features = [
      rawSpec("age"),
      idSpec("city", { kind: "hash", size: 50 }),
      idSpec("user", { kind: "hash", size: 500 }),
    ];
    const tower = { ...towerSpec("ctr", "clk"), metrics: [{ kind: "grouped_auc", groupingKey: "user" } as const] };
    const groups = [{ name: "all" as const, features: ["age", "city", "user"], extra: {} }];
    const spec = modelSpec({ features, labels: ["clk"], groups, towers: [tower] });
    const { training, here } = await userTables({ users: 60, rowsPerUser: 30, seed: 3 });
    const drifted = async (user: string | null | undefined) =>
      (await here.check({ spec }, { training, user })).warnings.filter(({ message }) => message.includes("stability"));
    expect(await drifted(undefined)).toEqual([]);
    expect((await drifted(null)).length).toBeGreaterThan(0);
    expect((await drifted(null))[0]!.message).toContain("(rows taken as independent)");
  });
});

describe("a planted shift", () => {
  test.each([
    ["users", "city"],
    ["rows", "price"],
    ["rate", "clk 0"],
  ] as const)("of %s is found in %s, with many rows a user", async (move, where) => {
    let found = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const claims = await driftClaims({ users: 400, rowsPerUser: 20, seed, move });
      if (claims.includes(where)) found++;
    }
    expect(found).toBeGreaterThanOrEqual(9);
  });
});

describe("with too little to tell", () => {
  const told = async (summary: DataSummary) => (await summary.chart("drift")).title;

  test("one user, or fewer than ten on a side, has no verdict, floor or interval", async () => {
    for (const users of [1, 12]) {
      const { training, here } = await userTables({ users, rowsPerUser: 30, seed: 2, byRow: users === 1 });
      const summary = await here.describe({ labels: ["clk"], domain: "scene", training, user: "user" });
      expect(await told(summary)).toMatch(
        /^Drift cannot be told with these rows .*: it needs 10 users by user or more in both samples$/,
      );
      const { columns, labels } = summary.drift!;
      expect([...columns, labels[0]!.overall, ...labels[0]!.domains].map((each) => each.adjustedPValue)).toEqual(
        Array(columns.length + 3).fill(null),
      );
      expect(labels[0]!.overall).toMatchObject({ low: null, high: null, isBeyondNoise: false });
    }
  });

  test("one user has rates without an interval", async () => {
    const one = await dataset({ user: Array(50).fill("a"), clk: Array.from({ length: 50 }, (_, row) => row % 2) });
    const summary = await one.describe({ labels: ["clk"], user: "user" });
    expect(summary.table("rates").rows()[0]).not.toHaveProperty("low", expect.any(Number));
    expect((await summary.chart("labels")).toChart().table.rows[0]).toContain(null);
  });

  test("a domain without positive rows, or of few users, has no certain sentence", async () => {
    const part = (users: number, from: number) => {
      const rows = Array.from({ length: users * 4 }, (_, row) => row);
      return {
        user: rows.map((row) => from + Math.floor(row / 4)),
        scene: rows.map((row) => (row < 8 ? 1 : 0)),
        clk: rows.map((row) => (row < 8 ? 0 : row % 2)),
      };
    };
    const training = await dataset(part(40, 0));
    const summary = await (await dataset(part(30, 100))).describe({
      labels: ["clk"],
      domain: "scene",
      user: "user",
      training,
    });
    const [, rare] = summary.drift!.labels[0]!.domains;
    expect(rare).toMatchObject({ value: 0, low: null, high: null, adjustedPValue: null, isBeyondNoise: false });
  });

  test("rows without a user count as users of their own, and a missing column is an error", async () => {
    const { uniform } = random(4);
    const part = () => ({
      user: Array.from({ length: 40 }, () => null as number | null).concat([1, 1]),
      price: Array.from({ length: 42 }, uniform),
    });
    const [training, here] = [await dataset(part()), await dataset(part())];
    const { drift } = await here.describe({ training, user: "user" });
    expect(drift!.units).toBeGreaterThan(38);
    await expect(here.describe({ training, user: "nobody" as never })).rejects.toThrow(/nobody/);
  });
});

test("domains' rates of users that are all alike are not called different", async () => {
  let alarms = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const source = random(seed).fork("rates");
    const [user, scene, clk]: number[][] = [[], [], []];
    for (let each = 0; each < 120; each++) {
      const rate = source.uniform();
      for (let row = 0; row < 20; row++) {
        user!.push(each);
        scene!.push(each % 6);
        clk!.push(source.uniform() < rate ? 1 : 0);
      }
    }
    const data = await dataset({ user: user!, scene: scene!, clk: clk! });
    const summary = await data.describe({ labels: ["clk"], domain: "scene", user: "user" });
    if (!wholeTitle(await summary.chart("labels")).includes("intervals of all domains overlap")) alarms++;
  }
  expect(alarms).toBeLessThanOrEqual(7);
});
