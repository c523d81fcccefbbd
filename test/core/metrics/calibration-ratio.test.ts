import { describe, expect, it } from "vitest";
import { type CalibrationCurve, withRatios } from "../../../src/core/metrics/calibration-curve.js";
import { random } from "../../../src/core/util/random.js";

const bin = (rows: number, predicted: number, observed: number): CalibrationCurve => ({
  rows,
  gap: null,
  bins: [{ rows, from: predicted, to: predicted, predicted, observed, low: observed, high: observed }],
});
const task = (overall: CalibrationCurve, domains: readonly CalibrationCurve[]) => ({
  tower: "ctr",
  label: "clk",
  within: null,
  overall,
  domains,
});

describe("the ratio of predicted to observed rates", () => {
  it("has Wilson's interval, at 95% for a single curve", () => {
    const [only] = withRatios([task(bin(100, 0.2, 0.1), [])], 0.95);
    // Wilson's interval of 10 in 100 is 0.0552 to 0.1744.
    const { value, low, high, isBeyondNoise } = only!.overall.ratio!;
    expect(value).toBeCloseTo(2, 12);
    expect(low).toBeCloseTo(0.2 / 0.1744, 2);
    expect(high).toBeCloseTo(0.2 / 0.0552, 1);
    expect(isBeyondNoise).toBe(true);
  });

  it("has a wider interval among more curves, and a single domain is no further curve", () => {
    const curve = bin(1000, 0.12, 0.1);
    const width = (domains: number): number => {
      const [first] = withRatios([task(curve, Array(domains).fill(curve))], 0.95);
      return first!.overall.ratio!.high! - first!.overall.ratio!.low!;
    };
    expect(width(1)).toBe(width(0));
    expect(width(3)).toBeGreaterThan(width(1));
    expect(width(50)).toBeGreaterThan(width(3));
  });

  it("has no upper end without positive rows, and is missing where a curve is", () => {
    const [first] = withRatios([task(bin(100, 0.2, 0), [bin(9, 0.1, 0), { rows: 0, bins: [], gap: "no rows" }])], 0.95);
    expect(first!.overall.ratio).toMatchObject({ value: null, high: null, isBeyondNoise: true });
    expect(first!.domains[1]!.ratio).toBeUndefined();
  });

  it("of twenty calibrated domains is beyond noise in at most 5% of reports", () => {
    const source = random(9);
    const reports = 300;
    let wrong = 0;
    for (let report = 0; report < reports; report++) {
      const curves = Array.from({ length: 20 }, () => {
        const positives = Array.from({ length: 400 }, () => (source.uniform() < 0.1 ? 1 : 0) as number);
        return bin(400, 0.1, positives.reduce((sum, each) => sum + each, 0) / 400);
      });
      const overall = bin(8000, 0.1, curves.reduce((sum, { bins }) => sum + bins[0]!.observed, 0) / 20);
      const [measured] = withRatios([task(overall, curves)], 0.95);
      if ([measured!.overall, ...measured!.domains].some(({ ratio }) => ratio!.isBeyondNoise)) wrong++;
    }
    expect(wrong / reports).toBeLessThan(0.08);
    expect(wrong).toBeGreaterThan(0);
  });
});
