import { describe, expect, it } from "vitest";
import { exactAuc, groupedAuc, thresholdAuc } from "../../../src/core/metrics/auc.js";
import { random } from "../../../src/core/util/random.js";

/** The definition: over all pairs of a positive and a negative row. */
function pairwiseAuc(scores: Float32Array, labels: Float32Array): number {
  let wins = 0;
  let pairs = 0;
  scores.forEach((positive, i) => {
    if (labels[i] === 0) return;
    scores.forEach((negative, j) => {
      if (labels[j] !== 0) return;
      pairs++;
      wins += positive > negative ? 1 : positive === negative ? 0.5 : 0;
    });
  });
  return wins / pairs;
}

function sample(rows: number, seed: number, levels: number) {
  const source = random(seed);
  const scores = Float32Array.from({ length: rows }, () => Math.round(source.normal() * levels) / levels);
  const labels = Float32Array.from(scores, (score) => (source.uniform() < 1 / (1 + Math.exp(-score)) ? 1 : 0));
  return { scores, labels };
}

describe("exact AUC", () => {
  it.each([1, 3, 1000])(
    "is the share of pairs in the right order, ties counting half (scores rounded to 1/%i)",
    (levels) => {
      for (let seed = 0; seed < 20; seed++) {
        const { scores, labels } = sample(120, seed, levels);
        expect(exactAuc(scores, labels)).toBeCloseTo(pairwiseAuc(scores, labels), 12);
      }
    },
  );

  it("counts −0 and 0 as one score, and orders negative scores", () => {
    expect(exactAuc(Float32Array.of(-0, 0), Float32Array.of(1, 0))).toBe(0.5);
    expect(exactAuc(Float32Array.of(-2, -1), Float32Array.of(0, 1))).toBe(1);
    expect(exactAuc([0.1, 0.8, 0.7], [0, 1, 1])).toBe(1);
  });

  it("is NaN where a score is NaN, whose rank nobody knows", () => {
    expect(exactAuc(Float32Array.of(0.1, Number.NaN), Float32Array.of(0, 1))).toBeNaN();
    expect(groupedAuc(Float32Array.of(0.1, Number.NaN), Float32Array.of(0, 1), [1, 1])).toBeNaN();
  });

  it("leaves scores and labels as they were, and takes part of an array", () => {
    const scores = Float32Array.of(9, 0.3, 0.1, 0.2, -9);
    expect(exactAuc(scores.subarray(1, 4), Float32Array.of(1, 1, 0))).toBe(0.5);
    expect(scores).toEqual(Float32Array.of(9, 0.3, 0.1, 0.2, -9));
  });

  it("is not defined with one class only, or no rows", () => {
    expect(exactAuc(Float32Array.of(0.1, 0.9), Float32Array.of(1, 1))).toBeNull();
    expect(exactAuc(new Float32Array(0), new Float32Array(0))).toBeNull();
  });
});

describe("AUC by thresholds", () => {
  it("is the trapezoid over the ROC points at each threshold", () => {
    const { scores, labels } = sample(300, 5, 1000);
    const probabilities = scores.map((score) => 1 / (1 + Math.exp(-score)));
    const points = Array.from({ length: 11 }, (_, i) => Math.fround(i / 10)).map((threshold) => {
      let tp = 0;
      let fp = 0;
      probabilities.forEach((p, row) => {
        if (p >= threshold) labels[row] ? tp++ : fp++;
      });
      return { tp, fp };
    });
    let area = 0;
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1]!, points[i]!];
      area += ((a.fp - b.fp) * (a.tp + b.tp)) / 2;
    }
    expect(thresholdAuc(probabilities, labels, 11)).toBeCloseTo(area / (points[0]!.tp * points[0]!.fp), 12);
  });

  it("comes near the exact value with many thresholds", () => {
    const { scores, labels } = sample(5000, 3, 1e6);
    const probabilities = scores.map((score) => 1 / (1 + Math.exp(-score)));
    expect(thresholdAuc(probabilities, labels, 5000)).toBeCloseTo(exactAuc(probabilities, labels)!, 4);
  });
});

describe("grouped AUC", () => {
  it("is the unweighted mean over groups that have both classes", () => {
    const scores = Float32Array.of(0.1, 0.9, 0.8, 0.2, 0.5, 0.6);
    const labels = Float32Array.of(0, 1, 0, 1, 1, 1);
    const groups = Float64Array.of(1, 1, 2, 2, 3, 3);
    expect(groupedAuc(scores, labels, groups)).toBe(0.5);
  });

  it("equals the exact AUC of each group's rows, wherever they lie", () => {
    const { scores, labels } = sample(600, 11, 4);
    const source = random(12);
    const groups = Float64Array.from(scores, () => Math.floor(source.uniform() * 40) - 3.5);
    const aucs = [...new Set(groups)].map((group) => {
      const rows = [...groups.keys()].filter((row) => groups[row] === group);
      return exactAuc(
        Float32Array.from(rows, (row) => scores[row]!),
        Float32Array.from(rows, (row) => labels[row]!),
      );
    });
    const known = aucs.filter((auc) => auc !== null);
    expect(known.length).toBeGreaterThan(30);
    expect(groupedAuc(scores, labels, groups)).toBeCloseTo(known.reduce((a, b) => a + b) / known.length, 12);
  });

  it("is not defined where no group has both classes", () => {
    expect(groupedAuc(Float32Array.of(0.1, 0.9), Float32Array.of(0, 1), [1, 2])).toBeNull();
  });
});
