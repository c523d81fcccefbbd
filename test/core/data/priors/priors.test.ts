/** Priors hold what was known before each row, and nothing else. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DataError } from "../../../../src/core/errors/index.js";
import { type Dataset, dataset } from "../../../../src/index.js";
import { optionsOf, type RandomLog, randomLog } from "./logs.js";
import { oracle } from "./oracle.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-priors-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function priorsOf(log: RandomLog): Promise<Dataset> {
  const data: Dataset = await dataset(log.columns, { time: "ts" });
  return data.priors(log.labels, optionsOf(log));
}

/** The cells that differ from the definition, and their number in all. */
async function differences(log: RandomLog, result: Dataset): Promise<{ cells: number; differ: string[] }> {
  const expected = oracle(log);
  const names = Object.keys(expected);
  const added = result.columns.slice(-names.length).map(({ name }) => name);
  expect(added.sort()).toEqual([...names].sort());
  const columns = await result.toColumns();
  const differ = names.flatMap((name) =>
    expected[name]!.flatMap((value, row) => {
      const received = (columns[name] as number[])[row];
      return Object.is(received, value) ? [] : [`${name}, row ${row}: ${received}, not ${value}`];
    }),
  );
  return { cells: names.length * log.seconds.length, differ };
}

describe("priors are their definition to the last digit", () => {
  test("on random logs", async () => {
    let cells = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const log = randomLog(seed, 3 + ((seed * 13) % 90));
      const { cells: compared, differ } = await differences(log, await priorsOf(log));
      expect(differ, `seed ${seed}`).toEqual([]);
      cells += compared;
    }
    expect(cells).toBeGreaterThan(5000);
  });

  test("on each side of the first estimates of the strength", async () => {
    for (const rows of [255, 256, 257, 1023, 1025]) {
      const log = { ...randomLog(7, rows), by: ["user_id", ["user_id", "scene"]], labels: ["click"] };
      const full = { ...log, columns: { ...log.columns, click: log.columns["click"]!.map((value) => value ?? 0) } };
      expect((await differences(full, await priorsOf(full))).differ.slice(0, 5), `${rows} rows`).toEqual([]);
    }
  });

  test("where the strength is estimated from some of the rows", async () => {
    const log = {
      ...randomLog(21, 17_500),
      by: ["user_id", "price", ["user_id", "scene"]],
      labels: ["click"],
      windows: ["400s"],
      delay: { click: "10s" },
    };
    const full = { ...log, columns: { ...log.columns, click: log.columns["click"]!.map((value) => value ?? 0) } };
    const later = full.seconds.map((time, row) => (time === null ? null : time + Math.floor(row / 2)));
    const spread = { ...full, seconds: later, columns: { ...full.columns, ts: later } };
    expect((await differences(spread, await priorsOf(spread))).differ.slice(0, 5)).toEqual([]);
  });

  test("in any memory, and where a window outlives what is held at first", async () => {
    const log = { ...randomLog(3, 3000), by: ["is_new"], labels: ["click"], windows: ["30s"], delay: { click: "10s" } };
    const timed = { ...log, columns: { ...log.columns, ts: log.seconds } };
    const [little, much] = await Promise.all(
      [1, 4096].map(async (memoryMB) => {
        const data: Dataset = await dataset(timed.columns, { time: "ts", memoryMB });
        return data.priors(timed.labels, optionsOf(timed));
      }),
    );
    expect(await little!.toRows()).toEqual(await much!.toRows());
    expect((await differences(timed, little!)).differ.slice(0, 5)).toEqual([]);
  });
});

test("priors count what DuckDB's windows by range count", async () => {
  const log = {
    ...randomLog(11, 700),
    by: ["user_id", "scene"],
    labels: ["click"],
    windows: ["37s"],
    delay: { click: "10s" },
  };
  const micros = log.seconds.map((time) => (time === null ? null : time * 1e6));
  const columns: RandomLog["columns"] = { ...log.columns, micros };
  const data: Dataset = await dataset(columns, { time: "ts" });
  const result: Dataset = await data.priors(log.labels, optionsOf(log));
  for (const key of ["user_id", "scene"]) {
    const over = (from: string): string =>
      `OVER (PARTITION BY "${key}" ORDER BY micros RANGE BETWEEN ${from} PRECEDING AND 10000001 PRECEDING)`;
    const counted = await data
      .sql(
        `SELECT "${key}" IS NOT NULL AND micros IS NOT NULL AS known, count(click) ${over("UNBOUNDED")} AS n, count(click) ${over("47000000")} AS week FROM data`,
      )
      .toRows();
    const byHand = counted.map(({ known, n, week }) => (known ? [n, week] : [0, 0])).sort();
    const counts = await Promise.all([`${key}_click_n`, `${key}_click_n_37s`].map((name) => result.table.column(name)));
    expect(counts[0]!.map((n, row) => [n, counts[1]![row]]).sort()).toEqual(byHand);
  }
});

describe("no row knows itself or the future", () => {
  const rows = 1300;
  const at = Array.from({ length: rows }, (_, row) => 1_600_000_000 + Math.floor(row / 3) * 60);
  const columns = {
    user_id: at.map((_, row) => (row * 7919) % 60),
    scene: at.map((_, row) => (row * 31) % 4),
    ts: at,
    click: at.map((_, row) => Number((row * 7919 * 7919) % 97 < 20 + ((row * 7919) % 60))),
  };
  const options = { by: ["user_id", ["user_id", "scene"]], windows: ["1h"], delay: "30m" } as const;
  const added = async (click: number[]): Promise<unknown[][]> => {
    const result = await (await dataset({ ...columns, click }, { time: "ts" })).priors(["click"], options);
    return (await result.table.toRows()).map((row) => Object.values(row).slice(4));
  };

  test("a flipped label changes later rows alone, after its delay", async () => {
    const before = await added(columns.click);
    for (const flipped of [0, 255, 256, 700, 1299]) {
      const after = await added(columns.click.map((click, row) => (row === flipped ? 1 - click : click)));
      const changed = after.flatMap((values, row) => (String(values) === String(before[row]) ? [] : [row]));
      const firstKnown = at.findIndex((time) => time > at[flipped]! + 1800);
      if (firstKnown < 0) expect(changed).toEqual([]);
      else expect(changed[0]).toBe(firstKnown);
    }
  });

  test("rows at the same time, and at the delay to the second, do not see each other", async () => {
    const data = await dataset(
      { user_id: [1, 1, 1, 1], ts: [100e6, 100e6, 100e6 + 60, 100e6 + 61], click: [1, 1, 0, 0] },
      { time: "ts" },
    );
    const late = await data.priors(["click"], { by: ["user_id"], delay: "1m" });
    expect(await late.table.column("user_id_click_n")).toEqual([0, 0, 0, 2]);
    const atOnce = await data.priors(["click"], { by: ["user_id"], delay: "0s" });
    expect(await atOnce.table.column("user_id_click_n")).toEqual([0, 0, 2, 3]);
  });

  test("a window ends where the delay begins, and its first moment is in it", async () => {
    const data = await dataset(
      { user_id: [1, 1, 1, 1], ts: [100e6, 100e6 + 1, 100e6 + 70, 100e6 + 71], click: [1, 1, 0, 0] },
      { time: "ts" },
    );
    const result = await data.priors(["click"], { by: ["user_id"], delay: "1m", windows: ["10s"] });
    expect(await result.table.column("user_id_click_n_10s")).toEqual([0, 0, 2, 1]);
    expect(await result.table.column("user_id_click_n")).toEqual([0, 0, 2, 2]);
  });
});

describe("the call", () => {
  const log = (): Promise<Dataset> =>
    dataset(
      {
        user_id: ["b", "a", "a", "b"],
        item_id: [1, 2, 1, 1],
        ts: ["2024-05-02T00:00:00Z", "2024-05-01T08:00:00+08:00", "2024-05-01T12:00:00Z", "2024-05-03T00:00:00Z"],
        click: [true, false, null, true],
        watched: [0.2, 0.9, 1, 0],
      },
      { user: "user_id", item: "item_id", time: "ts" },
    );

  test("counts by user and item of the roles, in the rows' own order, and keeps roles", async () => {
    const result = await (await log()).priors(["click"], { delay: "0s" });
    expect(await result.toRows()).toMatchObject([
      { user_id: "b", user_id_click_n: 0, item_id_click_n: 0, user_id_click_age: 1 },
      { user_id: "a", user_id_click_n: 0, item_id_click_n: 0, user_id_click_age: 0 },
      { user_id: "a", user_id_click_n: 1, item_id_click_n: 0, user_id_click_age: 0.5 },
      { user_id: "b", user_id_click_n: 1, item_id_click_n: 1, user_id_click_age: 1 },
    ]);
    expect(result.table.roles).toMatchObject({ user: "user_id", item: "item_id", time: "ts" });
    expect(result.notes).toEqual([
      'priors: by user_id and item_id, from the roles; other keys: { by: ["user_id", …] }',
    ]);
  });

  test("asks for the delay, and names what 0 assumes", async () => {
    const { notes } = await (await log()).priors(["click"], { by: ["user_id"] });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(
      'no delay is set for "click", so 0 is assumed: at each row, the labels of all earlier rows are known',
    );
    expect(notes[0]).toContain('{ delay: { click: "1h" } }');
    expect(notes[0]).toContain('{ delay: "0s" }');
  });

  test("leaves out the rows of a burn-in, and says how many", async () => {
    const result = await (await log()).priors(["click"], { by: ["user_id"], delay: "0s", after: "1d" });
    expect(await result.table.column("user_id")).toEqual(["b", "b"]);
    expect(await result.table.column("user_id_click_n")).toEqual([0, 1]);
    expect(result.notes).toContain("priors: the first 2 of 4 rows are left out (after), and are history of the others");
  });

  test("reads times of CSV files, also in two notations of one moment, and says that they have no zone", async () => {
    const file = path.join(folder, "log.csv");
    writeFileSync(file, "user_id,ts,click\n1,2024-05-01 00:00:00,1\n1,2024-05-01T00:00:00,0\n1,2024-05-02,1\n");
    const data: Dataset = await dataset(file, { time: "ts" });
    const result = await data.priors(["click"], { by: ["user_id"], delay: "1h", windows: ["30d"] });
    expect(await result.table.column("user_id_click_n")).toEqual([0, 0, 2]);
    expect(result.notes).toEqual([
      expect.stringContaining("times without a zone"),
      "priors: the window 30d is no shorter than the log (the log spans 24 hours), so it holds all history",
    ]);
  });

  test("without a time, takes the same random order again, says so, and has no age", async () => {
    const rows = Array.from({ length: 400 }, (_, row) => row);
    const data = await dataset(
      { user_id: rows.map((row) => row % 7), click: rows.map((row) => Number(row % 3 === 0)) },
      { user: "user_id" },
    );
    const [first, second] = [await data.priors(["click"]), await data.priors(["click"])];
    expect(await first.toRows()).toEqual(await second.toRows());
    expect(first.columns.map(({ name }) => name)).toEqual([
      "user_id",
      "click",
      "user_id_click_n",
      "user_id_click_rate",
    ]);
    const counts = (await first.table.column("user_id_click_n")) as number[];
    for (let user = 0; user < 7; user++) {
      const ofUser = rows.filter((row) => row % 7 === user).map((row) => counts[row]!);
      expect([...ofUser].sort((a, b) => a - b)).toEqual([...ofUser.keys()]);
      expect(ofUser).not.toEqual([...ofUser.keys()]);
    }
    expect(first.notes[1]).toContain("no column has the role time, so rows come in a fixed random order");
  });

  test("without a time, the state counts all rows, for test rows", async () => {
    const train = await dataset({ user_id: [1, 1, 2], click: [1, 0, 1] }, { user: "user_id" });
    const state = await (await train.priors(["click"])).priorsState();
    const test = await (await dataset({ user_id: [2, 1, 9, null] })).withPriors(state);
    expect(await test.table.column("user_id_click_n")).toEqual([1, 2, 0, 0]);
    expect((await test.table.column("user_id_click_rate"))[2]).toBe(2.5 / 4);
  });

  test("names columns for the editor", async () => {
    const result = await (
      await dataset(
        [
          { user_id: 1, scene: "home", ts: 1e9, click: 1 },
          { user_id: 1, scene: "home", ts: 1e9 + 9, click: 0 },
        ],
        { time: "ts" },
      )
    )
      .priors(["click"], { by: ["user_id", ["user_id", "scene"]], windows: ["1s"], delay: "1s" })
      .head(1);
    const rate: number = result[0]!.user_id_scene_click_rate_1s;
    expect(rate).toBe(0.5);
    // @ts-expect-error no such window
    expect(result[0]!.user_id_click_rate_2s).toBeUndefined();
  });

  test("refuses what cannot be meant, with a fix", async () => {
    const data = await log();
    const twoUsers = await dataset(
      {
        user_id: Array.from({ length: 40 }, (_, row) => (row % 3 === 0 ? "yes" : "no")),
        ts: Array.from({ length: 40 }, (_, row) => 1e9 + row),
        click: Array.from({ length: 40 }, (_, row) => Number(row % 3 === 0)),
      },
      { time: "ts" },
    );
    const counter = await dataset(
      { user_id: [1, 2, 1], ts: [1, 2, 3], click: [0, 1, 0] },
      { user: "user_id", time: "ts" },
    );
    const bare = await dataset({ user_id: [1, 2], click: [0, 1] });
    const untyped = data as unknown as { priors(...args: unknown[]): PromiseLike<unknown> };
    const twice = await data.priors(["click"], { delay: "0s" });
    const cases: [() => PromiseLike<unknown>, RegExp][] = [
      [() => untyped.priors("click"), /not a list of label columns.*\.priors\(\["click"\]\)/s],
      [() => untyped.priors(["click"], "1h"), /options as the second argument/],
      [() => untyped.priors(["clik"]), /column "clik": no such column.*click/s],
      [() => untyped.priors(["click"], { by: ["user"], delay: "1h" }), /column "user": no such column.*user_id/s],
      [() => untyped.priors(["click"], { dealy: "1h" }), /unknown setting "dealy".*delay/s],
      [() => untyped.priors(["click"], { by: "user_id" }), /not a list of keys.*by: \["user_id"\]/s],
      [() => untyped.priors(["click"], { delay: { clik: "1h" } }), /unknown label "clik".*click/s],
      [() => data.priors(["click"], { delay: "soon" }), /priors\.delay: not a duration/],
      [() => data.priors(["click"], { delay: "1h", windows: ["7d", "1w"] }), /two windows are equally long/],
      [() => data.priors(["click"], { delay: "2d" }), /leaves no row a history.*spans 2 days/s],
      [() => data.priors(["click"], { delay: "1h", after: "3d" }), /priors\.after: leaves no rows/],
      [() => data.priors(["watched"], { delay: "1h" }), /not a label in 2 rows, first in row 0.*0\.2.*derive/s],
      [() => data.priors(["click"], { by: ["click"], delay: "1h" }), /is a label/],
      [() => data.priors(["click"], { by: ["ts"], delay: "1h" }), /is the time/],
      [() => data.priors(["click"], { by: ["user_id", "user_id"] }), /is repeated/],
      [() => twoUsers.priors(["click"], { by: ["user_id"], delay: "1s" }), /copy of the label "click".*40 rows/s],
      [() => counter.priors(["click"], { delay: "1h" }), /no dates, so windows and delays have no meaning/],
      [() => bare.priors(["click"]), /no key is named, and no column has the role/],
      [() => bare.priors(["click"], { by: ["user_id"], windows: ["1d"] }), /priors\.windows: needs the time/],
      [() => twice.priors(["click"], { delay: "0s" }), /"user_id_click_n": the data already have/],
      [() => bare.priorsState(), /not the whole result of priors/],
      [() => twice.where("click").priorsState(), /not the whole result of priors/],
      [() => bare.withPriors({ a: [1] }), /not a state of priors/],
    ];
    for (const [work, expected] of cases) {
      const error = await Promise.resolve()
        .then(work)
        .then(
          () => null,
          (thrown: unknown) => thrown,
        );
      expect(error, String(expected)).toBeInstanceOf(DataError);
      expect((error as DataError).message).toMatch(expected);
    }
  });

  test("a state says until when it knows, and which keys are new", async () => {
    const state = await (await (await log()).priors(["click"], { delay: "0s" })).priorsState();
    const later = await dataset({
      user_id: ["b", "z", null],
      item_id: [1, 1, 2],
      ts: ["2024-05-03", "2024-05-08", "2024-05-04"],
    });
    expect((await later.withPriors(state)).notes).toEqual([
      "withPriors: the log of the state ends at 2024-05-03T00:00:00.000Z, and the last of these rows is 5 days after it",
      "withPriors: 2 rows (67%) have a new user_id",
    ]);
  });

  test("a state refuses rows that it has seen the future of", async () => {
    const state = await (await (await log()).priors(["click"], { delay: "0s" })).priorsState();
    const early = await dataset({
      user_id: ["b", "b"],
      item_id: [1, 1],
      ts: ["2024-05-02T23:00:00Z", "2024-05-04T00:00:00Z"],
    });
    await expect(Promise.resolve(early.withPriors(state))).rejects.toThrow(
      /1 of 2 rows are before the end of the log.*2024-05-03T00:00:00\.000Z/s,
    );
    const other = await dataset({ user_id: [1], item_id: [1], ts: ["2024-05-04"] });
    await expect(Promise.resolve(other.withPriors(state))).rejects.toThrow(/different types are never equal/);
  });
});
