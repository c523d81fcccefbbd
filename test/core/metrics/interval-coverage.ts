/** How often intervals contain the truth of simulated rows. */
import { exactAuc } from "../../../src/core/metrics/auc.js";
import { expectedCalibrationError } from "../../../src/core/metrics/calibration-curve.js";
import { cellIntervals, drawCells } from "../../../src/core/metrics/intervals/cell-intervals.js";
import { binaryCell, calibration, logLoss, normalizedEntropy } from "../../../src/core/metrics/intervals/drawn-cell.js";
import type { MetricIntervals } from "../../../src/core/metrics/types.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { atOnce } from "../../../src/core/util/turns.js";
import { everyRow } from "./samples.js";

export function valuesOf(scores: Float32Array, labels: Float32Array) {
  return {
    auc: exactAuc(scores, labels),
    logLoss: logLoss(scores, labels),
    normalizedEntropy: normalizedEntropy(scores, labels),
    calibration: calibration(scores, labels),
    expectedCalibrationError: expectedCalibrationError(scores, labels),
  };
}

export function intervals(
  scores: Float32Array,
  labels: Float32Array,
  units: Int32Array,
  seed: number,
): MetricIntervals {
  const count = units.reduce((most, unit) => Math.max(most, unit + 1), 0);
  const cell = binaryCell({ rows: everyRow(labels.length), labels, units }, scores);
  const [draws] = atOnce(drawCells([cell], { units: count, draws: 200, seed }));
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const fewest = Math.min(count, positives, labels.length - positives);
  return cellIntervals(valuesOf(scores, labels), draws!, { level: 0.95, fewest });
}

/** How often each metric's interval contains the truth. */
export function coverage(
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
