/** Evaluations with intervals, drill-downs, comparisons and calibration of small trained runs. */

import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Dataset, dataset } from "../../src/api/data/dataset.js";
import { loadRun } from "../../src/api/model/load-run.js";
import { pepnet } from "../../src/api/model/model.js";
import type { Run } from "../../src/api/run/run.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { rawFeature } from "../../src/core/builder/raw-feature.js";
import { taobaoLike } from "../../src/core/samples/generate/taobao.js";
import { wholeTitle } from "../whole-title.js";

const display = Symbol.for("Jupyter.display");
const shown = (value: object): Promise<Record<string, unknown>> =>
  (value as { [display](): Promise<Record<string, unknown>> })[display]();

/** What a browser draws of it: names there are markup. */
const drawn = async (value: object): Promise<string> =>
  JSON.stringify((await shown(value))["application/vnd.plotly.v1+json"]);

const names = ["student", "<b>worker</b>", "retired"];
const model = pepnet()
  .features(
    idFeature("user_id").buckets(200).embedding(4),
    idFeature("adgroup_id").buckets(150).embedding(4),
    idFeature("occupation").buckets(3).embedding(4),
    rawFeature("price").boundaries([20, 80, 320]).embedding(4),
  )
  .labels("clk", "buy", "occupation")
  .group("domain", ["occupation"])
  .epnet({ gamma: 2 })
  .domains("occupation", names)
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc().gauc("user_id"))
  .tower("cvr", (t) => t.label("buy").mlp(8).bce().auc().taskSpace("clk", { in: 1, out: 0 }))
  .train({ batchSize: 256, seed: 3 });
/** Other features over the same rows. */
const smaller = pepnet()
  .features(idFeature("adgroup_id").buckets(150).embedding(4), idFeature("occupation").buckets(3).embedding(4))
  .labels("clk", "buy", "occupation")
  .group("domain", ["occupation"])
  .epnet()
  .domains("occupation", names)
  .tower("ctr", (t) => t.label("clk").mlp(8).bce())
  .tower("cvr", (t) => t.label("buy").mlp(8).bce().taskSpace("clk", { in: 1, out: 0 }))
  .train({ batchSize: 256, seed: 3 });

let folder: string;
let train: Dataset;
let test: Dataset;
let run: Run;
let other: Run;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-evaluation-"));
  const data = await dataset(taobaoLike({ rows: 9000, seed: 3, users: 200, ads: 150, truth: true }).columns);
  ({ train, test } = await data.split({ train: 2, test: 1 }));
  run = await model.fit(train, { epochs: 2, validation: test });
  other = await smaller.fit(train, { steps: 2, validation: test });
});

afterAll(async () => {
  await run.dispose();
  await other.dispose();
  await rm(folder, { recursive: true });
});

describe("run.evaluate()", () => {
  it("has intervals over the users of the model's grouped AUC, and says so", async () => {
    const found = await run.evaluate();
    expect(found.user).toBe("user_id");
    expect(found.intervalMethod).toMatchObject({ user: "user_id", draws: 300, level: 0.95 });
    const { overall } = found.tasks[0]!;
    expect(overall.auc).toBe(run.evaluation!.auc("ctr"));
    expect(overall.intervals!.auc!.low!).toBeLessThan(overall.auc!);
    expect(overall.groupedAuc).toBeCloseTo(overall.configured["grouped_auc"]!, 12);
    const rowsDrawn = await run.evaluate(test, { user: null, intervals: { draws: 100 } });
    expect(rowsDrawn).toMatchObject({ user: null, intervalMethod: { user: null, draws: 100 } });
    expect(rowsDrawn.tasks[0]!.overall.groupedAuc).toBeUndefined();
    expect((await run.evaluate(test, { intervals: false })).intervalMethod).toBeNull();
  });

  it("draws curves of the scores by task and domain, whose ends are all rows", async () => {
    const found = await run.evaluate(test);
    const [ctr, cvr] = found.facts.curves!;
    expect(ctr!.overall).toMatchObject({ rows: 3000, positives: found.tasks[0]!.overall.positives, gap: null });
    expect(cvr!.within).toBe("clk");
    expect(cvr!.overall.rows).toBe(found.tasks[1]!.overall.rows);
    expect(ctr!.domains.map(({ rows }) => rows)).toEqual(found.tasks[0]!.domains.map(({ rows }) => rows));
    for (const name of ["roc", "precision", "scores"] as const) {
      expect((await found.chart(name)).toChart().figure.data.length).toBeGreaterThan(2);
    }
    const cities = await run.evaluate(test, { by: { column: "adgroup_id", most: 3 } });
    expect((await cities.chart("roc")).toChart().table.columns[1]!.name).toBe("adgroup_id");
  });

  it("names the call to make if an evaluation has no curves", async () => {
    await expect(run.evaluation!.chart("roc")).rejects.toThrow(/\(await run\.evaluate\(data\)\)\.chart\("roc"\)/);
    expect((await run.evaluation!.chart()).toChart().title).toMatch(/^AUC of/);
  });

  it("gives frames with the ends of intervals", async () => {
    const frame = await (await run.evaluate()).toDanfo();
    expect(frame.columns).toEqual(expect.arrayContaining(["auc", "auc_low", "auc_high", "grouped_auc", "groups"]));
    expect(frame.shape[0]).toBe(2 * 4);
  });

  it("drills down by any column of the data, pooling rare values", async () => {
    const found = await run.evaluate(test, { by: { column: "adgroup_id", most: 3 } });
    expect(found.by).toBe("adgroup_id");
    expect(found.domainNames).toHaveLength(4);
    expect(found.domainNames[3]).toMatch(/^\(\d+ others\)$/);
    expect(found.notes.join()).toMatch(/the 3 most frequent of \d+ values/);
    const { overall, domains } = found.tasks[0]!;
    expect(domains.reduce((sum, { rows }) => sum + rows, 0)).toBe(overall.rows);
    expect(overall.auc).toBe(run.evaluation!.auc("ctr"));
    expect((await shown(found))["text/plain"]).toMatch(/note: adgroup_id: the 3 most frequent/);
    const prices = await run.evaluate(test, { by: "price" });
    expect(prices.domainNames).toHaveLength(10);
    await expect(run.evaluate(test, { by: "citty" })).rejects.toThrow(/column "citty": no such column/);
    await expect(run.evaluate(test, { user: "userid" })).rejects.toThrow(/did you mean "user_id"/);
  });

  it("by training rows and by time, over all rows and per domain", async () => {
    const users = await run.evaluate(test, { by: { column: "adgroup_id", training: train } });
    expect(users.facts.groups).toMatchObject({ kind: "trainingRows", domains: null });
    expect(wholeTitle(await users.chart())).toMatch(/^AUC of ctr 0\.\d+.*; by training rows of adgroup_id/);
    const timed = await test.derive({ time_stamp: "timestamp '2024-01-01' + to_days(cast(user_id % 14 as integer))" });
    const days = await run.evaluate(timed, { by: { column: "time_stamp", as: "times", perDomain: true } });
    const { names: buckets, domains } = days.facts.groups!;
    expect(domains).toEqual(names);
    expect(days.domainNames).toHaveLength(3 * buckets.length);
    const [student] = (await run.evaluate(test)).tasks[0]!.domains;
    const rows = days.tasks[0]!.domains.slice(0, buckets.length).map((cell) => cell.rows);
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(student!.rows);
    expect(wholeTitle(await days.chart())).toMatch(/^AUC of ctr .*; by \w+ of time_stamp/);
  });

  it("of a loaded run, on the eager engine, is the same", async () => {
    await run.save(path.join(folder, "run"));
    const loaded = await loadRun(path.join(folder, "run"), { engine: "cpu" });
    const [here, there] = [await run.evaluate(test), await loaded.evaluate(test)];
    for (const [task, { overall }] of here.tasks.entries()) {
      const { auc, logLoss } = there.tasks[task]!.overall.intervals!;
      expect(auc!.low).toBeCloseTo(overall.intervals!.auc!.low!, 3);
      expect(logLoss!.high).toBeCloseTo(overall.intervals!.logLoss!.high!, 4);
    }
    await loaded.dispose();
  });

  it("labels what it cannot say of one row and of one class", async () => {
    const one = await run.evaluate(test.sample(1));
    expect(one.tasks[0]!.overall).toMatchObject({ rows: 1, auc: null, groupedAuc: null });
    expect((await shown(one))["text/plain"]).toContain("–");
  });
});

describe("run.compare()", () => {
  it("finds the better of two models with different features, by users, on the rows that both held out", async () => {
    const found = await run.compare(null, { with: other, names: ["with users", "without"], draws: 100 });
    expect(found.method).toMatchObject({ user: "user_id", auc: "bootstrap" });
    expect(found.notes).toEqual([expect.stringMatching(/^a comparison of two trainings: .*model\.ablate$/)]);
    expect(found.difference("ctr")).toMatchObject({ first: run.evaluation!.auc("ctr"), verdict: "ahead" });
    expect(found.difference("ctr")!.second).toBe(other.evaluation!.auc("ctr"));
    expect(found.difference("ctr", "groupedAuc")!.value).toBeGreaterThan(0);
    expect(await found.verdict()).toMatch(/^with users is better in \d cells? \(.*ctr all rows/);
    const bundle = await shown(found);
    expect(bundle["text/plain"]).toMatch(/with users is better/);
    expect(await drawn(found)).not.toContain("<b>worker");
    expect((await found.toDanfo()).columns).toEqual(
      expect.arrayContaining(["metric", "task", "value", "p_value", "verdict"]),
    );
    expect(await drawn(await found.chart("logLoss"))).not.toContain("<b>worker");
  });

  it("uses DeLong's test where rows are drawn", async () => {
    const found = await run.compare(test, { with: other, user: null, draws: 20 });
    expect(found.method.auc).toBe("DeLong");
    const same = await run.compare(test, { with: run, user: null, draws: 20 });
    expect(await same.verdict()).toMatch(/^No difference beyond noise in \d cells for these two trainings\./);
  });

  it("compares a loaded run, and says that its training rows are not known", async () => {
    await other.save(path.join(folder, "other"));
    const loaded = await loadRun(path.join(folder, "other"));
    const found = await loaded.compare(null, { with: run, draws: 20 });
    expect(found.difference("ctr")).toMatchObject({ verdict: "behind" });
    expect(found.notes.join()).toMatch(/is unknown whether both runs were trained without these rows/);
    await loaded.dispose();
  });

  it("compares with scores from elsewhere: the truth is not worse; ranks alone have AUC alone", async () => {
    const found = await run.compare(test, { with: { ctr: "p_clk" }, draws: 50 });
    expect(found.tasks.map(({ tower }) => tower)).toEqual(["ctr"]);
    expect(found.difference("ctr", "logLoss")!.value).toBeGreaterThan(0);
    const ranked = await run.compare(test, { with: { ctr: "price" }, draws: 20 });
    expect(ranked.metrics).toEqual(["auc", "groupedAuc"]);
    expect(ranked.notes.join()).toMatch(/price has values outside \[0, 1\]: ctr is compared by AUC only/);
    await expect(run.compare(test, { with: { ctrr: "p_clk" } })).rejects.toThrow(/did you mean "ctr"/);
  });

  it("refuses runs that held out other rows, unless rows are given", async () => {
    const elsewhere = await smaller.fit(train, { steps: 1, validation: train.sample(500) });
    await expect(run.compare(null, { with: elsewhere })).rejects.toThrow(
      /held out different rows[\s\S]*run\.compare\(await dataset/,
    );
    expect((await run.compare(test, { with: elsewhere, draws: 10 })).rowCount).toBe(test.rows);
    await elsewhere.dispose();
    await expect(run.compare(test, { with: other, tasks: ["cttr"] })).rejects.toThrow(/did you mean "ctr"/);
  });
});

describe("calibration and learning curves", () => {
  it("hold predicted against observed rates by task and domain", async () => {
    const found = await run.calibration(test, { bins: 5 });
    expect(found.tasks.map(({ tower, within }) => [tower, within])).toEqual([
      ["ctr", null],
      ["cvr", "clk"],
    ]);
    const [ctr] = found.tasks;
    expect(ctr!.overall.bins).toHaveLength(5);
    expect(ctr!.domains).toHaveLength(3);
    expect(ctr!.overall.bins.reduce((sum, { rows }) => sum + rows, 0)).toBe(test.rows);
    expect((await found.toDanfo()).columns).toEqual(expect.arrayContaining(["task", "bin", "predicted", "observed"]));
    expect(await drawn(found)).not.toContain("<b>worker");
  });

  it("follow a metric over training by domain", async () => {
    const found = await run.learningCurves("logLoss");
    expect(found.steps).toEqual(run.history.evaluations.map(({ step }) => step));
    expect(found.tasks[0]!.domains).toHaveLength(3);
    expect(found.tasks[0]!.overall.at(-1)).toBe(run.history.evaluations.at(-1)!.evaluation.tasks[0]!.overall.logLoss);
    expect((await found.toDanfo()).columns).toContain("log_loss");
    expect(await drawn(found)).not.toContain("<b>worker");
  });
});
