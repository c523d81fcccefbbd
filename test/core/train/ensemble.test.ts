/** `fit(data, { seeds: 3 })`: one model whose logits are the mean of those of three models, whatever their parts. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { crossNetwork } from "../../../src/core/spec/cross-network.js";
import { random } from "../../../src/core/util/random.js";
import { adam, idFeature, loadModel, loadRun, pepnet, rawFeature } from "../../../src/index.js";

const source = random(6);
const rows = Array.from({ length: 600 }, () => {
  const [shop, user, item, price] = [
    source.integer(3),
    source.integer(40),
    source.integer(30),
    source.normal() * 5 + 20,
  ];
  const odds = (item % 7) - 3 + (shop - 1) * (user % 3) + 0.1 * (price - 20);
  const vector = [source.normal(), source.normal()];
  return {
    shop,
    user,
    item,
    price,
    vector,
    clk: source.uniform() < 1 / (1 + Math.exp(-odds)) ? 1 : 0,
    stars: 3 + odds,
  };
});
const validation = rows.slice(0, 150);
const train = rows.slice(150);

const base = pepnet()
  .features(
    idFeature("shop").buckets(3).embedding(2),
    rawFeature("price").zscore(),
    idFeature("user").vocab().embedding(3),
    idFeature("item").hash(100).embedding(4),
    rawFeature("vector").dims(2),
    rawFeature("price_mlp").expression("context:price").zscore().mlp(4),
    rawFeature("price_pieces").expression("context:price").piecewise(5, 3),
    rawFeature("price_bucket").expression("context:price").quantiles(5).embedding(2),
  )
  .labels("clk", "stars");
const one = base.tower("clk", (t) => t.label("clk").mlp(6, 5).bce().auc());
const domain = base.group("domain", ["shop", "price"]).epnet().domains("shop", 3);
const keys = base.group("uia", ["user", "price"]).ppnet({ hidden: [6, 4], dropout: 0.1 });
const both = domain.group("uia", ["user", "item"]).ppnet({ hidden: [6, 4] });
const models = {
  "an mlp": one,
  "a linear tower": base.tower("clk", (t) => t.label("clk").bce().auc()),
  "EPNet and a tower a domain": domain.tower("clk", (t) => t.label("clk").mlp(6).bce().auc()),
  "EPNet with hidden units": domain.epnet({ hidden: 5 }).tower("clk", (t) => t.label("clk").mlp(6).bce().auc()),
  "PPNet with a linear tower": keys.tower("clk", (t) => t.label("clk").bce().auc()),
  "a cross network": domain
    .group("uia", ["user", "item"])
    .ppnet({ hidden: [6] })
    .layer(crossNetwork({ rank: 3, layers: 2 }))
    .tower("clk", (t) => t.label("clk").mlp(6).bce().auc()),
  "both, two tasks, batch norm and shared towers": both
    .tower("clk", (t) => t.label("clk").mlp(6, { batchNorm: true }).bce().auc())
    .tower("stars", (t) => t.label("stars").mlp(5).l2())
    .switches({ sharedTowers: true }),
  "both, two tasks and a subset of the features": both
    .group("all", ["item", "vector", "price", "shop"])
    .tower("clk", (t) => t.label("clk").mlp(6).bce().auc())
    .tower("stars", (t) => t.label("stars").l2())
    .train({ emaDecay: 0.9 }),
};
const options = { validation, epochs: 1, quiet: true, engine: "cpu" } as const;
const outputs = async (run: { predict(data: unknown): Promise<{ toRows(): Promise<unknown> }> }) =>
  (await (await run.predict(validation)).toRows()) as Readonly<Record<string, number>>[];

describe("the mean of three seeds", () => {
  test.each(Object.entries(models))("has the mean logits: %s", async (_, shape) => {
    const model = shape.train({ dense: adam(0.01), batchSize: 64 });
    const fitted = await model.fitFeatures(train);
    const mean = await outputs(await model.fit(train, { ...options, seed: 4, seeds: 3 }));
    const alone = [];
    for (const seed of [4, 5, 6]) alone.push(await outputs(await fitted.fit(train, { ...options, seed })));
    const names = Object.keys(mean[0]!).filter((name) => /^(logits|y)_/.test(name));
    expect(names).toHaveLength(model.spec.towers.length);
    for (const [row, values] of mean.entries()) {
      for (const name of names) {
        const expected = (alone[0]![row]![name]! + alone[1]![row]![name]! + alone[2]![row]![name]!) / 3;
        expect(values[name]).toBeCloseTo(expected, 4);
      }
    }
    expect(alone[0]![0]![names[0]!]).not.toBeCloseTo(alone[1]![0]![names[0]!]!, 3);
  });

  test("is one run: evaluated, explained, saved, loaded and written as a config", async () => {
    const model = models["both, two tasks and a subset of the features"];
    const run = await model.fit(train, { ...options, seeds: 3 });
    expect(run.notes.at(-1)).toMatch(/^the mean of 3 seeds: validation AUC 0\.\d+; alone 0\.\d+, 0\.\d+, 0\.\d+$/);
    const evaluation = await run.evaluate(validation);
    expect(evaluation.tasks[0]!.overall.auc).toBeCloseTo(run.evaluation!.tasks[0]!.overall.auc!, 6);
    expect(evaluation.tasks[0]!.floor).toBeDefined();
    expect((await run.gates(validation)).rows().length).toBeGreaterThan(0);
    const folder = path.join(mkdtempSync(path.join(tmpdir(), "seeds-")), "run");
    await run.save(folder);
    expect(await outputs(await loadRun(folder, { engine: "cpu" }))).toEqual(await outputs(run));
    expect(run.spec.features.map(({ name }) => name)).toEqual(model.spec.features.map(({ name }) => name));
    expect(run.model.toConfig()).toContain("embedding_dim: 12");
    const explained = await run.explain(null, { row: 0 });
    const [logit] = await outputs(run);
    expect(explained.tasks[0]!.logit).toBeCloseTo(logit!["logits_clk"]!, 4);
  });

  test("serves as one ONNX file", async () => {
    const run = await one.fit(train, { ...options, engine: "compiled", seeds: 2 });
    const folder = path.join(mkdtempSync(path.join(tmpdir(), "seeds-")), "served");
    await run.export(folder);
    const served = await outputs(await loadModel(folder));
    for (const [at, { logits_clk: logit }] of (await outputs(run)).entries()) {
      expect(served[at]!["logits_clk"]).toBeCloseTo(logit!, 4);
    }
  });
});

describe("seeds are refused", () => {
  test.each([[0], [1.5], [21], [Number.NaN]])(
    "that are %s",
    async (seeds) => await expect(one.fit(train, { ...options, seeds })).rejects.toThrow("≥ 1 and ≤ 20"),
  );
  test("with checkpoints", async () =>
    await expect(one.fit(train, { ...options, seeds: 2, checkpoints: "out/none" })).rejects.toThrow("save the run"));
  test("for parts that have no mean, all at once, before anything is trained", async () => {
    const model = base
      .switches({ learnableGamma: true })
      .tower("clk", (t) => t.label("clk").mlp(6, { layerNorm: true, activation: "nn.PReLU" }).bce().auc());
    const error = await model.fit(train, { ...options, seeds: 2 }).catch(String);
    expect(error).toContain("a trained gamma");
    expect(error).toContain("layer norm");
    expect(error).toContain("PReLU");
  });
});
