/** Views of evaluations: one metric by task and domain, and over training. */
import { describe, expect, it } from "vitest";
import { learningCurves } from "../../src/metrics/learning-curves.js";
import { metricMatrix } from "../../src/metrics/matrix.js";
import type { Evaluation } from "../../src/metrics/types.js";
import { evaluation, metrics } from "../charts/results.js";

const names = ["feed", "search"];

describe("a matrix", () => {
  it("has the totals over all rows and the mean over tasks", () => {
    const found = evaluation(names);
    const { tasks, domains, cells } = metricMatrix(found, "auc");
    expect(tasks).toEqual(["ctr", "cvr (within clk)", "all tasks"]);
    expect(domains).toEqual(["all rows", "feed", "search"]);
    expect(cells[0]![0]!.value).toBe(found.tasks[0]!.overall.auc);
    expect(cells[1]![2]!.value).toBe(found.tasks[1]!.domains[1]!.auc);
    expect(cells[2]![1]!.value).toBeCloseTo((found.tasks[0]!.domains[0]!.auc! + found.tasks[1]!.domains[0]!.auc!) / 2);
    expect(cells[0]![0]).toMatchObject({ low: null, high: null, gap: null });
  });

  it("has the intervals where there are any", () => {
    const found = evaluation(names);
    const auc = { value: 0.7, low: 0.6, high: 0.8 };
    const task = { ...found.tasks[0]!, overall: { ...metrics(0.7), intervals: { auc } } };
    const taskMeans = { overall: { auc: { value: 0.7, low: 0.65, high: 0.75 } }, domains: [{}, {}] };
    const withIntervals: Evaluation = { ...found, tasks: [task, found.tasks[1]!], taskMeans };
    const { cells } = metricMatrix(withIntervals, "auc");
    expect(cells[0]![0]).toMatchObject(auc);
    expect(cells[2]![0]).toMatchObject({ low: 0.65, high: 0.75 });
  });

  it("says why a cell is empty", () => {
    const gaps = [
      { ...metrics(null), rows: 0 },
      { ...metrics(null), logLoss: 0.1, meanSquaredError: 0.1, positives: 0 },
      { ...metrics(null), logLoss: 0.1, meanSquaredError: 0.1, positives: 1000 },
      { ...metrics(Number.NaN) },
    ];
    const task = { ...evaluation([]).tasks[0]!, domains: gaps };
    const found = { rows: 1, domainNames: ["a", "b", "c", "d"], tasks: [task] };
    const of = (name: "auc" | "groupedAuc") =>
      metricMatrix(found, name)
        .cells[0]!.slice(1)
        .map(({ gap }) => gap);
    expect(of("auc")).toEqual(["no rows", "no positive row", "no negative row", "a prediction is NaN"]);
    expect(of("groupedAuc")[1]).toBe("needs a user column");
  });
});

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
