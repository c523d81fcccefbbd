import { describe, expect, it } from "vitest";
import { type CalibrationBins, expectedCalibrationError } from "../../../src/core/metrics/calibration-curve.js";
import { random } from "../../../src/core/util/random.js";

function calibrated(rows: number, most: number) {
  const source = random(4);
  const probabilities = Float32Array.from({ length: rows }, () => source.uniform() * most);
  const labels = Float32Array.from(probabilities, (p) => (source.uniform() < p ? 1 : 0));
  return { probabilities, labels };
}

describe("expected calibration error", () => {
  it("is, by width, the row-weighted distance of mean probability and rate in each bin", () => {
    const probabilities = Float32Array.of(0.1, 0.2, 0.9, 1);
    const labels = Float32Array.of(0, 1, 1, 0);
    const expected = (2 / 4) * Math.abs(0.15 - 0.5) + (2 / 4) * Math.abs(0.95 - 0.5);
    expect(expectedCalibrationError(probabilities, labels, { bins: 2, by: "width" })).toBeCloseTo(expected, 6);
  });

  it("is, by rows, over bins of as many rows each in the order of their probabilities", () => {
    const probabilities = Float32Array.of(0.04, 0.01, 0.03, 0.02);
    const labels = Float32Array.of(1, 0, 1, 0);
    const expected = (2 / 4) * 0.015 + (2 / 4) * (1 - 0.035);
    expect(expectedCalibrationError(probabilities, labels, { bins: 2 })).toBeCloseTo(expected, 6);
  });

  it("keeps rows of one probability in one bin: the constant base rate is calibrated", () => {
    const labels = Float32Array.from({ length: 1000 }, (_, row) => (row % 4 === 0 ? 1 : 0));
    const probabilities = new Float32Array(1000).fill(0.25);
    expect(expectedCalibrationError(probabilities, labels)).toBe(0);
  });

  it("sees, by rows, what one wide bin hides where positives are rare", () => {
    const { probabilities, labels } = calibrated(20_000, 0.05);
    const reversed = probabilities.map((p) => 0.05 - p);
    expect(expectedCalibrationError(reversed, labels, { by: "width" })).toBeLessThan(0.002);
    expect(expectedCalibrationError(reversed, labels)).toBeGreaterThan(0.02);
    expect(expectedCalibrationError(probabilities, labels)).toBeLessThan(0.005);
  });

  it.each<CalibrationBins>([{ by: "rows" }, { by: "width" }])("does not depend on the order of rows (%o)", (bins) => {
    const { probabilities, labels } = calibrated(500, 1);
    const rounded = probabilities.map((p) => Math.round(p * 8) / 8);
    const value = expectedCalibrationError(rounded, labels, bins)!;
    expect(expectedCalibrationError(rounded.slice().reverse(), labels.slice().reverse(), bins)).toBeCloseTo(value, 12);
  });

  it("is not defined without rows, and NaN where a probability is NaN", () => {
    expect(expectedCalibrationError(new Float32Array(0), new Float32Array(0))).toBeNull();
    for (const by of ["rows", "width"] as const) {
      expect(expectedCalibrationError(Float32Array.of(0.5, Number.NaN), Float32Array.of(0, 1), { by })).toBeNaN();
    }
  });
});
