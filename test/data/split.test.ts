/** Parts share no row, lose none, and are the same for the same seed. */
import { describe, expect, test } from "vitest";
import { openTable } from "../../src/data/open.js";
import { split } from "../../src/data/split.js";
import type { Table } from "../../src/data/table.js";
import { DataError } from "../../src/errors/index.js";

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
