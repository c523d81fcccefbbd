import { beforeAll, describe, expect, it } from "vitest";
import { pepnet } from "../../src/api/model/model.js";
import type { LearningRateResult } from "../../src/api/training/learning-rate.js";
import { idFeature } from "../../src/builder/id-feature.js";
import { adam, sgd } from "../../src/builder/optimizers.js";
import { taobaoLike } from "../../src/samples/generate/taobao.js";

const model = pepnet()
  .features(
    idFeature("user_id").buckets(200).embedding(4),
    idFeature("adgroup_id").buckets(150).embedding(4),
    idFeature("occupation").buckets(3).embedding(4),
  )
  .labels("clk")
  .group("domain", ["occupation"])
  .epnet()
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
  .train({ batchSize: 256, seed: 3, dense: adam(1e-3), sparse: adam(2e-3) });
const data = taobaoLike({ rows: 4000, seed: 3, users: 200, ads: 150 }).columns;

let before: string;
let found: LearningRateResult;

beforeAll(async () => {
  before = JSON.stringify(model.spec);
  found = await model.findLearningRate(data, { from: 1e-4, to: 10, steps: 60, engine: "cpu" });
});

describe("findLearningRate", () => {
  it("suggests a rate inside the range, with the sparse rate in its proportion", () => {
    expect(found.suggestion).toBeGreaterThan(1e-4);
    expect(found.suggestion).toBeLessThan(1);
    expect(found.suggested.dense).toBe(found.suggestion);
    expect(found.suggested.sparse! / found.suggested.dense!).toBeCloseTo(2, 9);
    expect(found.rule).toMatch(/a tenth of the rate/);
  });

  it("trains at the rates that it tells, and leaves the model as it was", () => {
    const rates = found.points.map((point) => point.learningRate);
    expect(rates[0]).toBeCloseTo(1e-4, 12);
    for (let step = 1; step < rates.length; step++)
      expect(rates[step]! / rates[step - 1]!).toBeCloseTo(1e5 ** (1 / 59), 9);
    expect(JSON.stringify(model.spec)).toBe(before);
  });

  it("shows itself as a chart with a log axis and the suggestion marked", async () => {
    const { figure, title } = await found.chart();
    expect(figure.layout["xaxis"]).toMatchObject({ type: "log" });
    expect(figure.data.find((trace) => trace["name"] === "suggestion")).toMatchObject({
      x: [found.suggestion, found.suggestion],
    });
    expect(title).toContain(found.rule);
    expect(Object.keys(await found.bundle())).toEqual(["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  });

  it("gives the same on every engine, but for rounding, until the loss explodes", async () => {
    const compiled = await model.findLearningRate(data, { from: 1e-4, to: 10, steps: 60 });
    for (let step = 0; step < 25; step++) expect(compiled.points[step]!.loss).toBeCloseTo(found.points[step]!.loss, 4);
  });

  it("stops where the loss explodes", async () => {
    const wild = await model
      .train({ dense: sgd(1), sparse: sgd(1) })
      .findLearningRate(data, { from: 0.1, to: 1e9, steps: 80, engine: "cpu" });
    expect(wild.ended).toBe("diverged");
    expect(wild.points.length).toBeLessThan(80);
    expect(wild.points.every((point) => Number.isFinite(point.loss))).toBe(true);
  });

  it("moves one rate alone where asked to", async () => {
    const sparse = await model.findLearningRate(data, { rates: "sparse", steps: 10, engine: "cpu" });
    expect(sparse.suggested.dense).toBeNull();
    expect(sparse.points).toHaveLength(10);
  });

  it("ends at once when it is aborted, with what there is", async () => {
    const none = await model.findLearningRate(data, { engine: "cpu", signal: AbortSignal.abort() });
    expect([none.ended, none.points.length, none.suggestion]).toEqual(["interrupted", 0, null]);
  });

  it("refuses a range that does not grow", async () => {
    await expect(model.findLearningRate(data, { from: 1, to: 0.1 })).rejects.toThrow(/0 < from < to/);
  });
});
