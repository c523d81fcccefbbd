import { describe, expect, it } from "vitest";
import { pepnet } from "../../src/api/model/model.js";
import { idFeature } from "../../src/builder/id-feature.js";
import { cosine } from "../../src/builder/learning-rates.js";
import { adagrad, adam, sgd } from "../../src/builder/optimizers.js";
import { learningRate } from "../../src/engine/core/sparse-optimizer.js";
import type { TrainingSpec } from "../../src/spec/training.js";
import {
  type LearningRatePoint,
  smoothing,
  suggestLearningRate,
  sweepTraining,
} from "../../src/train/learning-rate.js";
import { random } from "../../src/util/random.js";

const training: TrainingSpec = pepnet()
  .features(idFeature("user").buckets(10).embedding(4))
  .train({
    dense: adam(1e-3),
    sparse: adagrad(2e-2),
    denseLearningRate: cosine({ over: 50, warmup: { size: 5 } }),
  }).spec.training;
const range = { from: 1e-4, to: 10, steps: 51, rates: "both" } as const;

describe("the schedule of a sweep", () => {
  it("grows by the same factor a step, from the first rate to the last, the sparse rate in proportion", () => {
    const swept = sweepTraining(training, range);
    const dense = (step: number) => learningRate(swept.denseLearningRate, swept.dense.lr, step, 0);
    expect([dense(0), dense(10), dense(50)].map((rate) => Number(rate.toPrecision(9)))).toEqual([1e-4, 1e-3, 10]);
    if (swept.sparse.kind === "other") throw new Error("no sparse rate");
    expect(learningRate(swept.sparseLearningRate, swept.sparse.lr, 10, 0) / dense(10)).toBeCloseTo(20, 9);
    expect([swept.steps, swept.epochs]).toEqual([51, null]);
  });

  it("moves one rate alone where asked to, and leaves the other's schedule", () => {
    const dense = sweepTraining(training, { ...range, rates: "dense" });
    expect(dense.sparse).toEqual(training.sparse);
    expect(dense.sparseLearningRate).toEqual(training.sparseLearningRate);
    const sparse = sweepTraining(training, { ...range, rates: "sparse" });
    expect(sparse.dense).toEqual(training.dense);
    expect(sparse.denseLearningRate).toEqual(training.denseLearningRate);
    expect(sparse.sparse).toMatchObject({ kind: "adagrad", lr: expect.closeTo(1e-4, 12) });
  });

  it("moves the dense rates of part optimisers with the dense one", () => {
    const part = { pattern: ".*epnet.*", optimizer: sgd(5e-3).toDense(), learningRate: training.denseLearningRate };
    const [moved] = sweepTraining({ ...training, partOptimizers: [part] }, range).partOptimizers;
    expect(moved!.optimizer.lr).toBeCloseTo(5e-4, 12);
    expect(moved!.learningRate.kind).toBe("exponential_decay");
  });

  it("refuses a range that is none and a rate of 0, all at once", () => {
    const frozen = { ...training, dense: adam(0).toDense() };
    const refused = () => sweepTraining(frozen, { from: 1, to: 0.1, steps: 3, rates: "dense" });
    expect(refused).toThrow(/from 1 to 0.1[\s\S]*an integer ≥ 10[\s\S]*rates: "sparse"/);
  });
});

/** Points of a loss as a function of the exponent of the rate, with noise. */
function points(loss: (exponent: number) => number, noise = 0): LearningRatePoint[] {
  const smooth = smoothing();
  const source = random(3);
  return Array.from({ length: 101 }, (_, step) => {
    const exponent = -5 + step / 20;
    const value = loss(exponent) + noise * source.normal();
    return { learningRate: 10 ** exponent, loss: value, smoothedLoss: smooth(value) };
  });
}

describe("the suggestion", () => {
  it("is a tenth of the rate where the smoothed loss is lowest", () => {
    const found = points((exponent) => 0.4 + (exponent + 1.5) ** 2 / 10, 0.003);
    const { suggestion, note } = suggestLearningRate(found, false);
    const lowest = found.reduce((a, b) => (b.smoothedLoss < a.smoothedLoss ? b : a));
    expect(suggestion).toBe(lowest.learningRate / 10);
    expect(Math.log10(suggestion!)).toBeGreaterThan(-2.7);
    expect(Math.log10(suggestion!)).toBeLessThan(-2.1);
    expect(note).toBeNull();
  });

  it.each([
    ["only scatters", () => 0.69, 0.01],
    ["only rises", (exponent: number) => 1 + exponent / 10, 0.001],
    ["stands still", () => 0.69, 0],
  ] as const)("is none where the loss %s", (_, loss, noise) => {
    expect(suggestLearningRate(points(loss, noise), false)).toMatchObject({
      suggestion: null,
      note: expect.stringMatching(/falls by no more than its noise/),
    });
  });

  it("says so where the loss still fell at the last rate, and where there were no steps", () => {
    expect(
      suggestLearningRate(
        points((exponent) => -exponent),
        false,
      ),
    ).toMatchObject({
      suggestion: expect.closeTo(0.1, 9),
      note: expect.stringMatching(/still falling at the last rate/),
    });
    expect(suggestLearningRate([], false)).toMatchObject({ suggestion: null, note: "no steps were run" });
  });
});
