/**
 * Calibration (reliability) curves: predicted against observed rates, bin by bin.
 */

import { rankedRows } from "../auc/ranks.js";
import { criticalZ } from "../intervals/normal.js";
import { wilson } from "../intervals/wilson.js";
import { equalMassEnds } from "./calibration-error.js";

/** A bin of rows with similar predictions. */
export interface CalibrationBin {
  /** Number of rows in the bin. */
  readonly rows: number;
  /** The smallest prediction of the bin. */
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

/** Mean prediction divided by the observed rate; 1 is calibrated. */
export interface CalibrationRatio {
  /** `null`: no positive rows. */
  readonly value: number | null;
  /** Lower end of its interval. */
  readonly low: number;
  /** Upper end of its interval; `null`: without positive rows it has no end. */
  readonly high: number | null;
  /** Whether the interval excludes 1. */
  readonly isBeyondNoise: boolean;
}

/** A calibration curve of some rows. */
export interface CalibrationCurve {
  /** Number of rows of the curve. */
  readonly rows: number;
  /**
   * In ascending order of predictions, with equal numbers of rows as far as tied predictions allow; empty if `gap`
   * is set.
   */
  readonly bins: readonly CalibrationBin[];
  /** The reason for a missing curve; `null` if the curve exists. */
  readonly gap: string | null;
  /** Mean prediction over the observed rate; reports have it for curves without a gap. */
  readonly ratio?: CalibrationRatio;
}

/** A task's calibration curves. */
export interface TaskCalibration {
  /** Name of the task's tower. */
  readonly tower: string;
  /** The label that the task predicts. */
  readonly label: string;
  /** The label whose positive rows the curves cover; `null`: all rows. */
  readonly within: string | null;
  /** Over all rows, or the rows of the task's space if it has one. */
  readonly overall: CalibrationCurve;
  /** One per domain, in order. */
  readonly domains: readonly CalibrationCurve[];
}

/** Calibration by task and domain. */
export interface CalibrationReport {
  /** Number of predicted rows. */
  readonly rows: number;
  /** Display names, in order; empty without domains. */
  readonly domainNames: readonly string[];
  /** Level of the Wilson intervals, such as 0.95. */
  readonly level: number;
  /** The binary tasks. */
  readonly tasks: readonly TaskCalibration[];
}

/**
 * A calibration curve.
 * @param probabilities by row number, of the positive class
 * @param labels by row number; positive where > 0
 * @param rows row numbers
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
      const binRows = sorted.subarray(ends[bin - 1] ?? 0, end);
      const positives = binRows.reduce((sum, row) => sum + (labels[row]! > 0 ? 1 : 0), 0);
      const predicted = binRows.reduce((sum, row) => sum + probabilities[row]!, 0) / binRows.length;
      const range = { from: at(end - binRows.length), to: at(end - 1) };
      return { rows: binRows.length, ...range, predicted, ...wilson(positives, binRows.length, z) };
    }),
    gap: null,
  };
}

/** Options of a calibration curve. */
export interface CalibrationOptions {
  /** Number of bins. Default: 10. */
  readonly bins?: number;
  /** Level of the Wilson intervals. Default: 0.95. */
  readonly level?: number;
}
