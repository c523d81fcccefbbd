/** Metrics from the thread that measures are those of this one, bit for bit, and this one is free meanwhile. */
import { describe, expect, test } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { comparePredictions, measurePredictions } from "../../../src/core/train/evaluate.js";
import { calibrating } from "../../../src/core/train/measure/measure.js";
import { measureAside } from "../../../src/core/train/measure/measure-aside.js";
import { withSignal } from "../../../src/core/util/interrupt.js";
import { random } from "../../../src/core/util/random.js";
import { atOnce } from "../../../src/core/util/turns.js";
import { evaluatePredictions } from "./measured.js";

const rows = 20_000;
const source = random(4);
const whole = (most: number) => Int32Array.from({ length: rows }, () => source.integer(most));
const scores = () => Float32Array.from({ length: rows }, () => source.uniform());
const clicks = Float32Array.from({ length: rows }, () => (source.uniform() < 0.2 ? 1 : 0));
const scenes = whole(3);
const data: EncodedData = {
  rows,
  features: new Map([
    ["user", { kind: "ids", ids: whole(50) }],
    ["scene", { kind: "ids", ids: scenes }],
  ]),
  labels: new Map([
    ["clk", clicks],
    ["buy", clicks.map((clicked) => (clicked && source.uniform() < 0.3 ? 1 : 0))],
    ["price", scores()],
  ]),
  sampleWeights: new Map(),
  domains: scenes,
  warnings: [],
};
const { spec } = pepnet()
  .features(idFeature("user").buckets(50).embedding(4), idFeature("scene").buckets(3).embedding(4))
  .labels("clk", "buy", "price")
  .group("domain", ["scene"])
  .epnet()
  .domains("scene", 3)
  .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc().gauc("user"))
  .tower("cvr", (t) => t.label("buy").mlp(4).bce().taskSpace("clk", { in: 1, out: 0 }))
  .tower("price", (t) => t.label("price").mlp(4).l2());
const predictions = spec.towers.map((tower) => {
  const values = scores();
  return { tower: tower.name, probabilities: values, logits: values };
});

describe("many rows", () => {
  test("are measured aside as here", async () => {
    const aside = await measurePredictions(spec, data, predictions);
    expect(aside).toEqual(evaluatePredictions(spec, data, predictions));
  });

  test("two measurements at once do not mix", async () => {
    const turned = [...predictions].reverse();
    const [one, other] = await Promise.all([
      measurePredictions(spec, data, predictions),
      measurePredictions(spec, data, turned),
    ]);
    expect(one).toEqual(evaluatePredictions(spec, data, predictions));
    expect(other).toEqual(evaluatePredictions(spec, data, turned));
  });

  test("leave this thread its turns", async () => {
    let done = false;
    let turns = 0;
    const measured = measurePredictions(spec, data, predictions).then(() => {
      done = true;
    });
    while (!done && turns < 1_000_000) {
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await measured;
    // Units of work on this thread would give one turn each: a task on a set of rows.
    expect(turns).toBeGreaterThan(3 * spec.towers.length * 5);
  });

  test("can be given up, and measured again", async () => {
    const controller = new AbortController();
    const measured = withSignal(controller.signal, () => measurePredictions(spec, data, predictions));
    controller.abort(new Error("not any more"));
    await expect(measured).rejects.toThrow("not any more");
    expect((await measurePredictions(spec, data, predictions)).rows).toBe(rows);
  });
});

test("comparisons and calibration curves are measured aside, too", async () => {
  const turned = predictions.map((own) => ({ ...own, probabilities: own.probabilities.map((p) => 1 - p) }));
  const compared = await comparePredictions(spec, data, predictions, turned, { draws: 20 });
  expect(compared.tasks[0]!.overall.metrics.auc!.first).toBe(
    evaluatePredictions(spec, data, predictions).tasks[0]!.overall.auc,
  );
  expect(compared.tasks[2]!.overall.metrics.meanSquaredError!.verdict).toBe("noise");
  const request = {
    towers: spec.towers,
    domainNames: ["0", "1", "2"],
    columns: data,
    probabilities: predictions.map(({ probabilities }) => probabilities),
    options: {},
    users: null,
  };
  expect(await measureAside("calibration", request)).toEqual(atOnce(calibrating(request)));
});
