/**
 * Expected calibration error: the distance of predicted probabilities from observed rates, over bins.
 */
import { rankKey, scoreBits, scoreOfKey } from "../auc/ranks.js";

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
 * @example
 * expectedCalibrationError(probabilities, labels, { bins: 10, by: "width" });
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
  const sorted = sortedWithLabels(probabilities, labels);
  const key = (place: number): number => Math.floor(sorted[place]! / 2);
  let distance = 0;
  let place = 0;
  for (const end of equalMassEnds(sorted.length, bins, (at) => key(at) === key(at - 1))) {
    let excess = 0;
    for (; place < end; place++) excess += scoreOfKey(key(place)) - (sorted[place]! % 2);
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

/** The rank key of each probability, doubled, plus 1 for a positive row; ascending. */
function sortedWithLabels(probabilities: Float32Array, labels: Float32Array): Float64Array {
  const bits = scoreBits(probabilities);
  const packed = new Float64Array(bits.length);
  for (let row = 0; row < bits.length; row++) {
    packed[row] = rankKey(bits[row]!) * 2 + (labels[row]! > 0 ? 1 : 0);
  }
  return packed.sort();
}
