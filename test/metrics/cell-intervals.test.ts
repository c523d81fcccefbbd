/** Whether intervals hold what they say: how often they contain the truth. */
import { describe, expect, it } from "vitest";
import { exactAuc } from "../../src/metrics/auc.js";
import { expectedCalibrationError } from "../../src/metrics/calibration-curve.js";
import { cellIntervals, drawCells } from "../../src/metrics/intervals/cell-intervals.js";
import { binaryCell, calibration, logLoss, normalizedEntropy } from "../../src/metrics/intervals/drawn-cell.js";
import type { MetricIntervals } from "../../src/metrics/types.js";
import { type Random, random } from "../../src/util/random.js";
import { atOnce } from "../../src/util/turns.js";
import { calibratedRows, everyRow, sigmoid } from "./samples.js";

function valuesOf(scores: Float32Array, labels: Float32Array) {
  return {
    auc: exactAuc(scores, labels),
    logLoss: logLoss(scores, labels),
    normalizedEntropy: normalizedEntropy(scores, labels),
    calibration: calibration(scores, labels),
    expectedCalibrationError: expectedCalibrationError(scores, labels),
  };
}

function intervals(scores: Float32Array, labels: Float32Array, units: Int32Array, seed: number): MetricIntervals {
  const count = units.reduce((most, unit) => Math.max(most, unit + 1), 0);
  const cell = binaryCell({ rows: everyRow(labels.length), labels, units }, scores);
  const [draws] = atOnce(drawCells([cell], { units: count, draws: 200, seed }));
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const fewest = Math.min(count, positives, labels.length - positives);
  return cellIntervals(valuesOf(scores, labels), draws!, { level: 0.95, fewest });
}

/** How often each metric's interval contains the truth. */
function coverage(
  truth: Record<string, number | null>,
  sample: (source: Random) => { probabilities: Float32Array; labels: Float32Array; units: Int32Array },
): Record<string, number> {
  const source = random(8);
  const repeats = 300;
  const held: Record<string, number> = {};
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { probabilities, labels, units } = sample(source);
    for (const [name, { low, high }] of Object.entries(intervals(probabilities, labels, units, repeat))) {
      const isHeld = low! <= truth[name]! && truth[name]! <= high!;
      held[name] = (held[name] ?? 0) + (isHeld ? 1 / repeats : 0);
    }
  }
  return held;
}

describe("nominal 95% intervals", () => {
  it("contain the truth in at least 92% of simulated cases", () => {
    const large = calibratedRows(400_000, -1.5, random(1));
    const truth = { ...valuesOf(large.probabilities, large.labels), expectedCalibrationError: 0 };
    const found = coverage(truth, (source) => ({ ...calibratedRows(400, -1.5, source), units: everyRow(400) }));
    expect(Object.keys(found)).toHaveLength(5);
    for (const [name, share] of Object.entries(found)) expect(share, name).toBeGreaterThanOrEqual(0.92);
  });

  it("of users' rows that are alike hold where users are drawn, and not where rows are", () => {
    const users = (source: Random) => {
      const units = Int32Array.from({ length: 600 }, (_, row) => Math.floor(row / 10));
      const taste = Array.from({ length: 60 }, () => source.normal());
      const probabilities = Float32Array.from(units, () => sigmoid(source.normal() * 0.5 - 0.5));
      const labels = Float32Array.from(units, (user) => (source.uniform() < sigmoid(2 * taste[user]!) ? 1 : 0));
      return { probabilities, labels, units };
    };
    const share = (drawRows: boolean) =>
      coverage({ logLoss: trueLoss }, (source) => {
        const sample = users(source);
        return drawRows ? { ...sample, units: everyRow(600) } : sample;
      })["logLoss"]!;
    // The labels do not depend on the predictions: the loss is a mean over both.
    const source = random(2);
    const losses = Array.from({ length: 200_000 }, () => {
      const p = sigmoid(source.normal() * 0.5 - 0.5);
      return -(Math.log(p) + Math.log(1 - p)) / 2;
    });
    const trueLoss = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(share(false)).toBeGreaterThanOrEqual(0.92);
    expect(share(true)).toBeLessThan(0.88);
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
