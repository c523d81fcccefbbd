/** What an estimate counts and says; how near it is to what training takes, `npm run bench -- estimate` measures. */
import { beforeAll, describe, expect, it } from "vitest";
import { pepnet } from "../../src/api/model/model.js";
import { type EstimateParts, EstimateResult } from "../../src/api/training/estimate.js";
import { comboFeature } from "../../src/core/builder/combo-feature.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { rawFeature } from "../../src/core/builder/raw-feature.js";
import { modelSize } from "../../src/core/nn/plan/size.js";
import { everyFeature, rowsOfEveryKind } from "../core/serve/models.js";

const seconds = { value: 10, low: 8, high: 12 };
const parts: EstimateParts = {
  rows: 1000,
  epochs: 1,
  steps: 10,
  sample: { rows: 100, steps: 8, madeUp: true, wholeTables: true },
  step: seconds,
  epoch: seconds,
  start: 1,
  encode: null,
  total: seconds,
  memory: { bytes: 1e9, data: 1e6, available: 4e9 },
  study: { parallel: 2, together: 9, most: 9, bytes: 2e9 },
  tables: [],
  items: [
    { what: "table user_emb", bytes: 5e8, arithmetic: "" },
    { what: "dense parameters", bytes: 1e8, arithmetic: "" },
    { what: "inputs of a batch", bytes: 7e8, arithmetic: "" },
  ],
};

describe("the verdict", () => {
  it.each([
    ["fits", {}],
    ["slow", { total: { value: 2 * 3600, low: 1, high: 2 } }],
    ["move", { total: { value: 30 * 3600, low: 1, high: 2 } }],
    ["move", { memory: { bytes: 3.9e9, data: 0, available: 4e9 } }],
  ] as const)("%s", (verdict, change) => {
    const result = new EstimateResult({ ...parts, ...change });
    expect(result.verdict).toBe(verdict);
    expect(result.advice).toMatch(
      verdict === "fits" ? /^fits: / : verdict === "slow" ? /^fits slowly: .*toConfig/ : /^move: .*600 MB.*toConfig/,
    );
  });
});

describe("an estimate", () => {
  let fitted: typeof everyFeature;
  let first: EstimateResult;
  beforeAll(async () => {
    fitted = await everyFeature.fitFeatures(rowsOfEveryKind(600, 1));
    first = await fitted.estimate(null, { rows: 64_000, seconds: 0.2 });
  });

  it("on made-up rows fits any model: every kind of feature, label and domain", () => {
    expect(first.sample).toMatchObject({ rows: 64 * 64, madeUp: true, wholeTables: true });
    expect(first.encode).toBeNull();
    expect(first.steps).toBe(2000);
    expect(first.epoch.value).toBeCloseTo(1000 * first.step.value, 8);
    expect(first.total.value).toBeCloseTo(2 * first.epoch.value + first.start, 8);
    expect(first.step.low).toBeLessThan(0.91 * first.step.value);
    expect(first.step.high).toBeGreaterThan(1.09 * first.step.value);
  });

  it("lists the tables and parameters that a cluster would hold", () => {
    const { tables, denseParameters } = modelSize(fitted.spec);
    expect(first.tables).toEqual(tables);
    // Weights and Adagrad's squares; weights, gradients, averages and Adam's two moments.
    const bytes = tables.reduce((sum, { parameters }) => sum + 8 * (parameters as number), 0) + 20 * denseParameters;
    expect(first.clusterBytes).toBe(bytes);
  });

  it("names the memory of a study, whose variants train together in groups", async () => {
    const items = first.items.reduce((sum, { bytes }) => sum + bytes, 0);
    const found = await fitted.estimate(null, { rows: 640, seconds: 0.1, parallel: 3 });
    const { together } = found.study;
    expect(together).toBe(Math.floor(2500 / everyFeature.spec.training.batchSize!));
    expect(found.study).toEqual({ parallel: 3, together, most: together, bytes: expect.any(Number) });
    expect(found.study.bytes - found.memory.bytes).toBe((3 * together - 1) * items);
    expect((await found.bundle())["text/plain"]).toContain(
      `3 at once, each with ${together} of the ${together} variants that could train together`,
    );
    const apart = await fitted.estimate(null, { rows: 640, seconds: 0.1, parallel: 1, threads: 2 });
    expect(apart.study).toEqual({ parallel: 1, together: 1, most: 1, bytes: apart.memory.bytes });
    expect((await apart.bundle())["text/plain"]).toContain("1 at once: each run trains alone");
  });

  it("on data counts encoding, and rows of the data where none are given", async () => {
    const data = rowsOfEveryKind(300, 1);
    const found = await everyFeature.estimate(data, { epochs: 3, seconds: 0.1 });
    expect(found).toMatchObject({ rowCount: 300, epochs: 3, steps: 15, sample: { rows: 300, madeUp: false } });
    expect(found.encode).toBeGreaterThan(0);
    expect(found.total.value).toBeCloseTo(3 * found.epoch.value + found.start + (found.encode as number), 8);
  });

  it("shows itself with its arithmetic", async () => {
    const text = (await first.bundle())["text/plain"] as string;
    expect(text).toMatch(/^fits: about/);
    expect(text).toContain("generated rows");
    expect(text).toMatch(/table cross_emb .*100 rows × 4 × 4 bytes × 2 \(weights, adagrad\)/);
  });

  it("of a model that no machine holds measures smaller tables, and says to move", async () => {
    const huge = pepnet()
      .features(
        idFeature("user").hash(2_000_000_000).embedding(128),
        comboFeature("pair", ["a", "b"]).hash(1_000_000).embedding(4),
        rawFeature("price"),
      )
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(8).bce())
      .train({ batchSize: 64 });
    const found = await huge.estimate(null, { rows: 1_000_000, seconds: 0.1 });
    expect(found.sample.wholeTables).toBe(false);
    expect(found.verdict).toBe("move");
    expect(found.memory.bytes).toBeGreaterThan(2e9 * 128 * 8);
    expect(found.advice).toMatch(/^move: it needs .*B of .*toConfig/);
    expect(found.study).toMatchObject({ parallel: 1, together: 1, most: 39 });
    const text = (await found.bundle())["text/plain"];
    expect(text).toContain("1 at once, each with 1 of the 39 variants that could train together");
  });

  it("asks for the number of rows", async () => {
    await expect(everyFeature.estimate()).rejects.toThrow(/estimate\.rows: the number of training rows/);
    await expect(everyFeature.estimate(null, { rows: 10, seconds: 0 })).rejects.toThrow(
      /estimate\.seconds[\s\S]*received: 0/,
    );
    await expect(everyFeature.estimate(null, { rows: 10, parallel: 1.5 })).rejects.toThrow(
      /estimate\.parallel[\s\S]*received: 1\.5[\s\S]*an integer ≥ 1/,
    );
    await expect(everyFeature.estimate(null, { rows: 0.5 })).rejects.toThrow(/received: 0\.5/);
  });
});
