/** Calibration (reliability) curves: predicted against observed, bin by bin. */

import { rankedRows } from "../auc/ranks.js";
import { criticalZ } from "../intervals/normal.js";
import { equalMassEnds } from "./calibration-error.js";

/** Rows of similar predictions. */
export interface CalibrationBin {
  /** Rows of the bin. */
  readonly rows: number;
  /** The smallest and largest prediction. */
  readonly from: number;
  /** The largest prediction of the bin. */
  readonly to: number;
  /** Mean prediction. */
  readonly predicted: number;
  /** Share of positive rows, with its Wilson score interval. */
  readonly observed: number;
  /** Lower end of the interval of `observed`. */
  readonly low: number;
  /** Upper end of the interval of `observed`. */
  readonly high: number;
}

/** A calibration curve of some rows. */
export interface CalibrationCurve {
  /** Rows that the curve is over. */
  readonly rows: number;
  /** By ascending predictions, with as many rows each as equal predictions allow; empty where there is a gap. */
  readonly bins: readonly CalibrationBin[];
  /** Why there is no curve; `null` where there is one. */
  readonly gap: string | null;
}

/** A task's calibration curves. */
export interface TaskCalibration {
  /** Name of the task's tower. */
  readonly tower: string;
  /** The label that the task predicts. */
  readonly label: string;
  /** Label whose positive rows the curves are over; `null`: all rows. */
  readonly within: string | null;
  /** Over all rows, of the task's space where it has one. */
  readonly overall: CalibrationCurve;
  /** One per domain, in order. */
  readonly domains: readonly CalibrationCurve[];
}

/** Calibration by task and domain. */
export interface CalibrationReport {
  /** Rows that were predicted. */
  readonly rows: number;
  /** For people, in order; empty where the model has no domains. */
  readonly domainNames: readonly string[];
  /** Of the Wilson intervals, such as 0.95. */
  readonly level: number;
  /** The binary tasks. */
  readonly tasks: readonly TaskCalibration[];
}

/**
 * A calibration curve.
 *
 * @param probabilities by row number, of the positive class
 * @param labels by row number; positive where > 0
 * @param rows which rows, by number
 */
export function calibrationCurve(
  probabilities: Float32Array,
  labels: Float32Array,
  rows: Int32Array,
  { bins = 10, level = 0.95 }: CalibrationOptions = {},
): CalibrationCurve {
  if (rows.length === 0) return { rows: 0, bins: [], gap: "no rows" };
  if (rows.some((row) => Number.isNaN(probabilities[row]!))) {
    return { rows: rows.length, bins: [], gap: "a prediction is NaN" };
  }
  const sorted = rankedRows(probabilities, labels, rows).rows;
  const at = (place: number): number => probabilities[sorted[place]!]!;
  const z = criticalZ(level);
  const ends = equalMassEnds(sorted.length, bins, (place) => at(place) === at(place - 1));
  return {
    rows: rows.length,
    bins: ends.map((end, bin): CalibrationBin => {
      const own = sorted.subarray(ends[bin - 1] ?? 0, end);
      const positives = own.reduce((sum, row) => sum + (labels[row]! > 0 ? 1 : 0), 0);
      const predicted = own.reduce((sum, row) => sum + probabilities[row]!, 0) / own.length;
      const range = { from: at(end - own.length), to: at(end - 1) };
      return { rows: own.length, ...range, predicted, ...wilson(positives, own.length, z) };
    }),
    gap: null,
  };
}

/** How a calibration curve is cut. */
export interface CalibrationOptions {
  /** Default: 10. */
  readonly bins?: number;
  /** Of the Wilson intervals. Default: 0.95. */
  readonly level?: number;
}

/** Wilson's score interval of a share (Wilson 1927): it holds for rare positives, and for none, where others do not. */
function wilson(positives: number, rows: number, z: number): Pick<CalibrationBin, "observed" | "low" | "high"> {
  const observed = positives / rows;
  const widening = z ** 2 / rows;
  const center = (observed + widening / 2) / (1 + widening);
  const reach = (z * Math.sqrt((observed * (1 - observed)) / rows + widening / (4 * rows))) / (1 + widening);
  return {
    observed,
    low: positives === 0 ? 0 : center - reach,
    high: positives === rows ? 1 : center + reach,
  };
}
