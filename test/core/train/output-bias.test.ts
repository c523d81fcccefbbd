/** `train({ outputBias: "rate" })`: outputs start at the label's rate by domain; everything else starts as before. */
import { expect, test } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { adam, idFeature, pepnet, sgd } from "../../../src/index.js";

const source = random(2);
const rows = Array.from({ length: 4000 }, (_, at) => {
  const shop = at % 2;
  return { shop, item: source.integer(50), rare: source.uniform() < (shop === 0 ? 0.01 : 0.2) ? 1 : 0, price: 40 };
});
const model = pepnet()
  .features(idFeature("shop").buckets(2).embedding(4), idFeature("item").buckets(50).embedding(4))
  .labels("rare", "price")
  .group("domain", ["shop"])
  .epnet()
  .domains("shop", 2)
  .tower("rare", (t) => t.label("rare").mlp(8).bce().auc())
  .tower("spend", (t) => t.label("price").mlp(8).l2())
  .train({ batchSize: 4000, dense: adam(1e-9), sparse: sgd(1e-9), steps: 1 });
const rate = model.train({ outputBias: "rate" });
const options = { validation: null, quiet: true };

test("the first loss is the entropy of the labels in their domains", async () => {
  const { history } = await rate.fit(rows, options);
  const entropy = [0, 1].map((shop) => {
    const labels = rows.filter((row) => row.shop === shop).map((row) => row.rare);
    const mean = labels.reduce<number>((sum, label) => sum + label, 0) / labels.length;
    return -mean * Math.log(mean) - (1 - mean) * Math.log(1 - mean);
  });
  const expected = (entropy[0]! + entropy[1]!) / 2;
  const started = async (fitted: typeof history) => fitted.points[0]!.taskLosses["binary_cross_entropy_rare"]!;
  expect(await started(history)).toBeCloseTo(expected, 1);
  const { history: usual } = await model.fit(rows, options);
  expect(await started(usual)).toBeGreaterThan(2 * expected);
});

test("only the biases of outputs differ from TorchEasyRec's start", async () => {
  const [first, second] = [await model.fit(rows, options), await rate.fit(rows, options)];
  const [before, after] = [await first.weights(), await second.weights()];
  for (const [name, { data }] of before) {
    const isOutput = /_task_tower\.\d\.linear\.bias$/.test(name);
    const same = data.every((value, at) => Math.abs(value - after.get(name)!.data[at]!) < 1e-6);
    expect([name, same]).toEqual([name, !isOutput]);
  }
  expect(after.get("model._task_tower.3.linear.bias")!.data[0]).toBeCloseTo(40, 3);
});

test("weights that a run starts from keep their biases", async () => {
  const first = await model.fit(rows, options);
  const second = await rate.fit(rows, { ...options, weights: await first.weights() });
  const name = "model._task_tower.0.linear.bias";
  expect((await second.weights()).get(name)!.data[0]).toBeCloseTo((await first.weights()).get(name)!.data[0]!, 5);
});

test("a config notes it, and models without it stay as they were", () => {
  expect("outputBias" in model.spec.training).toBe(false);
  expect(rate.toConfig()).toContain('"outputBias":"rate"');
  expect(pepnet.fromConfig(rate.toConfig()).spec.training.outputBias).toBe("rate");
  expect(rate.train({ outputBias: "random" }).spec).toEqual(model.spec);
  expect(() => rate.train({ outputBias: "mean" as never })).toThrow('"rate" or "random"');
  expect(() => pepnet.fromConfig(rate.toConfig().replace('"rate"', '"mean"'))).toThrow("outputBias");
});
