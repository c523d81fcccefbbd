/** A check finds columns that look ahead, and leaves honest ones alone. */
import { describe, expect, test } from "vitest";
import { check } from "../../../src/core/data/check/check.js";
import { openTable } from "../../../src/core/data/table/open.js";
import type { Table } from "../../../src/core/data/table/table.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { dataset } from "../../../src/index.js";
import { idSpec, modelSpec, rawSpec, towerSpec } from "./specs.js";

interface Log {
  readonly user_id: number[];
  readonly item_id: number[];
  readonly scene: number[];
  readonly ts: number[];
  readonly click: number[];
  readonly price: number[];
  readonly taste: number[];
}

const day = 86_400;

/** Users with tastes, items with prices, 20 days; rows are in the order of time. */
function world(source: Random, rows: number): Log {
  const tastes = Array.from({ length: 400 }, () => source.normal());
  const prices = Array.from({ length: 150 }, () => source.normal());
  const ts = Array.from({ length: rows }, () => 1_600_000_000 + source.integer(20 * day)).sort((a, b) => a - b);
  const heavy = (n: number): number => Math.floor(n * source.uniform() ** 2);
  const user = ts.map(() => heavy(tastes.length));
  const item = ts.map(() => heavy(prices.length));
  const logit = user.map((id, row) => tastes[id]! - prices[item[row]!]! - 1);
  return {
    user_id: user,
    item_id: item,
    scene: ts.map(() => source.integer(4)),
    ts,
    click: logit.map((value) => Number(source.uniform() < 1 / (1 + Math.exp(-value)))),
    price: item.map((id) => prices[id]!),
    taste: user.map((id) => tastes[id]!),
  };
}

type Key = (log: Log, row: number) => string;
const keys: Readonly<Record<string, Key>> = {
  user: ({ user_id }, row) => `${user_id[row]}`,
  item: ({ item_id }, row) => `${item_id[row]}`,
  userScene: ({ user_id, scene }, row) => `${user_id[row]} ${scene[row]}`,
};

/** Rows and positives of each row's key, among the rows that are chosen. */
function counted(log: Log, key: Key, chosen: (other: number, row: number) => boolean) {
  const peers = new Map<string, number[]>();
  for (const row of log.ts.keys()) peers.set(key(log, row), [...(peers.get(key(log, row)) ?? []), row]);
  return log.ts.map((_, row) => {
    const rows = peers.get(key(log, row))!.filter((other) => chosen(other, row));
    return { n: rows.length, s: rows.reduce((sum, other) => sum + log.click[other]!, 0), last: Math.max(-1, ...rows) };
  });
}

const smoothed = ({ n, s }: { n: number; s: number }): number => (s + 2) / (n + 8);
const all = (): boolean => true;

/** Columns that look ahead. @param cut rows before it train */
function planted(log: Log, cut: number): Record<string, number[]> {
  const { ts } = log;
  const { user, item, userScene } = keys as Required<typeof keys>;
  const upTo = (other: number, row: number): boolean => ts[other]! <= ts[row]!;
  const others = (other: number, row: number): boolean => other !== row;
  const week = (other: number, row: number): boolean => upTo(other, row) && ts[other]! > ts[row]! - 7 * day;
  const nextWeek = (other: number, row: number): boolean => ts[other]! > ts[row]! && ts[other]! <= ts[row]! + 7 * day;
  const train = (other: number): boolean => other < cut;
  const of = (
    key: Key | undefined,
    chosen: (other: number, row: number) => boolean,
    value: (c: { n: number; s: number }) => number,
  ) => counted(log, key!, chosen).map(value);
  return {
    userPositivesWithItself: of(user, upTo, ({ s }) => s),
    itemPositivesWithItself: of(item, upTo, ({ s }) => s),
    userMeanWithItself: of(user, upTo, ({ n, s }) => s / n),
    itemMeanWithItself: of(item, upTo, ({ n, s }) => s / n),
    userRateWithItself: of(user, upTo, smoothed),
    itemRateWithItself: of(item, upTo, smoothed),
    userSceneRateWithItself: of(userScene, upTo, smoothed),
    userWeekWithItself: of(user, week, ({ s }) => s),
    itemWeekRateWithItself: of(item, week, smoothed),
    userRowsWithItself: of(user, upTo, ({ n }) => n),
    itemRowsWithItself: of(item, upTo, ({ n }) => n),
    userMeanOfAll: of(user, all, ({ n, s }) => s / n),
    itemRateOfAll: of(item, all, smoothed),
    userRateOfAll: of(user, all, smoothed),
    userRowsOfAll: of(user, all, ({ n }) => n),
    itemPositivesOfAll: of(item, all, ({ s }) => s),
    userMeanOfOthers: of(user, others, ({ n, s }) => (n === 0 ? 0.3 : s / n)),
    userNextWeek: of(user, nextWeek, ({ s }) => s),
    userRateOfTraining: of(user, train, smoothed),
    userSceneRateOfTraining: of(userScene, train, smoothed),
  };
}

/** Columns that do not. */
function honest(log: Log, source: Random): Record<string, number[]> {
  const earlier =
    (delay: number) =>
    (other: number, row: number): boolean =>
      log.ts[other]! < log.ts[row]! - delay;
  const columns: Record<string, number[]> = { price: log.price, taste: log.taste };
  for (const [name, key] of Object.entries(keys)) {
    for (const delay of [0, day]) {
      const counts = counted(log, key, earlier(delay));
      columns[`${name}${delay}Rows`] = counts.map(({ n }) => n);
      columns[`${name}${delay}Rate`] = counts.map(smoothed);
      columns[`${name}${delay}Mean`] = counts.map(({ n, s }) => (n === 0 ? 0 : s / n));
      columns[`${name}${delay}Age`] = counts.map(
        ({ last }, row) => log.ts[row]! - (last < 0 ? log.ts[0]! : log.ts[last]!),
      );
      columns[`${name}${delay}LastLabel`] = counts.map(({ last }) => (last < 0 ? 0 : log.click[last]!));
      const clicked = counted(log, key, (other, row) => earlier(delay)(other, row) && log.click[other] === 1);
      columns[`${name}${delay}SinceClick`] = clicked.map(
        ({ last }, row) => log.ts[row]! - (last < 0 ? log.ts[0]! : log.ts[last]!),
      );
      const week = counted(
        log,
        key,
        (other, row) => earlier(delay)(other, row) && log.ts[other]! > log.ts[row]! - 7 * day,
      );
      columns[`${name}${delay}Week`] = week.map(({ s }) => s);
    }
  }
  const firstDays = counted(log, keys["user"]!, (other) => log.ts[other]! < log.ts[0]! + 4 * day);
  // Rates of an earlier log, joined to later rows alone, are frozen and honest there.
  const earliest = log.ts.findIndex((time) => time >= log.ts[0]! + 4 * day);
  columns["rateOfFirstDays"] = firstDays.map((counts, row) => (row < earliest ? 0.25 : smoothed(counts)));
  columns["hour"] = log.ts.map((time) => Math.floor(time / 3600) % 24);
  columns["noise"] = log.ts.map(() => source.normal());
  columns["tasteAndNoise"] = log.taste.map((taste) => taste + source.normal());
  columns["score"] = log.taste.map((taste, row) => taste - log.price[row]!);
  return columns;
}

async function flagged(log: Log, columns: Record<string, number[]>, cut: number | null): Promise<string[]> {
  const names = Object.keys(columns);
  const spec = modelSpec({
    features: [
      idSpec("user_id", 400),
      idSpec("item_id", 150),
      idSpec("scene", 4),
      ...names.map((name) => rawSpec(name)),
    ],
    labels: ["click"],
    domains: { column: "scene", count: 4, names: ["a", "b", "c", "d"] },
    towers: [towerSpec("ctr", "click")],
  });
  const { user_id, item_id, scene, ts, click } = log;
  const table = (await openTable({ user_id, item_id, scene, ts, click, ...columns })).withRoles({
    user: "user_id",
    item: "item_id",
    time: "ts",
  });
  const [training, held] = cut === null ? [undefined, table] : [table.slice(0, cut), table.slice(cut, table.rows)];
  const { findings } = await check(held as Table, spec, { training });
  return findings
    .filter(({ message }) => message.startsWith("looks ahead"))
    .map(({ path }) => /column "(\w+)"/.exec(path)![1]!);
}

describe("a check of columns that came in the file", () => {
  test("finds 20 of 20 that look ahead, in ten logs", async () => {
    for (let seed = 0; seed < 10; seed++) {
      const log = world(random(seed), 6000);
      const columns = planted(log, 4800);
      expect((await flagged(log, columns, 4800)).sort(), `seed ${seed}`).toEqual(Object.keys(columns).sort());
    }
  });

  test("flags at most 1 in 100 honest ones, whole or with training rows", async () => {
    let [columns, wrong] = [0, [] as string[]];
    const logs = process.env["PEPNET_LONG"] ? 10 : 2;
    for (let seed = 100; seed < 100 + logs; seed++) {
      const source = random(seed);
      const log = world(source, 6000);
      const each = honest(log, source);
      for (const cut of [null, 4800]) {
        columns += Object.keys(each).length;
        wrong = [...wrong, ...(await flagged(log, each, cut)).map((name) => `${name} ${seed} ${cut}`)];
      }
    }
    expect(columns).toBeGreaterThan(90 * logs);
    expect(wrong.length, wrong.join(", ")).toBeLessThanOrEqual(columns / 100);
  });

  test("does not flag the columns of priors", async () => {
    for (let seed = 200; seed < (process.env["PEPNET_LONG"] ? 205 : 202); seed++) {
      const { price: _, taste: __, ...log } = world(random(seed), 6000);
      const data = await dataset(log, { user: "user_id", item: "item_id", time: "ts" });
      for (const delay of ["0s", "1d"]) {
        const by = ["user_id", "item_id", ["user_id", "scene"]] as const;
        const added = await (await data.priors(["click"], { by, delay, windows: ["3d"] })).toColumns();
        const { user_id: _u, item_id: _i, scene: _s, ts: _t, click: _c, ...columns } = added;
        const whole = { ...log, price: [], taste: [] };
        expect(await flagged(whole, columns, null)).toEqual([]);
        expect(await flagged(whole, columns, 4800)).toEqual([]);
      }
    }
  });
});
