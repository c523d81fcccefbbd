/** Priors hold what was known before each row, and nothing else. */
import { describe, expect, test } from "vitest";
import { type Dataset, dataset } from "../../../src/index.js";
import { type RandomLog, randomLog } from "./logs.js";
import { oracle } from "./oracle.js";

async function priorsOf(log: RandomLog): Promise<Dataset> {
  const delay = Object.fromEntries(log.labels.map((label) => [label, log.delay[label]!]));
  const data = await dataset(log.columns, { time: "ts" });
  return (data as Dataset).priors(log.labels, { by: log.by, windows: log.windows, delay });
}

/** The cells that differ from the definition, and their number in all. */
async function differences(log: RandomLog, result: Dataset): Promise<{ cells: number; differ: string[] }> {
  const expected = oracle(log);
  const names = Object.keys(expected);
  expect(
    result.columns
      .slice(-names.length)
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...names].sort());
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
    for (let seed = 1; seed <= 24; seed++) {
      const log = randomLog(seed, 3 + ((seed * 13) % 90));
      const found = await differences(log, await priorsOf(log));
      expect(found.differ, `seed ${seed}`).toEqual([]);
      cells += found.cells;
    }
    expect(cells).toBeGreaterThan(10_000);
  });

  test("on each side of the first estimates of the strength", async () => {
    for (const rows of [255, 256, 257, 1023, 1024, 1025]) {
      const log = { ...randomLog(7, rows), by: ["user_id", ["user_id", "scene"]], labels: ["click"] };
      const full = { ...log, columns: { ...log.columns, click: log.columns["click"]!.map((value) => value ?? 0) } };
      expect((await differences(full, await priorsOf(full))).differ.slice(0, 5), `${rows} rows`).toEqual([]);
    }
  });
});
