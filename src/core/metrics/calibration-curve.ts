/**
 * Calibration: curves by bins of predictions, the expected calibration error, and the ratio of predictions to rates.
 */

import { countPositives, everyRow, mean, sum } from "../util/numbers.js";
import { rankedRows } from "./auc.js";
import type { TaskCells } from "./curve-types.js";
import { independentNoise, type RateNoise, rateInterval, sumNoise } from "./intervals/clusters.js";

/** A bin of rows with similar predictions. */
export interface CalibrationBin {
  readonly rows: number;
  /** The smallest prediction of the bin. */
  readonly from: number;
  readonly to: number;
  readonly predicted: number;
  /** Share of positive rows, with its Wilson score interval. */
  readonly observed: number;
  readonly low: number;
  readonly high: number;
}

/** Mean prediction divided by the observed rate; 1 is calibrated. */
export interface CalibrationRatio {
  /** `null`: no positive rows. */
  readonly value: number | null;
  /** `null`: too few users. */
  readonly low: number | null;
  /** Upper end of its interval; `null` without positive rows, where it has no end, or with too few users. */
  readonly high: number | null;
  /** Whether the interval excludes 1. */
  readonly isBeyondNoise: boolean;
}

/** A calibration curve of some rows. */
export interface CalibrationCurve {
  readonly rows: number;
  /** By ascending prediction, with equal numbers of rows unless ties prevent it; empty if `gap` is set. */
  readonly bins: readonly CalibrationBin[];
  /** The reason for a missing curve; `null` if the curve exists. */
  readonly gap: string | null;
  /** Mean prediction over the observed rate; reports have it for curves without a gap. */
  readonly ratio?: CalibrationRatio;
  /** The variation of the observed rate between users; `null`: too few; missing: rows are independent. */
  readonly noise?: RateNoise | null;
}

/** A task's calibration curves. */
export type TaskCalibration = TaskCells<CalibrationCurve>;

/** Calibration by task and domain. */
export interface CalibrationReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  /** Level of the Wilson intervals, such as 0.95. */
  readonly level: number;
  /** The column whose values are taken as independent of each other; `null`: rows are. */
  readonly user: string | null;
  readonly tasks: readonly TaskCalibration[];
}

/**
 * A calibration curve.
 * @param probabilities by row number, of the positive class
 * @param labels by row number; positive where > 0
 * @param rows row numbers
 * @param options `users`: by row number, negative if unknown: intervals are over users
 */
export function calibrationCurve(
  probabilities: Float32Array,
  labels: Float32Array,
  rows: Int32Array,
  { bins = 10, level = 0.95, users = null }: CalibrationOptions & { readonly users?: Int32Array | null } = {},
): CalibrationCurve {
  if (rows.length === 0) return { rows: 0, bins: [], gap: "no rows" };
  if (rows.some((row) => Number.isNaN(probabilities[row]!))) {
    return { rows: rows.length, bins: [], gap: "a prediction is NaN" };
  }
  const sorted = rankedRows(probabilities, labels, rows).rows;
  const at = (place: number): number => probabilities[sorted[place]!]!;
  const ends = equalMassEnds(sorted.length, bins, (place) => at(place) === at(place - 1));
  const predictedIn = (some: Int32Array): number => mean(Float64Array.from(some).map((row) => probabilities[row]!));
  const noiseOf = (some: Int32Array, rate: number, expected: (row: number) => number): RateNoise | null => {
    const residual = (row: number): number => (labels[row]! > 0 ? 1 : 0) - expected(row);
    return users === null ? independentNoise : sumNoise(some, users, residual, some.length * rate * (1 - rate));
  };
  const rate = countPositives(labels, rows) / rows.length;
  const factor = rate / (predictedIn(rows) || 1);
  const noise = noiseOf(rows, rate, (row) => factor * probabilities[row]!);
  return {
    rows: rows.length,
    ...(users === null ? {} : { noise }),
    bins: ends.map((end, bin): CalibrationBin => {
      const binRows = sorted.subarray(ends[bin - 1] ?? 0, end);
      const observed = countPositives(labels, binRows) / binRows.length;
      const range = { from: at(end - binRows.length), to: at(end - 1), predicted: predictedIn(binRows) };
      const noise = noiseOf(binRows, observed, () => observed);
      const { low, high } = noise ? rateInterval(observed, binRows.length, 1 - level, noise) : { low: 0, high: 1 };
      return { rows: binRows.length, ...range, observed, low, high };
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

/** Bins of {@link expectedCalibrationError}. */
export interface CalibrationBins {
  /** Number of bins. Default: 15. */
  readonly bins?: number;
  /**
   * `rows` (default): bins of equal numbers of rows, in the order of their probabilities, so that rare positives do
   * not all fall into one bin; rows with equal probabilities stay together. `width`: bins are [k / bins, (k + 1) /
   * bins), as in Guo et al. 2017, On Calibration of Modern Neural Networks.
   */
  readonly by?: "rows" | "width";
}

/**
 * Expected calibration error: Σ over bins of (rows of the bin / rows) · |mean probability − share of positives|.
 * @param probabilities [rows], of the positive class, in [0, 1]
 * @param labels [rows]; positive where > 0
 * @returns `null` without rows; NaN if a probability is NaN
 * @example expectedCalibrationError(probabilities, labels, { bins: 10, by: "width" });
 */
export function expectedCalibrationError(
  probabilities: Float32Array,
  labels: Float32Array,
  { bins = 15, by = "rows" }: CalibrationBins = {},
): number | null {
  const rows = labels.length;
  if (rows === 0) return null;
  const distance =
    by === "rows" ? distanceByRows(probabilities, labels, bins) : distanceByWidth(probabilities, labels, bins);
  return distance / rows;
}

/** Σ over bins of |Σ probability − positives|. */
function distanceByWidth(probabilities: Float32Array, labels: Float32Array, bins: number): number {
  const excess = new Float64Array(bins);
  for (let row = 0; row < labels.length; row++) {
    const probability = probabilities[row]!;
    if (Number.isNaN(probability)) return Number.NaN;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(probability * bins)));
    excess[bin] = excess[bin]! + probability - (labels[row]! > 0 ? 1 : 0);
  }
  return excess.reduce((sum, value) => sum + Math.abs(value), 0);
}

function distanceByRows(probabilities: Float32Array, labels: Float32Array, bins: number): number {
  const rows = everyRow(labels.length);
  const sorted = rankedRows(probabilities, labels, rows).rows;
  const at = (place: number): number => probabilities[sorted[place]!]!;
  let distance = 0;
  let place = 0;
  for (const end of equalMassEnds(sorted.length, bins, (each) => at(each) === at(each - 1))) {
    let excess = 0;
    for (; place < end; place++) excess += at(place) - (labels[sorted[place]!]! > 0 ? 1 : 0);
    distance += Math.abs(excess);
  }
  return distance;
}

/**
 * The ends of bins with equal numbers of rows: a bin ends when its share of the rows is reached and the probability
 * changes.
 * @param isTied whether the row at an index of the sorted rows has the probability of the previous row
 */
export function equalMassEnds(rows: number, bins: number, isTied: (place: number) => boolean): number[] {
  const ends: number[] = [];
  for (let bin = 1; bin <= bins; bin++) {
    let end = Math.ceil((bin * rows) / bins);
    if (end <= (ends.at(-1) ?? 0)) continue;
    while (end < rows && isTied(end)) end++;
    ends.push(end);
  }
  return ends;
}

/**
 * Adds the ratio of every curve. Intervals are Wilson's for the observed rate, at a level divided by the number of
 * curves (Bonferroni): all of them hold at once, so those that exclude 1 are beyond noise. A single domain, which is
 * all rows, is not counted twice.
 */
export function withRatios(tasks: readonly TaskCalibration[], level: number): TaskCalibration[] {
  const curves = tasks.flatMap(({ overall, domains }) => [overall, ...(domains.length < 2 ? [] : domains)]);
  const tests = Math.max(1, curves.filter(({ gap }) => gap === null).length);
  const added = (curve: CalibrationCurve): CalibrationCurve =>
    curve.gap === null ? { ...curve, ratio: ratio(curve, (1 - level) / tests) } : curve;
  return tasks.map((task) => ({ ...task, overall: added(task.overall), domains: task.domains.map(added) }));
}

function ratio({ bins, rows, noise = independentNoise }: CalibrationCurve, tails: number): CalibrationRatio {
  const predicted = sum(bins.map((bin) => bin.rows * bin.predicted)) / rows;
  const observed = Math.round(sum(bins.map((bin) => bin.rows * bin.observed))) / rows;
  const value = observed > 0 ? predicted / observed : null;
  if (noise === null) return { value, low: null, high: null, isBeyondNoise: false };
  const interval = rateInterval(observed, rows, tails, noise);
  const [low, high] = [predicted / interval.high, interval.low > 0 ? predicted / interval.low : null];
  return { value, low, high, isBeyondNoise: low > 1 || (high !== null && high < 1) };
}
