import { describe, expect, it } from "vitest";
import { calibrationCurve } from "../../../src/core/metrics/calibration-curve.js";
import { random } from "../../../src/core/util/random.js";
import { calibratedRows, everyRow } from "./samples.js";

describe("a calibration curve", () => {
  it("has bins of as many rows each, with mean prediction and observed rate", () => {
    const probabilities = Float32Array.of(0.5, 0.125, 0.75, 0.25);
    const labels = Float32Array.of(1, 0, 1, 1);
    const { bins, gap } = calibrationCurve(probabilities, labels, everyRow(4), { bins: 2 });
    expect(gap).toBeNull();
    expect(bins.map(({ low, high, ...bin }) => bin)).toEqual([
      { rows: 2, from: 0.125, to: 0.25, predicted: 0.1875, observed: 0.5 },
      { rows: 2, from: 0.5, to: 0.75, predicted: 0.625, observed: 1 },
    ]);
  });

  it("has Wilson's intervals of the observed rate", () => {
    const at = (positives: number) => {
      const labels = Float32Array.from({ length: 10 }, (_, row) => (row < positives ? 1 : 0));
      const [bin] = calibrationCurve(new Float32Array(10).fill(0.5), labels, everyRow(10)).bins;
      return [bin!.low, bin!.high].map((end) => Number(end.toFixed(4)));
    };
    expect(at(5)).toEqual([0.2366, 0.7634]);
    expect(at(0)).toEqual([0, 0.2775]);
    expect(at(10)).toEqual([0.7225, 1]);
  });

  it("of a calibrated model lies on the diagonal within its intervals", () => {
    const { probabilities, labels } = calibratedRows(20_000, -2, random(7));
    const { bins } = calibrationCurve(probabilities, labels, everyRow(20_000), { bins: 20 });
    expect(bins).toHaveLength(20);
    const held = bins.filter(({ predicted, low, high }) => low <= predicted && predicted <= high).length;
    expect(held).toBeGreaterThanOrEqual(17);
  });

  it("keeps equal predictions together, and says where there is none", () => {
    const constant = new Float32Array(50).fill(0.25);
    expect(calibrationCurve(constant, new Float32Array(50), everyRow(50)).bins).toHaveLength(1);
    expect(calibrationCurve(constant, constant, new Int32Array(0))).toEqual({ rows: 0, bins: [], gap: "no rows" });
    const broken = constant.map((p, row) => (row === 4 ? Number.NaN : p));
    expect(calibrationCurve(broken, constant, everyRow(50)).gap).toBe("a prediction is NaN");
  });
});
