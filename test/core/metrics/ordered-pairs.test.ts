/** Shares of ordered pairs, against all pairs counted one by one. */
import { describe, expect, it } from "vitest";
import { multiclassAuc, thresholdAuc } from "../../../src/core/metrics/auc.js";
import { groupedXauc, xauc } from "../../../src/core/metrics/ordered-pairs.js";
import { random } from "../../../src/core/util/random.js";

function slowXauc(predictions: readonly number[], labels: readonly number[]): number {
  let [right, pairs] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    for (let j = 0; j < i; j++) {
      pairs++;
      if ((predictions[i]! - predictions[j]!) * (labels[i]! - labels[j]!) > 0) right++;
    }
  }
  return right / pairs;
}

describe("xauc", () => {
  it.each([2, 3, 50, 400])("is the share of all pairs of %i rows, with ties as wrong", (rows) => {
    const source = random(rows);
    const draw = () => Array.from({ length: rows }, () => source.integer(Math.ceil(rows / 3)) - 5);
    const [predictions, labels] = [draw(), draw()];
    expect(xauc(Float32Array.from(predictions), Float32Array.from(labels))).toBeCloseTo(
      slowXauc(predictions, labels),
      12,
    );
  });

  it("has no value of one row, and none of a NaN", () => {
    expect(xauc(Float32Array.of(1), Float32Array.of(1))).toBe(null);
    expect(xauc(Float32Array.of(1, Number.NaN), Float32Array.of(1, 2))).toBe(Number.NaN);
  });

  it("of groups weighs them by their rows, and leaves out groups of one", () => {
    const predictions = Float32Array.of(1, 2, 9, 3, 2, 1);
    const labels = Float32Array.of(1, 2, 0, 1, 2, 3);
    const groups = [7, 7, 8, 9, 9, 9];
    expect(groupedXauc(predictions, labels, groups)).toBeCloseTo((2 * 1 + 3 * 0) / 5, 12);
    expect(groupedXauc(predictions, labels, groups, false)).toBeCloseTo(1 / 2, 12);
    expect(groupedXauc(predictions, labels, [1, 2, 3, 4, 5, 6])).toBe(null);
  });
});

describe("multi-class AUC", () => {
  const probabilities = Float32Array.of(0.7, 0.2, 0.1, 0.3, 0.4, 0.3, 0.2, 0.5, 0.3, 0.4, 0.5, 0.1);
  const labels = Float32Array.of(0, 1, 1, 0);
  const own = (index: number): number =>
    thresholdAuc(
      labels.map((_, row) => probabilities[row * 3 + index]!),
      labels.map((label) => (label === index ? 1 : 0)),
    ) ?? 0;

  it("is the mean over classes, 0 for a class without rows, or weighted by rows", () => {
    expect(multiclassAuc(probabilities, labels)).toBeCloseTo((own(0) + own(1)) / 3, 12);
    expect(multiclassAuc(probabilities, labels, { average: "weighted" })).toBeCloseTo(
      (own(0) * 2 + own(1) * 2) / 4,
      12,
    );
  });
});
