/** Exploding gradients are reported with the step and a fix; their norm is that of all dense gradients. */
import { describe, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { sgd } from "../../../src/core/builder/optimizers.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import { explodedText, GradientWatch } from "../../../src/core/train/loop/faulty-steps.js";
import { random } from "../../../src/core/util/random.js";
import { rowsBetween, toyData, toySpec } from "../engine/toy.js";

describe("the norm of a step's gradients", () => {
  it("is that of all dense gradients, whichever thread trains them, at every tenth step", async () => {
    const data = toyData(64);
    const spec = { ...toySpec, ppnet: { ...toySpec.ppnet, dropout: [] } };
    const batch = { data, rows: rowsBetween(0, 64) };
    const norms: number[] = [];
    for (const threads of [1, 2]) {
      const engine = await createEngine(spec, { threads });
      const { parts } = await engine.gradients(batch);
      const dense = parts.filter(({ module }) => module !== "embeddings").map(({ norm }) => norm);
      const { gradientNorm } = await engine.step(batch, 0);
      expect(gradientNorm).toBeCloseTo(Math.hypot(...dense), 5);
      for (let step = 1; step < 10; step++) expect((await engine.step(batch, 0)).gradientNorm).toBeNull();
      norms.push(gradientNorm as number, (await engine.step(batch, 0)).gradientNorm as number);
      await engine.dispose();
    }
    expect(norms[2]).toBeCloseTo(norms[0] as number, 5);
    expect(norms[1]).not.toBeCloseTo(norms[0] as number, 3);
  });
});

describe("a watch of norms", () => {
  it("tells the first that is far above those before, and how many there were", () => {
    const watch = new GradientWatch();
    const norms = [900, 3, 2, 1, 1.5, 1, 120, 1.2, 240, Number.POSITIVE_INFINITY];
    norms.forEach((norm, index) => void watch.take(10 * index + 1, norm));
    expect(watch.exploded).toEqual({ step: 81, norm: 240, median: 2, times: 2 });
    expect(explodedText(watch.exploded!)).toBe(
      "gradients exploded: their norm was 240 at step 81, and its median before was 2, and at 1 more of the measured steps" +
        "; to avoid it, clip gradients with train({ gradClipping: { max: 1 } }), lower the learning rate or use a warm-up",
    );
  });

  it("is silent where they fall and rise gently", () => {
    const watch = new GradientWatch();
    for (let step = 0; step < 100; step++) watch.take(step, 5 * (1 + Math.sin(step)) + 0.1);
    expect(watch.exploded).toBeNull();
  });
});

describe("a run", () => {
  it("whose gradients explode says so", async () => {
    const source = random(1);
    const rows = 6400;
    const draw = (below: number) => Int32Array.from({ length: rows }, () => source.integer(below));
    const price = Float32Array.from(
      { length: rows },
      (_, row) => source.normal() * (row >= 4480 && row < 4544 ? 1e6 : 1),
    );
    const model = pepnet()
      .features(idFeature("user").buckets(40).embedding(4), rawFeature("price"))
      .labels("clk")
      .tower("click", (t) => t.label("clk").mlp(8).bce())
      .train({ epochs: 1, batchSize: 64, shuffle: false, dense: sgd(1e-6) });
    const options = { validation: null, quiet: true } as const;
    const run = await model.fit({ user: draw(40), clk: draw(2), price }, options);
    expect(run.notes.join("\n")).toMatch(
      /gradients exploded: their norm was \d+ at step 71, and its median before was/,
    );
    const calm = await model.fit(
      { user: draw(40), clk: draw(2), price: price.map((value) => Math.sign(value)) },
      options,
    );
    expect(calm.notes.join("\n")).not.toMatch(/exploded/);
    expect(calm.history.points.at(0)?.gradientNorm).toBeGreaterThan(0);
  });
});
