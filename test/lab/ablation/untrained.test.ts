/** Studies of a model that has learned nothing: no setting can be judged, and the advice of a single fit is there. */
import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { idFeature, pepnet, rawFeature } from "../../../src/index.js";

const source = random(3);
const log = Array.from({ length: 6_000 }, () => {
  const [scene, user, x] = [source.integer(3), source.integer(300), source.normal()];
  const rate = 1 / (1 + Math.exp(1 - 1.5 * x * (scene - 1) - Math.sin(user)));
  return { scene, user, x, clk: source.uniform() < rate ? 1 : 0 };
});
/** The same rows with labels that no feature tells of. */
const noise = log.map((row) => ({ ...row, clk: source.integer(3) === 0 ? 1 : 0 }));
const [train, validation] = [log.slice(0, 4_000), log.slice(4_000)];
const model = pepnet()
  .features(idFeature("user").buckets(300).embedding(8), idFeature("scene").buckets(3).embedding(8), rawFeature("x"))
  .labels("clk")
  .group("domain", ["scene"])
  .group("uia", ["user"])
  .epnet()
  .ppnet({ hidden: [16] })
  .domains("scene", ["a", "b", "c"])
  .tower("ctr", (t) => t.label("clk").mlp(8).bce());
const options = { variants: { "epnet.gamma": [4] }, validation, seeds: 3, draws: 100, quiet: true } as const;

describe("a study whose model learned nothing in 16 steps", () => {
  it("judges no setting, and has the advice of a fit", async () => {
    const short = model.train({ batchSize: 256, epochs: 1 });
    const [train, validation] = [noise.slice(0, 4_000), noise.slice(4_000)];
    const study = await short.ablate(train, { ...options, validation });
    const { modelAuc } = study.tasks[0]!;
    expect(modelAuc!.low).toBeLessThan(0.5);
    const [bySeed] = study.variants.map(({ tasks }) => tasks[0]!.overall.bySeed);
    expect(modelAuc!.value).toBeCloseTo(
      bySeed!.reduce<number>((sum, auc) => sum + auc! / 3, 0),
      12,
    );
    expect(await study.conclusions()).toEqual([
      `Nothing can be told of settings in ctr AUC: the model itself ranks these rows no better than chance (AUC ${modelAuc!.value!.toFixed(4)}, 95% interval ${modelAuc!.low.toFixed(4)} to ${modelAuc!.high.toFixed(4)}, over 3 seeds). Train it first.`,
    ]);
    const fit = await short.fit(train, { validation, quiet: true });
    const steps = fit.notes.find((note) => note.startsWith("training: only 16 steps"));
    expect(steps).toBeDefined();
    const rates = fit.notes.find((note) => note.includes("no better than each domain's label rate"));
    expect(rates).toBeDefined();
    expect(study.notes).toContain(`the model, in 3 of 3 runs: ${steps}`);
    expect(study.notes).toContain(`the model, in 3 of 3 runs: ${rates}`);
  });

  it("still names a variant that learns", async () => {
    const short = model.train({ batchSize: 1024, epochs: 1 });
    const learning = { name: "more steps", change: () => model.train({ batchSize: 64, epochs: 4 }) };
    const study = await short.ablate(train, { ...options, variants: [learning] });
    expect((await study.conclusions()).some((text) => text.startsWith("more steps is better in ctr AUC by "))).toBe(
      true,
    );
  });
});

it("a study whose model learned judges settings", async () => {
  const study = await model.train({ batchSize: 64, epochs: 4 }).ablate(train, options);
  expect(study.tasks[0]!.modelAuc!.low).toBeGreaterThan(0.5);
  expect((await study.conclusions()).join()).not.toContain("Nothing can be told");
  expect(study.notes.filter((note) => note.includes("fewer than 100 steps"))).toEqual([]);
});
