/** Learned embeddings of numbers, from the builder to a config, a saved run and back. */

import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { loadRun } from "../../src/api/model/load-run.js";
import { pepnet } from "../../src/api/model/model.js";
import { adam, sgd } from "../../src/core/builder/optimizers.js";
import { rawFeature } from "../../src/core/builder/raw-feature.js";
import { modelSize } from "../../src/core/nn/plan/size.js";
import { modelStructure } from "../../src/core/nn/plan/structure.js";
import { random } from "../../src/core/util/random.js";

/** The label is 1 in the middle of the range: no linear function of the number ranks it. */
function hills(count: number): Record<string, number>[] {
  const source = random(7);
  return Array.from({ length: count }, () => {
    const x = 4 * source.uniform() - 2;
    return { x, y: source.normal(), clk: source.uniform() < (Math.abs(x) < 0.7 ? 0.9 : 0.1) ? 1 : 0 };
  });
}

const model = (x = rawFeature("x")) =>
  pepnet()
    .features(x, rawFeature("y"))
    .labels("clk")
    .tower("ctr", (t) => t.label("clk").bce())
    .train({ batchSize: 64, seed: 1, epochs: 30, dense: adam(0.02) });

const options = { validation: null, quiet: true, engine: "cpu" } as const;
const aucOf = async (run: Awaited<ReturnType<ReturnType<typeof model>["fit"]>>) =>
  (await run.evaluate(hills(500))).tasks[0]!.overall.auc!;

test("autodis learns what a linear function cannot, and a saved run predicts the same", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-numbers-"));
  const straight = await model().fit(hills(1000), options);
  const mixed = await model(rawFeature("x").autodis(4, { channels: 8, temperature: 0.5 })).fit(hills(1000), options);
  expect(await aucOf(straight)).toBeLessThan(0.65);
  expect(await aucOf(mixed)).toBeGreaterThan(0.8);
  await mixed.save(path.join(folder, "run"));
  const again = await loadRun(path.join(folder, "run"), { engine: "cpu" });
  expect(await aucOf(again as never)).toBe(await aucOf(mixed));
  await rm(folder, { recursive: true });
});

test("a piecewise number learns the same, and a saved run and its config predict the same", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-pieces-"));
  const run = await model(rawFeature("x").piecewise(8, 4)).fit(hills(1000), options);
  expect(await aucOf(run)).toBeGreaterThan(0.8);
  await run.save(path.join(folder, "run"));
  const again = await loadRun(path.join(folder, "run"), { engine: "cpu" });
  expect(await aucOf(again as never)).toBe(await aucOf(run));
  const text = run.model.toConfig();
  expect(text).toMatch(/value_dim: 8[^}]*mlp \{\}/);
  expect(text).toContain('# "x": TorchEasyRec needs its 8 pieces as a list');
  const opened = pepnet.fromConfig(text);
  expect(opened.toConfig()).toBe(text);
  expect(opened.spec.features.map((feature) => feature.kind === "raw" && feature.pieces)).toEqual(
    run.spec.features.map((feature) => feature.kind === "raw" && feature.pieces),
  );
  await rm(folder, { recursive: true });
});

test("a config has the settings, and opens as the same model with the same number of parameters", () => {
  const both = model(rawFeature("x").autodis(4, { channels: 8 })).features(rawFeature("z").dims(3).mlp(2));
  const text = both.toConfig();
  expect(text).toContain("autodis { num_channels: 8 }");
  expect(text).toContain("mlp {}");
  const opened = pepnet.fromConfig(text);
  expect(opened.toConfig()).toBe(text);
  expect(opened.spec.features.map(({ name, kind }) => [name, kind])).toEqual([
    ["x", "raw"],
    ["y", "raw"],
    ["z", "raw"],
  ]);
  // x: 8 · 4 + 8 + 8 · 8, z: 3 · 2; the tower: 7 inputs and a bias.
  expect(modelSize(opened.spec).denseParameters).toBe(118);
  expect(modelStructure(opened.spec).denseParameters).toBe(118);
});

test("patterns of optimizers match the name of the parameter that features share in TorchEasyRec", async () => {
  const still = { pattern: ".*autodis#4#8#0_800000#0_100000.proj_m", optimizer: sgd(1e-12) };
  const trained = model(rawFeature("x").autodis(4, { channels: 8 })).train({
    partOptimizers: [still] as never,
    epochs: 1,
  });
  const [before, after] = await Promise.all(
    [0, 1].map(async (epochs) => {
      const run = await trained.fit(hills(200), { ...options, epochs: epochs + 1 });
      return run.weights();
    }),
  );
  const [fixed, moved] = ["proj_m", "proj_w"].map(
    (array) => [...before!.keys()].find((name) => name.includes(`${array}_x`))!,
  );
  const rounded = (weights: typeof before, name: string) => [...weights!.get(name)!.data].map((v) => v.toFixed(5));
  expect(rounded(after, fixed!)).toEqual(rounded(before, fixed!));
  expect(rounded(after, moved!)).not.toEqual(rounded(before, moved!));
});

test("autodis of several numbers is refused with a fix", () => {
  expect(() => model(rawFeature("x").dims(2).autodis(4)).toConfig()).toThrow(/one number.*\n.*\n.*\n.*\.mlp\(4\)/);
});
