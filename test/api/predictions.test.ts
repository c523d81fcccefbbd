import { describe, expect, it } from "vitest";
import { dataset } from "../../src/api/data/dataset.js";
import { pepnet } from "../../src/api/model/model.js";
import { predictionColumns } from "../../src/api/stream.js";
import { idFeature } from "../../src/core/builder/id-feature.js";

const features = [idFeature("user_id").buckets(9).embedding(4), idFeature("scene").buckets(2).embedding(4)] as const;

describe("prediction columns", () => {
  it("are lists of classes for a softmax task, and the second class alone for one of two", async () => {
    const model = pepnet()
      .features(...features)
      .labels("clk", "stars")
      .tower("ctr", (t) => t.label("clk").mlp(4).softmax(2))
      .tower("stars", (t) => t.label("stars").mlp(4).softmax(3));
    const rows = { user_id: [0, 1, 2, 3], scene: [0, 1, 0, 1], clk: [0, 1, 1, 0], stars: [0, 1, 2, 1] };
    const run = await model.fit(rows, { steps: 2, validation: null });
    const predicted = await run.predict(rows);
    expect(predicted.columns.map((column) => column.name)).toEqual([
      "logits_ctr",
      "probs_ctr",
      "probs1_ctr",
      "logits_stars",
      "probs_stars",
    ]);
    for (const row of await predicted.head(4)) {
      const [zero, one] = row["probs_ctr"] as [number, number];
      expect(zero + one).toBeCloseTo(1, 5);
      expect(row["probs1_ctr"]).toBeCloseTo(one, 6);
      expect(row["probs_stars"]).toHaveLength(3);
    }
    await run.dispose();
  });

  it("say what was counted in the rows, as evaluations do", async () => {
    const model = pepnet()
      .features(...features)
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    const rows = { user_id: [0, 1, 2, 3], scene: [0, 1, 0, 1], clk: [0, 1, 1, 0] };
    const run = await model.fit(rows, { steps: 2, validation: null });
    const others = { ...rows, user_id: [0, 12, 2, 30] };
    const said = 'data, column "user_id": id outside 0 … 8, mapped to row 0 (2 rows)';
    expect((await run.predict(others)).notes).toEqual([`predicted ${said}`]);
    expect((await run.evaluate(others)).notes).toEqual([`evaluated ${said}`]);
    await run.dispose();
  });

  it("carry the domain behind the tower's name, and are `y` for a regression", async () => {
    const model = pepnet()
      .features(...features)
      .labels("watch")
      .domains("scene", 2)
      .tower("watch", (t) => t.label("watch").mlp(4).l2());
    const output = { tower: "watch", logits: Float32Array.of(3), probabilities: Float32Array.of(3) };
    expect(Object.keys(predictionColumns(model.spec, [output], 1))).toEqual(["y_watch_1"]);
    const both = pepnet()
      .labels("watch")
      .tower("watch", (t) => t.label("watch").mlp(4).l2().bce());
    expect(Object.keys(predictionColumns(both.spec, [output]))).toEqual(["y_watch", "logits_watch", "probs_watch"]);
    expect((await dataset(predictionColumns(model.spec, [output]))).rows).toBe(1);
  });
});
