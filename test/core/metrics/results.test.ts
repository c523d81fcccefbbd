/** Views of evaluations: one metric over training. */
import { describe, expect, it } from "vitest";
import { learningCurves } from "../../../src/core/metrics/learning-curves.js";
import { evaluation } from "../../lab/charts/results.js";

const names = ["feed", "search"];

describe("learning curves", () => {
  it("follow a metric by task and domain over the evaluations", () => {
    const evaluations = [0.2, 1].map((progress, index) => ({
      step: index * 10,
      epoch: index,
      evaluation: evaluation(names, progress),
    }));
    const curves = learningCurves({ evaluations, bestStep: 10 }, "auc");
    expect(curves).toMatchObject({ metric: "auc", domainNames: names, steps: [0, 10], epochs: [0, 1], bestStep: 10 });
    const cvr = evaluations.map((point) => point.evaluation.tasks[1]!);
    expect(curves.tasks[1]).toEqual({
      tower: "cvr",
      label: "buy",
      within: "clk",
      overall: cvr.map(({ overall }) => overall.auc),
      domains: [0, 1].map((domain) => cvr.map(({ domains }) => domains[domain]!.auc)),
    });
  });

  it("of a run that was never evaluated are empty", () => {
    expect(learningCurves({ evaluations: [], bestStep: null }, "auc").tasks).toEqual([]);
  });
});
