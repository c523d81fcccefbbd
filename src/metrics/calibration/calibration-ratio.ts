/** Predicted over observed rates of curves, with intervals that hold for all of them at once. */
import { sum } from "../../util/sums.js";
import { criticalZ } from "../intervals/normal.js";
import { wilson } from "../intervals/wilson.js";
import type { CalibrationCurve, CalibrationRatio, TaskCalibration } from "./calibration-curve.js";

/**
 * Adds the ratio of every curve. Intervals are Wilson's for the observed rate, at a level divided by the number of
 * curves (Bonferroni): all of them hold at once, so those that exclude 1 are beyond noise. A single domain, which is all
 * rows, is not counted twice.
 */
export function withRatios(tasks: readonly TaskCalibration[], level: number): TaskCalibration[] {
  const curves = tasks.flatMap(({ overall, domains }) => [overall, ...(domains.length < 2 ? [] : domains)]);
  const tests = Math.max(1, curves.filter(({ gap }) => gap === null).length);
  const z = criticalZ(1 - (1 - level) / tests);
  const added = (curve: CalibrationCurve): CalibrationCurve =>
    curve.gap === null ? { ...curve, ratio: ratio(curve, z) } : curve;
  return tasks.map((task) => ({ ...task, overall: added(task.overall), domains: task.domains.map(added) }));
}

function ratio({ bins, rows }: CalibrationCurve, z: number): CalibrationRatio {
  const predicted = sum(bins.map((bin) => bin.rows * bin.predicted)) / rows;
  const positives = Math.round(sum(bins.map((bin) => bin.rows * bin.observed)));
  const { observed, low, high } = wilson(positives, rows, z);
  const ends = { low: predicted / high, high: low > 0 ? predicted / low : null };
  return {
    value: observed > 0 ? predicted / observed : null,
    ...ends,
    isBeyondNoise: ends.low > 1 || (ends.high !== null && ends.high < 1),
  };
}
