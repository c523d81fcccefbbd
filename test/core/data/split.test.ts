/** Parts share no row, lose none, and are the same for the same seed. */
import { describe, expect, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { futureLeaks, guessLeakColumns, leakObservations } from "../../../src/core/data/summary/label-counts.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { split } from "../../../src/core/data/table/split.js";
import type { Table } from "../../../src/core/data/table/table.js";
import { findingText } from "../../../src/core/errors/finding.js";
import { DataError } from "../../../src/core/errors/index.js";

const rows = 1000;
const log = (): Promise<Table> =>
  openTable({
    row: Int32Array.from({ length: rows }, (_, row) => row),
    user: Int32Array.from({ length: rows }, (_, row) => row % 37),
    time: Int32Array.from({ length: rows }, (_, row) => (row * 7919) % 1009),
    domain: Array.from({ length: rows }, (_, row) => (row % 10 === 0 ? "rare" : "often")),
  });
const rowsOf = async (table: Table): Promise<number[]> => (await table.column("row")) as number[];

describe("split", () => {
  test("at random, in the ratio of the parts, nothing twice and nothing lost", async () => {
    const { train, test: held } = await split(await log(), { train: 8, test: 2 }, { seed: 3 });
    expect([train.rows, held.rows]).toEqual([800, 200]);
    expect([...(await rowsOf(train)), ...(await rowsOf(held))].sort((a, b) => a - b)).toEqual(
      await rowsOf(await log()),
    );
    const again = await split(await log(), { train: 0.8, test: 0.2 }, { seed: 3 });
    expect(await rowsOf(again.test)).toEqual(await rowsOf(held));
    const other = await split(await log(), { train: 8, test: 2 }, { seed: 4 });
    expect(await rowsOf(other.test)).not.toEqual(await rowsOf(held));
  });

  test("by time, nothing in the test part is older than what was trained on", async () => {
    const parts = await split(await log(), { train: 8, validation: 1, test: 1 }, { by: { time: "time" } });
    const times = async (table: Table): Promise<number[]> => (await table.column("time")) as number[];
    expect(Math.max(...(await times(parts.train)))).toBeLessThanOrEqual(Math.min(...(await times(parts.validation))));
    expect(Math.max(...(await times(parts.validation)))).toBeLessThanOrEqual(Math.min(...(await times(parts.test))));
  });

  test("by user, whole users", async () => {
    const { train, test: held } = await split(await log(), { train: 8, test: 2 }, { by: { user: "user" } });
    const users = new Set(await train.column("user"));
    expect((await held.column("user")).some((user) => users.has(user))).toBe(false);
    expect(train.rows + held.rows).toBe(rows);
    expect(Math.abs(held.rows - 200)).toBeLessThan(30);
  });

  test("stratified, every part has the same share of each value", async () => {
    const { train, test: held } = await split(await log(), { train: 3, test: 1 }, { stratify: "domain" });
    const rare = async (table: Table): Promise<number> =>
      (await table.column("domain")).filter((name) => name === "rare").length;
    expect([await rare(train), await rare(held)]).toEqual([75, 25]);
  });

  test("parts of no size, a missing column and rows without a time are refused", async () => {
    await expect(split(await log(), { train: 1, test: 0 })).rejects.toThrow(/parts need sizes above 0/);
    await expect(split(await log(), { train: 1, test: 1 }, { by: { time: "tine" } })).rejects.toThrow(
      /did you mean "time"/,
    );
    const holes = await openTable({ time: [1, null, 2] });
    await expect(split(holes, { a: 1, b: 1 }, { by: { time: "time" } })).rejects.toThrow(
      /row 1 \(from 0\), column "time"/,
    );
    await expect(split(await log(), { a: 1, b: 1 }, { by: { user: "user" }, stratify: "domain" })).rejects.toThrow(
      DataError,
    );
  });
});

test("rows of one time stay in order, and sizes are kept: a cut may fall between them", async () => {
  const ties = await openTable({ row: [0, 1, 2, 3, 4, 5], time: [2, 1, 2, 2, 3, 2] });
  const { past, future } = await split(ties, { past: 1, future: 1 }, { by: { time: "time" } });
  expect([await rowsOf(past), await rowsOf(future)]).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

describe("times as text", () => {
  test("are ordered as times, not as they come", async () => {
    const days = ["2024-03-01", "2023-12-31", "2024-02-29 10:00:00", "2024-02-29 09:00:00"];
    const { past, future } = await split(
      await openTable({ row: [0, 1, 2, 3], day: days }),
      { past: 1, future: 1 },
      { by: { time: "day" } },
    );
    expect([await rowsOf(past), await rowsOf(future)]).toEqual([
      [1, 3],
      [0, 2],
    ]);
  });

  test("other text is refused with what it holds", async () => {
    const table = await openTable({ day: ["Monday", "Tuesday"] });
    await expect(split(table, { a: 1, b: 1 }, { by: { time: "day" } })).rejects.toThrow(
      /not a time[\s\S]*"Monday"[\s\S]*strptime/,
    );
  });
});

describe("labels that leak from the future", () => {
  const training = { user_id: [1, 1, 2, 3], time: [10, 50, 20, 5] };
  const held = { user_id: [1, 1, 2, 3, 4, null], time: [49, 50, 30, null, 1, 1] };

  test("are held-out rows whose user has a later row in training", async () => {
    const columns = { user: "user_id", time: "time" };
    const leaks = await futureLeaks(await openTable(training), await openTable(held), columns);
    const example = { user: "1", held: "49", trained: "50" };
    expect(leaks).toEqual({ ...columns, rows: 1, of: 4, users: 1, example });
    expect(leakObservations(leaks, (column) => `test, "${column}"`, ["clk", "buy"]).map(findingText)).toEqual([
      'test, "time": labels leak from the future: 1 of 4 rows, of 1 user, are older than a training row of the same user ' +
        '(column "user_id"); user_id 1, say, is held out at 49 and trained on at 50. Training has seen what these users ' +
        'did next, so figures of "clk", "buy" on these rows are too good; ' +
        'hold out the newest rows: data.split({ train: 8, test: 2 }, { by: { time: "time" } })',
    ]);
    const none = await futureLeaks(await openTable(training), await openTable({ user_id: [1], time: [60] }), columns);
    expect([none.rows, leakObservations(none, String)]).toEqual([0, []]);
  });

  test("users in text and in numbers, times in dates", async () => {
    const at = (...days: number[]): Date[] => days.map((day) => new Date(day * 86_400_000));
    const leaks = await futureLeaks(
      await openTable({ who: ["a", "b"], at: at(3, 1) }),
      await openTable({ who: ["b", "a", "c"], at: at(2, 2, 0) }),
      { user: "who", time: "at" },
    );
    const example = { user: "a", held: "1970-01-03T00:00:00.000Z", trained: "1970-01-04T00:00:00.000Z" };
    expect(leaks).toMatchObject({ rows: 1, of: 3, users: 1, example });
    expect(leakObservations(leaks, String)[0]?.message).toContain("figures of the labels on these rows are too good");
  });

  test("the columns are found by name and type", async () => {
    expect(guessLeakColumns(await openTable({ user: [1], time_stamp: [1] }))).toEqual({
      user: "user",
      time: "time_stamp",
    });
    expect(guessLeakColumns(await openTable({ userId: [1], at: [new Date(0)] }))).toEqual({
      user: "userId",
      time: "at",
    });
    expect(guessLeakColumns(await openTable({ user_id: [1], price: [1] }))).toBe(null);
  });

  test("a random split of a log leaks, a split by time does not: the data sets' notes say which", async () => {
    const data = await dataset({
      user_id: Int32Array.from({ length: rows }, (_, row) => row % 37),
      timestamp: Int32Array.from({ length: rows }, (_, row) => row),
    });
    const random = await data.split({ train: 8, test: 2 }, { seed: 1 });
    expect(random.test.notes[0]).toMatch(
      /part "test", column "timestamp": .* of 200 rows, of \d+ users, are older than a training row of the same user/,
    );
    expect((await random.test.bundle())["text/plain"]).toContain(`note: ${random.test.notes[0]}`);
    expect((await data.split({ train: 8, test: 2 }, { by: { time: "timestamp" } })).test.notes).toEqual([]);
    expect((await data.split({ train: 8, test: 2 }, { by: { user: "user_id" } })).test.notes).toEqual([]);
    expect((await data.split({ train: 8, test: 2 }, { leaks: null })).test.notes).toEqual([]);
  });
});
