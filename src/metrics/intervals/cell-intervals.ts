/**
 * Computes intervals from draws of a cell's metrics.
 */

import { mean } from "../../util/sums.js";
import type { MetricIntervals, MetricName } from "../types.js";
import { type Interval, quantile } from "./bootstrap.js";
import type { CellDraws } from "./draw-cells.js";
import type { DrawnName } from "./drawn-cell.js";
import { criticalZ, smallSampleWidening, twoSidedP } from "./normal.js";

/**
 * With fewer rows of a class or fewer drawn users there is no interval: a bootstrap of a handful of rows
 * underestimates their variation, so its intervals would be too narrow.
 */
export const fewestForInterval = 10;

/** Options of the intervals. */
export interface IntervalWidth {
  /** Share of draws inside the interval. */
  readonly level: number;
  /** The smallest of the numbers of positive rows, negative rows and users. A small number widens the interval. */
  readonly fewest: number;
}

/**
 * Percentile intervals around a cell's metrics. The calibration error is a sum of distances: noise alone makes it
 * positive, and drawing rows again adds the same amount once more. So the upper end is the upper percentile minus
 * that amount, and the lower end is the upper percentile reflected at the value. The interval begins at 0 if the
 * value is within the noise of its bins.
 * @param values the metrics on the cell's original rows
 */
export function cellIntervals(
  values: Readonly<Partial<Record<MetricName, number | null>>>,
  draws: CellDraws,
  width: IntervalWidth,
): MetricIntervals {
  const intervals: Partial<Record<MetricName, Interval>> = {};
  for (const [name, metricDraws] of draws) {
    if (name === "calibrationNoise") continue;
    const interval = drawnInterval(values[name] ?? null, metricDraws, width);
    intervals[name] = name === "expectedCalibrationError" ? calibrationErrorInterval(interval, draws, width) : interval;
  }
  return intervals;
}

/**
 * A percentile interval; without ends if fewer than half of the draws define the metric, or the value is not
 * defined.
 */
export function drawnInterval(value: number | null, draws: Float64Array, width: IntervalWidth): Interval {
  const sorted = draws.filter(Number.isFinite).sort();
  const isDefined = value !== null && Number.isFinite(value) && sorted.length > 0 && 2 * sorted.length >= draws.length;
  if (!isDefined) return { value, low: null, high: null };
  const tail = tailShare(width);
  return { value, low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
}

/** The share of draws below the interval, equal to the share above it. */
function tailShare({ level, fewest }: IntervalWidth): number {
  return twoSidedP(criticalZ(level) * smallSampleWidening(fewest, level)) / 2;
}

function calibrationErrorInterval(interval: Interval, draws: CellDraws, width: IntervalWidth): Interval {
  const { value, high } = interval;
  if (value === null || high === null) return interval;
  const isNoise = value <= quantile(finiteSorted(draws, "calibrationNoise"), 1 - tailShare(width));
  const errors = finiteSorted(draws, "expectedCalibrationError");
  const addition = mean(errors) - value;
  return { value, low: isNoise ? 0 : Math.max(0, 2 * value - high), high: Math.max(value, high - addition) };
}

function finiteSorted(draws: CellDraws, name: DrawnName): Float64Array {
  return draws.get(name)!.filter(Number.isFinite).sort();
}
