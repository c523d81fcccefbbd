import { describe, expect, it } from "vitest";
import {
  accuracy,
  boundedNormalizedEntropy,
  calibration,
  classLogLoss,
  logLoss,
  meanAbsoluteError,
  meanSquaredError,
  normalizedEntropy,
  rootMeanSquaredError,
  topKAccuracy,
} from "../../../src/core/metrics/intervals/drawn-cell.js";

const probabilities = Float32Array.of(0.2, 0.8, 0.6, 0.4);
const labels = Float32Array.of(0, 1, 0, 1);

describe("pointwise metrics", () => {
  it("log loss is the mean negative log likelihood", () => {
    const expected = -(Math.log(0.8) + Math.log(0.8) + Math.log(0.4) + Math.log(0.4)) / 4;
    expect(logLoss(probabilities, labels)).toBeCloseTo(expected, 6);
  });

  it("a certain and wrong prediction costs a lot but not infinity", () => {
    expect(logLoss(Float32Array.of(0), Float32Array.of(1))).toBeCloseTo(-Math.log(1e-7), 6);
  });

  it("normalised entropy is 1 for the base rate", () => {
    expect(normalizedEntropy(Float32Array.of(0.5, 0.5), Float32Array.of(0, 1))).toBeCloseTo(1, 6);
  });

  it("TorchEasyRec's normalised entropy has a value where one class is absent", () => {
    expect(boundedNormalizedEntropy(probabilities, labels, 1e-12)).toBeCloseTo(
      normalizedEntropy(probabilities, labels)!,
      12,
    );
    const ones = boundedNormalizedEntropy(Float32Array.of(0.5, 0.25), Float32Array.of(1, 1), 0.01)!;
    expect(ones).toBeCloseTo((Math.log(2) + Math.log(4)) / 2 / -Math.log(0.99), 6);
    expect(boundedNormalizedEntropy(Float32Array.of(0, 0), Float32Array.of(0, 1), 0.1)).toBeCloseTo(
      50 / Math.log(2),
      6,
    );
    expect(boundedNormalizedEntropy(new Float32Array(0), new Float32Array(0), 0.1)).toBeNull();
  });

  it("calibration is predicted over observed", () => {
    expect(calibration(probabilities, labels)).toBeCloseTo(1, 6);
    expect(calibration(Float32Array.of(0.5), Float32Array.of(0))).toBeNull();
  });

  it("accuracy counts threshold hits, and hits among the top classes", () => {
    expect(accuracy(probabilities, labels)).toBe(0.5);
    expect(accuracy(Float32Array.of(0.5, 0.5, 0.5), Float32Array.of(0, 0, 1))).toBeCloseTo(2 / 3, 12); // above, not at
    expect(topKAccuracy(Float32Array.of(0.4, 0.4, 0.2, 0.4, 0.4, 0.2), Float32Array.of(0, 1))).toBe(0.5); // ties
    expect(topKAccuracy(Float32Array.of(0.7, 0.2, 0.1, 0.5, 0.3, 0.2), Float32Array.of(0, 1))).toBe(0.5);
    expect(topKAccuracy(Float32Array.of(0.7, 0.2, 0.1, 0.5, 0.3, 0.2), Float32Array.of(0, 1), 2)).toBe(1);
  });

  it("errors are means over rows, and undefined without rows", () => {
    expect(meanAbsoluteError(Float32Array.of(1, 3), Float32Array.of(2, 1))).toBe(1.5);
    expect(meanSquaredError(Float32Array.of(1, 3), Float32Array.of(2, 1))).toBe(2.5);
    expect(meanSquaredError(new Float32Array(0), new Float32Array(0))).toBeNull();
  });

  it("the root of the mean squared error is in the labels' own unit", () => {
    expect(rootMeanSquaredError(Float32Array.of(1, 5), Float32Array.of(4, 1))).toBeCloseTo(Math.sqrt(12.5), 12);
    expect(rootMeanSquaredError(new Float32Array(0), new Float32Array(0))).toBeNull();
  });

  it("log loss of several classes is over the class that came; with two it is the binary one", () => {
    const three = Float32Array.of(0.7, 0.2, 0.1, 0.5, 0.3, 0.2);
    expect(classLogLoss(three, Float32Array.of(0, 2))).toBeCloseTo(-(Math.log(0.7) + Math.log(0.2)) / 2, 6);
    const two = Float32Array.from([...probabilities].flatMap((p) => [1 - p, p]));
    expect(classLogLoss(two, labels)).toBeCloseTo(logLoss(probabilities, labels)!, 6);
  });
});
