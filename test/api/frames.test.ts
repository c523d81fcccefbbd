/** Data and results as danfo frames and back; danfo is the user's own package. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataFrame } from "danfojs-node";
import { beforeAll, describe, expect, test } from "vitest";
import { dataset } from "../../src/api/data/dataset.js";
import { pepnet } from "../../src/api/model/model.js";
import type { Run } from "../../src/api/run/run.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { type DanfoFrame, loadDanfo } from "../../src/core/data/table/danfo.js";
import { DataError } from "../../src/core/errors/index.js";
import { taobaoLike } from "../../src/core/samples/generate/taobao.js";

const column = (frame: DanfoFrame, name: string): unknown[] => frame.column(name).values;

describe("data", () => {
  test("goes to a frame and comes back as it was, lists, dates and gaps included", async () => {
    const held = {
      id: [1, null, 3],
      word: ["a", null, "c"],
      tags: [[1, 2], [], [3]],
      at: [new Date(0), null, new Date(9)],
    };
    const frame = await (await dataset(held)).toDanfo();
    expect(frame.shape).toEqual([3, 4]);
    expect(await (await dataset(frame)).toColumns()).toEqual(held);
    const typed: DataFrame = await (await dataset({ x: [1, 2] })).toDanfo(DataFrame as never);
    expect(typed).toBeInstanceOf(DataFrame);
  });

  test("without danfo, an error says how to get it", () => {
    const empty = join(mkdtempSync(join(tmpdir(), "pepnet-no-danfo-")), "noop.js");
    expect(() => loadDanfo([empty])).toThrow(DataError);
    expect(() => loadDanfo([empty])).toThrow(
      /danfo is not installed[\s\S]*fix: npm install danfojs-node, or use toColumns/,
    );
  });

  test("a frame above 100,000 rows is taken, with a note that files are faster", async () => {
    const numbers = (rows: number): number[] => Array.from({ length: rows }, (_, row) => row);
    const large = await dataset(new DataFrame({ x: numbers(100_001) }) as never);
    expect([large.rows, large.notes.length]).toEqual([100_001, 1]);
    expect(large.notes[0]).toMatch(/100,001 rows: Parquet files are read many times faster/);
    expect((await dataset(new DataFrame({ x: numbers(1000) }) as never)).notes).toEqual([]);
  });

  test("a query reads files where they are", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "pepnet-sql-")), "x.parquet");
    await (await dataset({ id: [1, 2, 3], clk: [0, null, 1] })).toParquet(file);
    const data = await dataset.sql(`select id, clk from '${file}' where clk is not null order by id desc`);
    expect(await data.head()).toEqual([
      { id: 3, clk: 1 },
      { id: 1, clk: 0 },
    ]);
    await expect(dataset.sql("select nothing from nowhere")).rejects.toThrow(/nowhere/);
  });
});

describe("results", () => {
  let run: Run;
  beforeAll(async () => {
    const log = taobaoLike({ rows: 1200, seed: 2, users: 100, ads: 60 });
    const model = pepnet()
      .features(idFeature("user_id").buckets(100).embedding(4), idFeature("occupation").buckets(3).embedding(4))
      .labels("clk", "buy")
      .group("domain", ["occupation"])
      .epnet()
      .domains("occupation", 3)
      .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc())
      .tower("cvr", (t) => t.label("buy").mlp(4).bce().taskSpace("clk", { in: 1, out: 0 }))
      .train({ epochs: 1, batchSize: 200 });
    run = await model.fit(await dataset(log.table), { engine: "cpu", quiet: true });
  });

  test("metrics: a row a task and domain", async () => {
    const frame = await run.evaluation!.toDanfo();
    expect(frame.shape[0]).toBe(2 * 4);
    expect(column(frame, "task")).toEqual([..."1111"].map(() => "ctr").concat([..."1111"].map(() => "cvr")));
    expect(column(frame, "domain")).toEqual([-1, 0, 1, 2, -1, 0, 1, 2]);
    expect(column(frame, "auc")[0]).toBe(run.evaluation!.auc("ctr"));
    expect(frame.columns).toEqual(
      expect.arrayContaining(["within", "rows", "positives", "log_loss", "calibration", "config_auc"]),
    );
  });

  test("history: a row a step, with AUCs where it was evaluated", async () => {
    const frame = await run.toDanfo();
    const steps = column(frame, "step") as number[];
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.length).toBe(
      new Set([...run.history.points, ...run.history.evaluations].map(({ step }) => step)).size,
    );
    expect(column(frame, "auc_ctr").at(-1)).toBe(run.history.evaluations.at(-1)?.evaluation.tasks[0]?.overall.auc);
    expect(frame.columns).toEqual(expect.arrayContaining(["loss", "rows_per_second"]));
  });

  test("gates, predictions, charts and tables", async () => {
    const gates = await run.gates();
    const frame = await gates.toDanfo();
    expect(frame.shape[0]).toBe(gates.gates.length * 4);
    expect(column(frame, "mean")[0]).toBe(gates.gates[0]?.overall.mean);
    const predictions = await (await run.predict(run.validation!)).toDanfo();
    expect(predictions.shape[0]).toBe(run.validation!.rows);
    expect(predictions.columns).toEqual(["logits_ctr", "probs_ctr", "logits_cvr", "probs_cvr"]);
    const chart = await run.evaluation!.chart();
    expect((await chart.toDanfo()).shape).toEqual([chart.rows().length, Object.keys(chart.rows()[0]!).length]);
  });
});
