/** Verbs of the first look: parts of times, rows by value, means and pivots; each held against sums written here. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DataError } from "../../../src/core/errors/index.js";
import { type Displayable, dataset, plot, suggestModel } from "../../../src/index.js";

const hourMillis = 3_600_000;
const start = Date.UTC(2024, 1, 27, 21, 59, 59, 999);
/** Every 5 hours and some, over a leap day, at either side of midnight. */
const times = Array.from({ length: 40 }, (_, row) => start + row * 5.3 * hourMillis);
const partsAt = (time: number, zoneHours: number) => {
  const local = new Date(time + zoneHours * hourMillis);
  return {
    hour: local.getUTCHours(),
    weekday: (local.getUTCDay() + 6) % 7,
    date: local.toISOString().slice(0, 10),
  };
};

async function problem(work: PromiseLike<unknown>): Promise<DataError["problems"][number]> {
  const error = await Promise.resolve(work).catch((thrown: DataError) => thrown);
  return (error as DataError).problems[0]!;
}

describe("dt", () => {
  const kinds: Readonly<Record<string, (time: number) => unknown>> = {
    seconds: (time) => Math.floor(time / 1000),
    "seconds with a fraction": (time) => time / 1000,
    milliseconds: (time) => Math.floor(time),
    dates: (time) => new Date(Math.floor(time)),
    "text with a zone": (time) => new Date(Math.floor(time) + 2 * hourMillis).toISOString().replace("Z", "+02:00"),
    "text without a zone, in UTC": (time) => ` ${new Date(Math.floor(time)).toISOString().slice(0, 23)}`,
  };

  test.each(Object.keys(kinds))("takes apart %s on any clock, and leaves missing times missing", async (kind) => {
    const data = await dataset({ t: [...times.map((time) => kinds[kind]!(time)), null] as unknown[] });
    for (const [zone, hours] of [
      ["Z", 0],
      ["+08:00", 8],
      ["-05:30", -5.5],
    ] as const) {
      const parted = await data.dt(["hour", "weekday", "date"], { time: "t", zone }).select("hour", "weekday", "date");
      const missing = { hour: null, weekday: null, date: null };
      expect(await parted.toRows(), zone).toEqual([...times.map((time) => partsAt(time, hours)), missing]);
    }
  });

  test("goes by the roles, on files too, and keeps them", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "pepnet-dt-")), "log.csv");
    writeFileSync(
      file,
      `ts,click\n${times.map((time, row) => `${new Date(time).toISOString()},${row % 2}`).join("\n")}\n`,
    );
    const log = await dataset(file, { time: "ts", zone: "+08:00" });
    const parted = await log.where("click = 1").dt("hour", { prefix: "at_" });
    const odd = times.filter((_, row) => row % 2 === 1);
    expect(await parted.table.column("at_hour")).toEqual(odd.map((time) => partsAt(Math.floor(time), 8).hour));
    expect(parted.table.roles).toMatchObject({ time: "ts", zone: "+08:00" });
  });

  test("refuses other parts, other columns, taken names and zones with names", async () => {
    const log = await dataset({ t: [1.7e9, 1.7e9 + 60], price: [3, 4], city: ["Bonn", "Köln"], hour: [1, 2] });
    expect((await problem(log.dt("hours" as "hour", { time: "t" }))).fix).toContain('"hour"');
    expect((await problem(log.dt([], { time: "t" }))).expected).toBe("one of: hour, weekday, date");
    expect((await problem(log.dt("date", { time: "T" as "t" }))).fix).toContain('"t"');
    expect((await problem(log.dt("date"))).fix).toContain('time: "ts"');
    expect((await problem(log.dt("date", { time: "price" }))).received).toBe("numbers from 3 to 4");
    expect((await problem(log.dt("date", { time: "city" }))).received).toBe('"Bonn"');
    expect((await problem(log.dt("hour", { time: "t" }))).fix).toBe('.dt(["hour"], { prefix: "t_" })');
    expect((await problem(log.dt("date", { time: "t", zone: "Asia/Shanghai" }))).expected).toContain("+08:00");
    expect(() => log.dt("date", "t" as never)).toThrow(/options as the second argument/);
  });
});

describe("groups by parts of the time", () => {
  const clicks = times.map((_, row) => (row % 3 === 0 ? 1 : 0));
  const log = () => dataset({ t: times.map((time) => new Date(time)), click: clicks }, { time: "t", zone: "+08:00" });

  test("need no column, and come in their order", async () => {
    const rates = await (await log()).groupBy("weekday").mean("click").toRows();
    const expected = [0, 1, 2, 3, 4, 5, 6].map((weekday) => {
      const labels = clicks.filter((_, row) => partsAt(Math.floor(times[row]!), 8).weekday === weekday);
      return { weekday, click: labels.filter((label) => label === 1).length / labels.length };
    });
    expect(rates).toEqual(expected);
    const both = await (await log()).groupBy("date", "hour").summarise({ n: "count(*)" });
    expect(await both.table.column("date")).toEqual(times.map((time) => partsAt(Math.floor(time), 8).date));
  });

  test("are columns of that name where the data have one", async () => {
    const own = await dataset({ t: [new Date(0), new Date(hourMillis)], hour: ["b", "a"] }, { time: "t" });
    expect(await own.groupBy("hour").summarise({ n: "count(*)" }).toRows()).toEqual([
      { hour: "b", n: 1 },
      { hour: "a", n: 1 },
    ]);
  });

  test("without a time among the roles are refused, with the call that adds them", async () => {
    const bare = await dataset({ t: [new Date(0)], click: [1] });
    expect((await problem(bare.groupBy("hour").mean("click"))).fix).toBe('.dt("hour", { time: "ts" }) before adds it');
  });
});

describe("valueCounts, mean and pivot", () => {
  const data = () =>
    dataset({
      scene: ["b", "a", "b", null, "a", "b", "a"],
      day: [2, 10, 2, 2, 2, 10, 10],
      click: [true, false, true, true, null, false, false],
    });

  test("valueCounts counts each value, the most frequent first, ties in the order of the rows", async () => {
    const counted = await (await data()).valueCounts("scene");
    expect(await counted.toRows()).toEqual([
      { scene: "b", count: 3 },
      { scene: "a", count: 3 },
      { scene: null, count: 1 },
    ]);
    const twice = await (await data()).valueCounts("scene", "day").where("count > 1").toRows();
    expect(twice).toEqual([
      { scene: "b", day: 2, count: 2 },
      { scene: "a", day: 10, count: 2 },
    ]);
    expect((await problem((await data()).valueCounts("scen" as "scene"))).fix).toContain("scene");
  });

  test("mean leaves missing values out, and takes booleans for 0 and 1", async () => {
    expect(await (await data()).groupBy("scene").mean("click", "day").toRows()).toEqual([
      { scene: "b", click: 2 / 3, day: 14 / 3 },
      { scene: "a", click: 0, day: 22 / 3 },
      { scene: null, click: 1, day: 2 },
    ]);
    expect((await problem((await data()).groupBy("scene").mean("clck" as "click"))).path).toBe('mean: column "clck"');
  });

  test("pivot has a column for each value, ascending, and no value for pairs without rows", async () => {
    const counts = await (await data()).pivot("scene", "day", "count(*)");
    expect(counts.columns.map(({ name }) => name)).toEqual(["scene", "day_2", "day_10"]);
    expect(await counts.toRows()).toEqual([
      { scene: "b", day_2: 2, day_10: 1 },
      { scene: "a", day_2: 1, day_10: 2 },
      { scene: null, day_2: 1, day_10: null },
    ]);
    const scenes = await (await data()).pivot(["day", "click"], "scene", "count(*) / 2");
    expect((await scenes.toRows())[0]).toEqual({ day: 2, click: true, scene_a: null, scene_b: 1, scene_null: 0.5 });
    expect(await (await data()).pivot([], "scene", "max(day)").toRows()).toEqual([
      { scene_a: 10, scene_b: 10, scene_null: 2 },
    ]);
  });

  test("pivot refuses a thousand columns, one column twice, names that differ in case, and what is no aggregate", async () => {
    const ids = await dataset({ id: Array.from({ length: 1001 }, (_, id) => id), city: Array(1001).fill("Bonn") });
    expect((await problem(ids.pivot("city", "id", "count(*)"))).fix).toContain('.groupBy("city", "id")');
    expect((await problem(ids.pivot("city", "city", "count(*)"))).message).toBe("names the rows already");
    const cased = await dataset({ city: ["Bonn", "bonn"], n: [1, 2] });
    const problemOfCase = await problem(cased.pivot("n", "city", "count(*)"));
    expect(problemOfCase.fix).toBe('.derive({ "city": "lower(city)" }) first');
    expect(() => cased.pivot("n", "city", undefined as never)).toThrow(/an SQL aggregate as the third argument/);
  });
});

describe("what a cell shows of rows", () => {
  test("rows come first, and ids and times have their digits alone", async () => {
    const rows = Array.from({ length: 70 }, (_, row) => ({ id: 1_000_000 + row, ts: 1_700_000_000, price: row / 4 }));
    const bundle = await (await dataset(rows)).bundle();
    const text = String(bundle["text/plain"]);
    expect(text).toMatch(/^ *1000001 +1700000000 +0\.25$/m);
    expect(text.indexOf("First rows of 70 rows × 3 columns")).toBeLessThan(text.indexOf("Columns\n"));
    expect(text).toMatch(/\nid +integer/);
  });

  test("a table of few columns shows ten first rows, a wide one five", async () => {
    const rows = await dataset(Array.from({ length: 5000 }, (_, row) => ({ item: `item${row % 97}`, n: row })));
    const shown = async (data: Displayable): Promise<number> => {
      const text = String((await data.bundle())["text/plain"]);
      return text.slice(0, text.indexOf("Columns\n")).match(/^ *item\d+/gm)!.length;
    };
    expect(await shown(rows.valueCounts("item"))).toBe(10);
    expect(await shown(rows.valueCounts("item").derive({ a: "1", b: "2" }))).toBe(10);
    expect(await shown(rows.valueCounts("item").derive({ a: "1", b: "2", c: "3" }))).toBe(5);
  });

  test("the hours of a day are all shown, and no rows keep their columns", async () => {
    const hours = await dataset({ hour: Array.from({ length: 24 }, (_, hour) => hour) });
    expect(String((await hours.bundle())["text/plain"])).toMatch(/^ +23$/m);
    const none = await hours.where("hour > 99");
    expect(String((await none.bundle())["text/plain"])).toMatch(/^0 rows[^\n]*\nhour$/m);
  });
});

test("what a verb makes is data without an await: it is split, described, drawn, trained and measured, and runs once", async () => {
  let calls = 0;
  const rows = Array.from({ length: 400 }, (_, row) => ({
    scene: row % 3,
    price: row % 89,
    click: (row * 7) % 5 > 2 ? 1 : 0,
  }));
  const rich = (await dataset(rows)).derive({
    worth: (row) => {
      calls += 1;
      return Math.log1p(row.price);
    },
  });
  expect(calls).toBe(0);
  const { train, test: rest } = await rich.split({ train: 9, test: 1 });
  expect([train.rows, rest.rows]).toEqual([360, 40]);
  expect((await rich.describe()).columns.map(({ name }) => name)).toContain("worth");
  expect((await plot(rich, { x: "scene", y: "worth" })).title).toContain("worth");
  const { model } = await suggestModel(rich, { labels: ["click"], domain: "scene" });
  const run = await model.fit(rich, { steps: 2 });
  expect(String(await run.evaluate(rich))).toContain("400");
  expect((await (await dataset(rich)).head(1))[0]).toMatchObject({ worth: 0 });
  expect(calls).toBe(400);
});
