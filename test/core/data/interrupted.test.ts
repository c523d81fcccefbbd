/** Work on data ends when its signal aborts: with the signal's reason, without files, and so that it can be done again. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Dataset, dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import { suggestModel } from "../../../src/api/model/suggest-model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { privateFilesFolder, type Source } from "../../../src/core/data/sources/file-version.js";
import type { RawColumn } from "../../../src/core/data/table/column.js";
import { Table } from "../../../src/core/data/table/table.js";
import { taobaoLike } from "../../../src/core/samples/generate/taobao.js";
import { cacheFolder } from "../../../src/core/util/files/cache-folder.js";
import { withSignal } from "../../../src/core/util/interrupt.js";
import { transpileTree } from "../../worker-file.js";

const reason = new Error("enough");
const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-interrupted-"));
const cache = mkdtempSync(path.join(os.tmpdir(), "pepnet-interrupted-cache-"));
/** Other tests write into the cache of the run meanwhile. */
beforeAll(() => void vi.stubEnv("PEPNET_CACHE", cache));
afterAll(() => {
  vi.unstubAllEnvs();
  for (const each of [folder, cache]) rmSync(each, { recursive: true, force: true });
});
afterEach(() => vi.restoreAllMocks());

const filesIn = (place: string): string[] =>
  existsSync(place) ? readdirSync(place, { recursive: true, encoding: "utf8" }).sort() : [];

/** While queries run, the process listens to its end, to interrupt them. */
const listeners = (): number => process.listenerCount("exit");

/** It would take days. */
const endless = "select count(*) from range(3000000) a, range(1000000) b where a.range * b.range % 7 = 3";

describe("a query", () => {
  beforeAll(() => void privateFilesFolder());

  const rows = Array.from({ length: 100 }, (_, n) => ({ n, kind: n % 3 }));

  test.each<[string, (stop: AbortSignal) => Promise<unknown>]>([
    ["of dataset.sql", (signal) => dataset.sql(endless, {}, { signal })],
    ["without an order", (signal) => dataset.sql(`select range % 7 as n, (${endless}) from range(9)`, {}, { signal })],
    ["of other data", (signal) => dataset.sql(`select *, (${endless}) from rows`, { rows: { n: [1, 2] } }, { signal })],
    ["that filters", async (signal) => withSignal(signal, async () => (await dataset(rows)).where(`n < (${endless})`))],
    [
      "that derives",
      async (signal) => withSignal(signal, async () => (await dataset(rows)).derive({ x: `(${endless})` })),
    ],
    [
      "that groups",
      async (signal) =>
        withSignal(signal, async () => (await dataset(rows)).groupBy("kind").summarise({ x: `max((${endless}))` })),
    ],
    [
      "that joins",
      async (signal) =>
        withSignal(signal, async () =>
          (await dataset(rows)).join({ sql: `select 1 as n, (${endless}) as x` }, { on: "n" }),
        ),
    ],
  ])("%s ends in the middle, and the next one runs", async (_, start) => {
    const [before, files] = [listeners(), filesIn(privateFilesFolder())];
    const stop = new AbortController();
    const running = start(stop.signal);
    running.catch(() => undefined);
    // Small queries come before it, so that it is seen to run for a while.
    for (let turns = 0; turns < 50; turns++) {
      while (listeners() === before) await nextTurn();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(listeners()).toBe(before);
    // Rows in memory are written once, for later queries.
    const left = filesIn(privateFilesFolder()).filter((file) => !files.includes(file));
    expect(left.length).toBeLessThanOrEqual(1);
    expect(left.every((file) => /^\d+\.parquet$/.test(file))).toBe(true);
    expect(await (await dataset.sql("select 42 as n")).toRows()).toEqual([{ n: 42 }]);
  });

  test("does not begin after an abort, also if its text is wrong", async () => {
    const signal = AbortSignal.abort(reason);
    await expect(dataset.sql(endless, {}, { signal })).rejects.toBe(reason);
    await expect(dataset.sql("selekt", {}, { signal })).rejects.toBe(reason);
    await expect(dataset.sql("selekt")).rejects.toThrow(/not a query/);
  });

  test("that runs when the process exits does not keep it", () => {
    const script = `
      const { queryRows } = require(${JSON.stringify(transpileTree(path.resolve("src/core/data/sources/duckdb.ts")))});
      queryRows(${JSON.stringify(endless)}).catch(() => undefined);
      let looks = 0;
      const look = setInterval(() => {
        if (process.listenerCount("exit") === 1) looks++;
        if (looks === 20) process.exit(7);
      }, 10);`;
    const { status, signal, stderr } = spawnSync(process.execPath, ["-e", script], {
      encoding: "utf8",
      timeout: 300_000,
    });
    expect({ status, signal, stderr }).toEqual({ status: 7, signal: null, stderr: "" });
  });

  test("among many at once ends with them, without a warning", async () => {
    const warnings = vi.spyOn(process, "emitWarning");
    const stop = new AbortController();
    const running = Array.from({ length: 20 }, () => dataset.sql(endless, {}, { signal: stop.signal }));
    while (listeners() === 1) await nextTurn();
    stop.abort(reason);
    const ended = await Promise.allSettled(running);
    expect(ended.map((each) => each.status === "rejected" && each.reason)).toEqual(running.map(() => reason));
    await nextTurn();
    expect(warnings.mock.calls).toEqual([]);
  });

  test("that was interrupted runs again where its verbs are awaited again", async () => {
    const query = (await dataset(rows)).where("kind = 1").derive({ twice: "2 * n" });
    await expect(withSignal(AbortSignal.abort(reason), () => query)).rejects.toBe(reason);
    expect((await query).rows).toBe(33);
  });
});

/** Rows in three parts, of which the second reading of none is complete: it aborts in the middle. */
class Interrupted {
  readonly stop: AbortController = new AbortController();
  isAborting = true;
  readonly data: Dataset;

  constructor(columns: ReadonlyMap<string, RawColumn>, like: Table) {
    const self = this;
    const source: Source = {
      name: "interrupted rows",
      rows: 3 * like.rows,
      columns: like.columns,
      async *parts(names, { whole = false } = {}) {
        const part = () => new Map(names.map((name) => [name, columns.get(name)!]));
        for (let at = 0; at < 3; at++) {
          if (at === 1 && self.isAborting) self.stop.abort(reason);
          if (!whole || at === 2) yield part();
        }
      },
      version: async () => null,
      assertUnchanged: async () => undefined,
      locate: async (row) => ({ source: "interrupted rows", row }),
    };
    this.data = new Dataset(new Table(source));
  }
}

describe("rows that are read part by part", () => {
  let columns: ReadonlyMap<string, RawColumn>;
  let like: Table;
  beforeAll(async () => {
    like = (await dataset(taobaoLike({ rows: 3_000, seed: 3 }).table)).table;
    columns = await like.read();
  });

  const model = pepnet()
    .features(
      idFeature("user_id").hash(2_000).embedding(4),
      idFeature("occupation").vocab().embedding(4),
      rawFeature("price").zscore(),
    )
    .labels("clk")
    .group("domain", ["occupation"])
    .epnet()
    .domains("occupation", 3)
    .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc());
  const encoded = pepnet()
    .features(idFeature("user_id").hash(2_000).embedding(4), idFeature("occupation").buckets(3).embedding(4))
    .labels("clk")
    .group("domain", ["occupation"])
    .epnet()
    .domains("occupation", 3)
    .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc());
  const at = (name: string): string => path.join(folder, name);

  test.each<[string, (data: Dataset, signal: AbortSignal | undefined, name: string) => Promise<unknown>]>([
    ["toParquet", (data, signal, name) => withSignal(signal, () => data.toParquet(at(`${name}.parquet`)))],
    ["where(function)", (data, signal) => withSignal(signal, () => data.where((row) => row.clk === 1))],
    ["derive(function)", (data, signal) => withSignal(signal, () => data.derive({ twice: (row) => 2 * row.clk }))],
    ["a verb", (data, signal) => withSignal(signal, () => data.sort("price"))],
    ["encode", (data, signal) => withSignal(signal, () => data.encode(encoded.spec))],
    ["fitFeatures", (data, signal) => withSignal(signal, () => model.fitFeatures(data))],
    ["check", (data, signal) => data.check(model, { signal })],
    ["fit", (data, signal) => model.fit(data, { signal, steps: 2, quiet: true, validation: null })],
    [
      "exportTorchEasyRec",
      (data, signal, name) => model.exportTorchEasyRec(data, { folder: at(name), validation: null, signal }),
    ],
  ])("%s ends, leaves no file, and can be done again", async (name, work) => {
    const rows = new Interrupted(columns, like);
    const before = [folder, cacheFolder()].map(filesIn);
    const privateFiles = filesIn(privateFilesFolder());
    await expect(work(rows.data, rows.stop.signal, name)).rejects.toBe(reason);
    expect([folder, cacheFolder()].map(filesIn)).toEqual(before);
    // Files of earlier tests may go meanwhile, as their data sets are collected.
    expect(privateFiles).toEqual(expect.arrayContaining(filesIn(privateFilesFolder())));
    rows.isAborting = false;
    await work(rows.data, undefined, name);
  });

  test("predictions in a file end, and leave none", async () => {
    const run = await encoded.fit(new Dataset(like), { steps: 2, quiet: true });
    const rows = new Interrupted(columns, like);
    const written = (signal?: AbortSignal) =>
      run.writePredictions(rows.data, { path: at("predicted.parquet"), signal });
    await expect(written(rows.stop.signal)).rejects.toBe(reason);
    expect(filesIn(folder).filter((file) => file.startsWith("predicted"))).toEqual([]);
    rows.isAborting = false;
    expect((await written()).rowCount).toBe(9_000);
    await run.dispose();
  });
});

test.each<[string, (data: Dataset, signal: AbortSignal) => Promise<unknown>]>([
  ["dataset", (_, signal) => dataset([{ a: 1 }], { signal })],
  ["describe", (data, signal) => data.describe({ signal })],
  ["split", (data, signal) => data.split({ a: 1, b: 1 }, { signal })],
  ["suggestModel", (data, signal) => suggestModel(data, { labels: ["clk"], signal })],
])("%s takes a signal", async (_, work) => {
  const data = await dataset(taobaoLike({ rows: 300, users: 200, ads: 150 }).table);
  await expect(work(data, AbortSignal.abort(reason))).rejects.toBe(reason);
});
