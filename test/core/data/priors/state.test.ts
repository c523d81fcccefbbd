/** Later rows that join the state have the priors that a replay of the whole log gives them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Dataset, dataset, loadModel, pepnet, rawFeature } from "../../../../src/index.js";
import { optionsOf, type RandomLog, randomLog } from "./logs.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-priors-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Columns = RandomLog["columns"];

function picked(columns: Columns, rows: readonly number[]): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, rows.map((row) => values[row]!)]));
}

/** The log up to a time, and later rows: also of the same time, and without labels. */
function cut(log: RandomLog) {
  const rows = [...log.seconds.keys()];
  const sorted = log.seconds.filter((time) => time !== null).sort((a, b) => a - b);
  const end = sorted[Math.floor(sorted.length * 0.7)]!;
  const isEarly = (row: number): boolean => log.seconds[row] !== null && log.seconds[row]! <= end;
  const early = rows.filter((row) => isEarly(row));
  // Every third row at the end comes later.
  const later = rows.filter(
    (row) => log.seconds[row] === null || log.seconds[row]! > end || (log.seconds[row] === end && row % 3 === 0),
  );
  const { click, buy, ...known } = picked(log.columns, later);
  return {
    log: picked(log.columns, early),
    later: known,
    labels: { click: click!.map(() => null), buy: buy!.map(() => null) },
  };
}

function expectClose(received: Record<string, unknown[]>, expected: Record<string, unknown[]>): void {
  expect(Object.keys(received)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const far = values.filter((value, row) => !(Math.abs(Number(value) - Number(received[name]![row])) < 1e-5));
    expect(far, name).toEqual([]);
  }
}

describe("a state", () => {
  test("gives later rows what a replay of the log gives them, to the last digit", async () => {
    let compared = 0;
    for (let seed = 100; seed < 106; seed++) {
      const whole = randomLog(seed, 20 + ((seed * 17) % 300));
      const parts = cut(whole);
      const first = await dataset(parts.log, { time: "ts" }).then((data): Dataset => data as Dataset);
      const log = await first.priors(whole.labels, optionsOf(whole)).then(null, (error) => error as Error);
      if (log instanceof Error) {
        expect(log.message).toContain("leaves no row a history");
        continue;
      }
      const state = await log.priorsState();
      const file = await state.toParquet(path.join(folder, `${seed}.parquet`));
      const later = await dataset(parts.later);
      const names = log.columns.slice(first.columns.length).map(({ name }) => name);
      const joined = await later.withPriors(state).select(...names);
      const fromFile = await later.withPriors(file).select(...names);
      // Types of columns without a value are those of the log.
      const replayed = await dataset(
        Object.fromEntries(
          Object.entries({ ...parts.later, ...parts.labels }).map(([name, values]) => [
            name,
            [...parts.log[name]!, ...values],
          ]),
        ),
        { time: "ts" },
      );
      const both = await (replayed as Dataset).priors(whole.labels, optionsOf(whole)).select(...names);
      const expected = (await both.toRows()).slice(first.rows);
      expect(await joined.toRows(), `seed ${seed}`).toEqual(expected);
      expect(await fromFile.toRows(), `seed ${seed}, from a file`).toEqual(expected);
      compared += expected.length;
    }
    expect(compared).toBeGreaterThan(150);
  });

  test("gives a model the predictions that it makes of a replay", async () => {
    const rows = Array.from({ length: 900 }, (_, row) => row);
    const columns = {
      user_id: rows.map((row) => (row * 7919) % 40),
      ts: rows.map((row) => 1_600_000_000 + 60 * row),
      click: rows.map((row) => ((row * 104_729) % 101 < 30 + ((row * 7919) % 40) ? 1 : 0)),
    };
    const options = { by: ["user_id"], windows: ["1h"], delay: "30m" } as const;
    const log = await (await dataset(picked(columns, rows.slice(0, 700)), { time: "ts" })).priors(["click"], options);
    const model = pepnet()
      .features(
        rawFeature("user_id_click_n").log1p().zscore(),
        rawFeature("user_id_click_rate").zscore(),
        rawFeature("user_id_click_rate_1h").zscore(),
        rawFeature("user_id_click_age").log1p().zscore(),
      )
      .labels("click")
      .tower("ctr", (t) => t.label("click").mlp(4).bce())
      .train({ epochs: 1, batchSize: 128 });
    const run = await model.fit(log, { quiet: true, validation: null });
    const later = await dataset(picked({ user_id: columns.user_id, ts: columns.ts }, rows.slice(700)));
    const replay = await dataset(
      { ...columns, click: rows.map((row) => (row < 700 ? columns.click[row]! : null)) },
      { time: "ts" },
    );
    const replayed = await replay.priors(["click"], options);
    const expected = await (await run.predict(replayed.table.slice(700, 900))).table.toColumns();
    const received = await (await run.predict(await later.withPriors(await log.priorsState()))).table.toColumns();
    expect(received).toEqual(expected);

    const state = await log.priorsState();
    const place = path.join(folder, "served");
    const { encoders } = await run.export(place, { priors: state });
    const read = ["user_id_click_n", "user_id_click_rate", "user_id_click_age", "user_id_click_rate_1h"];
    const until = "2020-09-14T00:05:40.000Z";
    expect(encoders.priors).toEqual({ columns: read, keys: [["user_id"]], until, delays: { click: "30m" } });
    const served = await loadModel(place);
    expect(String(served)).toMatch(/state +priors\.parquet +until 2020-09-14T00:05:40\.000Z, click known after 30m/);
    const predicted = await served.predict(later);
    expect(predicted.notes.join("\n")).toContain(`the log of the state ends at ${until}`);
    expectClose(await predicted.table.toColumns(), expected);
    const known = await served.predict(await later.withPriors(state));
    expectClose(await known.table.toColumns(), expected);
    const file = path.join(folder, "predicted.parquet");
    await served.writePredictions(later, { path: file });
    expectClose(await (await dataset(file)).table.toColumns(), expected);
    await expect(run.export(path.join(folder, "other"), { priors: later })).rejects.toThrow(
      /export: priors: .*not a state of priors/s,
    );
    const items = await (await dataset({ ...columns, item: columns.user_id }, { time: "ts" }))
      .priors(["click"], { by: ["item"], delay: "30m" })
      .priorsState();
    await expect(run.export(path.join(folder, "other"), { priors: items })).rejects.toThrow(
      /the model reads no column of this state/,
    );
    rmSync(path.join(place, "priors.parquet"));
    await expect(loadModel(place)).rejects.toThrow(/priors\.parquet/);
  });
});
