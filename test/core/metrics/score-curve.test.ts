import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import { scoreCurve } from "../../../src/core/metrics/score-curve.js";
import { random } from "../../../src/core/util/random.js";

const curveOf = (scores: readonly number[], labels: readonly number[], options = {}) =>
  scoreCurve(Float32Array.from(scores), Float32Array.from(labels), options);

/** The area below the ROC curve's lines. */
function area({ points, positives, rows }: ReturnType<typeof scoreCurve>): number {
  let sum = 0;
  let before = { rows: 0, positives: 0 };
  for (const point of points) {
    const width = point.rows - point.positives - (before.rows - before.positives);
    sum += (width * (point.positives + before.positives)) / 2;
    before = point;
  }
  return sum / (positives * (rows - positives));
}

describe("curves of scores, by hand", () => {
  // Descending: 0.8 (+), 0.5 (+ −, tied), 0.25 (−), 0.125 (+)
  const curve = curveOf([0.5, 0.8, 0.125, 0.5, 0.25], [1, 1, 1, 0, 0]);

  test("count rows with equal scores together", () => {
    expect(curve.points.map(({ rows, positives }) => [rows, positives])).toEqual([
      [1, 1],
      [3, 2],
      [4, 2],
      [5, 3],
    ]);
    expect(curve.points[1]!.threshold).toBe(0.5);
  });

  test("have the average precision of the definition", () => {
    // Recall rises by 1/3 at precision 1, by 1/3 at 2/3, by 1/3 at 3/5.
    expect(curve.averagePrecision!.value).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 3, 12);
  });

  test("have the AUC as area", () => {
    // Pairs: 0.8 beats both; 0.5 ties one and beats one; 0.125 beats none.
    expect(area(curve)).toBeCloseTo((2 + 1.5 + 0) / 6, 12);
  });

  test("have the median of each class", () => {
    expect(curve.positiveMedian).toBe(0.5);
    expect(curve.negativeMedian).toBe(0.25);
  });

  test("of equal scores are one line", () => {
    const constant = curveOf(Array(30).fill(0.1), [...Array(6).fill(1), ...Array(24).fill(0)]);
    expect(constant.points).toEqual([{ threshold: Math.fround(0.1), rows: 30, positives: 6 }]);
    expect(constant.averagePrecision!.value).toBeCloseTo(0.2, 12);
  });

  test("of perfect scores find every positive first", () => {
    const perfect = curveOf([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]);
    expect(perfect.averagePrecision).toMatchObject({ value: 1, high: 1 });
    expect(perfect.averagePrecision!.low).toBeLessThan(0.5);
  });

  test("say why they are missing", () => {
    expect(curveOf([], []).gap).toBe("no rows");
    expect(curveOf([0.5], [0])).toMatchObject({ gap: "no positive rows", positives: 0, positiveMedian: null });
    expect(curveOf([0.5], [1]).gap).toBe("only positive rows");
    expect(curveOf([Number.NaN, 0.5], [1, 0])).toMatchObject({ gap: "a prediction is NaN", positives: 1, points: [] });
  });
});

describe("histograms of scores", () => {
  test("count every row once, also probabilities of 0 and 1", () => {
    const { bins = [] } = curveOf([0, 0.1, 0.2, 0.5, 0.9, 1], [0, 0, 1, 0, 1, 1], { bins: true });
    expect(bins.reduce((sum, { positives }) => sum + positives, 0)).toBe(3);
    expect(bins.reduce((sum, { negatives }) => sum + negatives, 0)).toBe(3);
    for (const { from, to } of bins) expect(to - from).toBeGreaterThan(0);
  });

  test("are a few bins if all scores are equal", () => {
    const { bins = [] } = curveOf([0.5, 0.5], [0, 1], { bins: true });
    expect(bins).toHaveLength(10);
    expect(bins[0]!.from).toBeLessThan(0);
    expect(bins.at(-1)!.to).toBeGreaterThan(0);
  });
});

describe("points that are selected", () => {
  const source = random(3);
  const rows = 200_000;
  const scores = Float32Array.from({ length: rows }, () => 0.02 * Math.exp(source.normal()));
  const labels = Float32Array.from(scores, (score) => (source.uniform() < score ? 1 : 0));
  const curve = scoreCurve(scores, labels);

  test("are few, with exact counts and the exact area", () => {
    expect(curve.points.length).toBeGreaterThan(60);
    expect(curve.points.length).toBeLessThanOrEqual(160);
    expect(curve.points.at(-1)).toMatchObject({ rows, positives: curve.positives });
    for (const { threshold, rows: above, positives } of curve.points.filter((_, place) => place % 20 === 0)) {
      const passed = scores.map((score) => (score >= threshold ? 1 : 0));
      expect(passed.reduce((sum, each) => sum + each, 0)).toBe(above);
      expect(passed.reduce((sum, each, row) => sum + each * labels[row]!, 0)).toBe(positives);
    }
    expect(area(curve)).toBeCloseTo(exactAuc(scores, labels)!, 3);
  });

  test("are all of them if scores are few: any ties, any labels", () => {
    const row = fc.record({ score: fc.integer({ min: 0, max: 4 }), positive: fc.boolean() });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 200 }), (all) => {
        const curved = curveOf(
          all.map(({ score }) => score / 4),
          all.map(({ positive }) => Number(positive)),
        );
        fc.pre(curved.gap === null);
        const expected = exactAuc(
          Float32Array.from(all, ({ score }) => score / 4),
          Float32Array.from(all, ({ positive }) => Number(positive)),
        );
        expect(area(curved)).toBeCloseTo(expected!, 9);
      }),
    );
  });
});
