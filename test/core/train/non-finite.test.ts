/** A loss that is not a finite number: the step is never applied, and the error names what it came from. */
import { afterEach, describe, expect, it } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineName, Weights } from "../../../src/core/engine/engine.js";
import { fit } from "../../../src/core/train/loop/fit.js";
import { random } from "../../../src/core/util/random.js";

const model = pepnet()
  .features(idFeature("user").buckets(40).embedding(4), idFeature("scene").buckets(2).embedding(4), rawFeature("price"))
  .labels("clk")
  .group("domain", ["scene"])
  .group("uia", ["user"])
  .epnet()
  .ppnet({ hidden: [8] })
  .domains("scene", 2)
  .tower("click", (t) => t.label("clk").mlp(8).bce().auc())
  .train({ epochs: 1, batchSize: 64, seed: 5, shuffle: false });

/** 640 rows; the price of row 200, in the fourth batch, is as large as float32 can be. */
function columns(price: number) {
  const source = random(1);
  const rows = 640;
  const draw = (below: number) => Int32Array.from({ length: rows }, () => source.integer(below));
  const prices = Float32Array.from({ length: rows }, () => source.normal());
  prices[200] = price;
  return { user: draw(40), scene: draw(2), clk: draw(2), price: prices };
}
const extreme = columns(3.4e38);

const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.dispose()));
});

async function engineAndRows(name: EngineName, threads = 2) {
  const engine = await createEngine(model.spec, { engine: name, threads });
  engines.push(engine);
  return { engine, rows: await (await dataset(extreme)).encode(model.spec) };
}

const allFinite = (weights: Weights): boolean => [...weights.values()].every(({ data }) => data.every(Number.isFinite));

describe.each<[EngineName, number]>([
  ["compiled", 2],
  ["compiled", 1],
  ["cpu", 1],
])("on %s with %i threads", (name, threads) => {
  it("stops the training, names step, row and feature, and keeps the weights of the step before", async () => {
    const { engine, rows } = await engineAndRows(name, threads);
    await expect(fit(engine, rows, null)).rejects.toThrow(
      /^step 4, row 8 of its 64: the loss is not a finite number[\s\S]*= (NaN|Infinity)\n\s+row 8: logit of click = [^;]*; largest inputs price = 3\.4e\+38/,
    );
    const before = await createEngine(model.spec, { engine: name, threads });
    engines.push(before);
    await fit(before, rows, null, { steps: 3 });
    const [kept, expected] = [await engine.weights(), await before.weights()];
    expect(allFinite(kept)).toBe(true);
    expect(kept).toEqual(expected);
  });

  it("ends steps that are sent together, and the steps after it go on", async () => {
    const { engine, rows } = await engineAndRows(name, threads);
    const batches = Array.from({ length: 10 }, (_, step) => ({
      data: rows as EncodedData,
      rows: Int32Array.from({ length: 64 }, (_, row) => 64 * step + row),
    }));
    const results = await engine.train(batches, 0);
    expect(results.map(({ loss }) => Number.isFinite(loss))).toEqual([true, true, true, false]);
    expect(engine.steps).toBe(4);
    expect(await engine.train(batches.slice(4), 0)).toHaveLength(6);
    expect(engine.steps).toBe(10);
    const { engine: other } = await engineAndRows(name, threads);
    await fit(other, rows, null, { onNonFinite: "skip" });
    expect(await engine.state()).toEqual(await other.state());
  });

  it("is left out where that is asked for, and counted", async () => {
    const { engine, rows } = await engineAndRows(name, threads);
    const { skipped, history } = await fit(engine, rows, null, { onNonFinite: "skip" });
    expect(skipped).toBe(1);
    expect(engine.steps).toBe(10);
    expect(allFinite(await engine.weights())).toBe(true);
    expect(history.points.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(history.points.at(-1)).toMatchObject({ step: 10, rows: 640 });
  });
});

describe("a run", () => {
  it("says how many steps were left out", async () => {
    const run = await model.fit(extreme, { validation: null, quiet: true, onNonFinite: "skip" });
    expect(run.notes).toContain("1 step was skipped because the loss was not a finite number");
  });

  it("ends where nothing else comes any more", async () => {
    const all = { ...extreme, price: extreme.price.map(() => 3e38) };
    const fitted = model.train({ epochs: 9 }).fit(all, { validation: null, quiet: true, onNonFinite: "skip" });
    await expect(fitted).rejects.toThrow(/step 50, row \d+ of its 64: the loss is not a finite number/);
  });
});
