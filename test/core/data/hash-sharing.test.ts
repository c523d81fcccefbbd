/** Values of `.hash(size)` that share rows are counted: exactly, or as an estimate once there are too many to keep. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check } from "../../../src/core/data/check/check.js";
import { hashBucket } from "../../../src/core/data/encode/rows-of-ids.js";
import { DistinctHashes, hashSharing } from "../../../src/core/data/encode/sharing.js";
import { describe as describeTable } from "../../../src/core/data/summary/describe.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { comboSpec, idSpec, modelSpec, towerSpec } from "./specs.js";

const hash = (size: number) => ({ kind: "hash", size }) as const;
const specOf = (size: number, more: Parameters<typeof idSpec>[2] = {}) =>
  modelSpec({ features: [idSpec("word", hash(size), more)], labels: ["clk"], towers: [towerSpec("ctr", "clk")] });

/** What a plain count finds. */
function sharedOf(values: readonly string[], size: number) {
  const byRow = new Map<number, Set<string>>();
  for (const value of values) {
    const row = hashBucket(value, size);
    byRow.set(row, (byRow.get(row) ?? new Set()).add(value));
  }
  const sets = [...byRow.values()];
  return {
    values: sets.reduce((sum, set) => sum + set.size, 0),
    rows: sets.length,
    sharing: sets.reduce((sum, set) => sum + (set.size > 1 ? set.size : 0), 0),
  };
}

describe("values that share a row", () => {
  test("are counted by describe as a plain count does: texts, numbers, several a row, in any selection of rows", async () => {
    const word = fc.string({ unit: fc.constantFrom(..."abc"), minLength: 1, maxLength: 3 });
    const cells = fc.oneof(
      fc.array(word, { minLength: 1, maxLength: 60 }),
      fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 60 }),
      fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 30 }),
    );
    await fc.assert(
      fc.asyncProperty(
        cells,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        async (rows, size, step) => {
          const texts = rows.map((cell) => (Array.isArray(cell) ? cell.join("|") : cell));
          const picked = Int32Array.from({ length: Math.ceil(rows.length / step) }, (_, at) => at * step);
          const table = (await openTable({ word: texts, clk: rows.map(() => 0) })).take(picked);
          const { hashed } = await describeTable(table, { spec: specOf(size, { separator: "|" }) });
          const values = [...picked].flatMap((row) => [rows[row]].flat().map(String));
          expect(hashed).toMatchObject([{ feature: "word", size, exact: true, ...sharedOf(values, size) }]);
        },
      ),
      { numRuns: 150, seed: 14 },
    );
  });

  test("are a finding of check, with a size that helps", async () => {
    const words = Array.from({ length: 4136 }, (_, index) => `user ${index}`);
    const table = await openTable({ word: words, clk: words.map((_, row) => row % 2) });
    const { sharing, rows } = sharedOf(words, 10_000);
    const [finding] = (await check(table, specOf(10_000))).findings;
    expect(finding).toMatchObject({ severity: "moderate", path: "features.word" });
    expect(finding?.message).toContain(`${sharing.toLocaleString("en-US")} of 4,136 distinct values`);
    expect(finding?.message).toContain(`${rows.toLocaleString("en-US")} rows of .hash(10000)`);
    const size = Number(/\.hash\((\d+)\), (\d+) would share/.exec(finding?.fix ?? "")?.[1]);
    expect(sharedOf(words, size).sharing).toBeLessThan(0.05 * words.length);
    expect(finding?.fix).toContain(`.hash(${size}), ${sharedOf(words, size).sharing} would share`);
  });

  test("of a cross are its combinations; a default is a value if some row takes it", async () => {
    const cross = comboSpec("a_b", ["a", "b"], hash(3));
    const model = modelSpec({ features: [cross], labels: ["clk"], towers: [towerSpec("ctr", "clk")] });
    const table = await openTable({ a: ["x", "y", "x", "x"], b: ["1", "1", "2", "1"], clk: [0, 1, 0, 1] });
    const { hashed } = await describeTable(table, { spec: model });
    expect(hashed[0]).toMatchObject({ feature: "a_b", ...sharedOf(["x_1", "y_1", "x_2"], 3) });
    const words = await openTable({ word: ["p", "q"], clk: [0, 1] });
    const withDefault = await describeTable(words, { spec: specOf(50, { defaultValue: "none" }) });
    expect(withDefault.hashed[0]).toMatchObject({ values: 2 });
    const nulls = await openTable({ word: ["p", null, "q"], clk: [0, 1, 0] });
    const taken = await describeTable(nulls, { spec: specOf(50, { defaultValue: "none" }) });
    expect(taken.hashed[0]).toMatchObject({ values: 3 });
  });

  test("are not asked of encoded data, vocabularies and missing columns; none is no finding", async () => {
    const table = await openTable({ word: ["p", "q"], clk: [0, 1] });
    const encoded = { ...specOf(1), extra: { data_config: { fg_mode: "FG_NONE" } } };
    expect((await describeTable(table, { spec: encoded })).hashed).toEqual([]);
    expect((await describeTable(table.select("clk"), { spec: specOf(1) })).hashed).toEqual([]);
    expect((await describeTable(table)).hashed).toEqual([]);
    expect((await check(table, specOf(1_000_003))).findings).toEqual([]);
  });
});

describe("distinct values", () => {
  test("are counted exactly while there is room", () => {
    const values = new DistinctHashes(5000);
    for (let round = 0; round < 2; round++) for (let at = 0; at < 5000; at++) values.add(`v${at}`);
    expect([values.isExact, values.count, new Set(values.hashes()).size]).toEqual([true, 5000, expect.any(Number)]);
    expect(values.hashes()).toHaveLength(10_000);
  });

  test("are estimated beyond it, within some percent, and said to be", () => {
    for (const count of [20_000, 100_000, 300_000]) {
      const values = new DistinctHashes(8192);
      for (let at = 0; at < count; at++) values.add(`user:${at * 7}`);
      expect(values.isExact).toBe(false);
      expect(values.hashes().length / 2).toBeLessThanOrEqual(8192);
      expect(Math.abs(values.count / count - 1)).toBeLessThan(0.06);
      const [sharing] = hashSharing([idSpec("word", hash(100_000))], new Map([["word", values]]));
      const exact = sharedOf(
        Array.from({ length: count }, (_, at) => `user:${at * 7}`),
        100_000,
      );
      expect(sharing).toMatchObject({ exact: false });
      expect(Math.abs((sharing?.sharing ?? 0) / exact.sharing - 1)).toBeLessThan(0.12);
      expect(Math.abs((sharing?.rows ?? 0) / exact.rows - 1)).toBeLessThan(0.06);
    }
  });
});
