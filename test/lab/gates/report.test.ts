/** The whole report of a trained model, and what is missing. */
import { describe, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { model, rows, train } from "./planted.js";

describe("a report of gates", () => {
  it("is whole, and the same again", async () => {
    const run = await train(1, true, { epochs: 1 });
    const report = await run.gates();
    expect(report.gaps).toEqual([]);
    expect(await run.gates()).toEqual(report);
    await run.dispose();
  });

  it("says what a model lacks, and what a domain of one row lacks", async () => {
    const run = await train(1, true, { epochs: 1 }, model.switches({ epnet: false }));
    const few = { item: [1, 2, 3], mood: [4, 5, 6], scene: [0, 0, 1], clk: [0, 1, 1] };
    const report = await run.gates(few);
    expect(report.gaps.map(({ what, reason }) => `${what}: ${reason}`)).toEqual([
      "EPNet: its gate and fields: the model has no EPNet",
      "domain <b>live</b>: the sampled rows contain one row of it, which has no spread",
    ]);
    const one = await run.gates({ item: [1], mood: [4], scene: [0], clk: [0] });
    expect(one.gaps.map(({ what }) => what)).toContain("domain <b>live</b>");
    await run.dispose();
    const bare = pepnet()
      .features(idFeature("item").buckets(20).embedding(4))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    const plain = await bare.fit(rows(600, 1, false), { steps: 3, quiet: true });
    const nothing = await plain.gates();
    expect(nothing.gates).toEqual([]);
    expect(nothing.gaps.map(({ reason }) => reason)).toEqual(
      ["no EPNet", "no PPNet", "no domains"].map((it) => `the model has ${it}`),
    );
    await plain.dispose();
  });
});
