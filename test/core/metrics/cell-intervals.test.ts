/** Whether intervals hold what they say: how often they contain the truth. */
import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { coverage, intervals, valuesOf } from "./interval-coverage.js";
import { calibratedRows, everyRow } from "./samples.js";

describe("nominal 95% intervals", () => {
  it("contain the truth in at least 92% of simulated cases", () => {
    const large = calibratedRows(400_000, -1.5, random(1));
    const truth = { ...valuesOf(large.probabilities, large.labels), expectedCalibrationError: 0 };
    const found = coverage(truth, (source) => ({ ...calibratedRows(400, -1.5, source), units: everyRow(400) }));
    expect(Object.keys(found)).toHaveLength(5);
    for (const [name, share] of Object.entries(found)) expect(share, name).toBeGreaterThanOrEqual(0.92);
  });

  it("of the calibration error begin at 0 where it is no more than noise, and above it where it is more", () => {
    const { probabilities, labels } = calibratedRows(3000, -1, random(3));
    const calibrated = intervals(probabilities, labels, everyRow(3000), 1).expectedCalibrationError!;
    expect(calibrated.low).toBe(0);
    expect(calibrated.high).toBeGreaterThanOrEqual(calibrated.value!);
    const doubled = probabilities.map((p) => Math.min(1, p * 1.5));
    const off = intervals(doubled, labels, everyRow(3000), 1).expectedCalibrationError!;
    expect(off.low).toBeGreaterThan(0.05);
    expect(off.low).toBeLessThan(off.value!);
  });
});
