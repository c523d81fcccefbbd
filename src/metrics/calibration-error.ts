/** Expected calibration error: how far predicted probabilities lie from observed rates, bin by bin. */
import { rankKey, scoreBits, scoreOfKey } from "./ranks.js";

/** Bins of {@link expectedCalibrationError}. */
export interface CalibrationBins {
  /** Default: 15. */
  readonly bins?: number;
  /**
   * `rows` (default): bins hold as many rows each, in the order of their probabilities, so that rare positives do not
   * all fall into one bin; rows of the same probability stay together. `width`: bins are [k / bins, (k + 1) / bins), as
   * in Guo et al. 2017, On Calibration of Modern Neural Networks.
   */
  readonly by?: "rows" | "width";
}

/**
 * Expected calibration error: Σ over bins of (rows of the bin / rows) · |mean probability − share of positives|.
 *
 * @param probabilities [rows], of the positive class, in [0, 1]
 * @param labels [rows]; positive where > 0
 * @returns `null` where there are no rows; NaN where a probability is NaN
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
    const probability = probabilities[row] as number;
    if (Number.isNaN(probability)) return Number.NaN;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(probability * bins)));
    excess[bin] = (excess[bin] as number) + probability - ((labels[row] as number) > 0 ? 1 : 0);
  }
  return excess.reduce((sum, value) => sum + Math.abs(value), 0);
}

function distanceByRows(probabilities: Float32Array, labels: Float32Array, bins: number): number {
  const sorted = sortedWithLabels(probabilities, labels);
  let distance = 0;
  let excess = 0;
  let bin = 1;
  let key = Number.NaN;
  for (let place = 0; place < sorted.length; place++) {
    const packed = sorted[place] as number;
    const positive = packed % 2;
    const own = (packed - positive) / 2;
    // A bin ends where its share of the rows is reached and the probability changes.
    if (own !== key && place * bins >= bin * sorted.length) {
      distance += Math.abs(excess);
      excess = 0;
    }
    while (place * bins >= bin * sorted.length) bin++;
    key = own;
    excess += scoreOfKey(own) - positive;
  }
  return distance + Math.abs(excess);
}

/** Each probability's rank key, doubled, plus 1 for a positive row; ascending. */
function sortedWithLabels(probabilities: Float32Array, labels: Float32Array): Float64Array {
  const bits = scoreBits(probabilities);
  const packed = new Float64Array(bits.length);
  for (let row = 0; row < bits.length; row++) {
    packed[row] = rankKey(bits[row] as number) * 2 + ((labels[row] as number) > 0 ? 1 : 0);
  }
  return packed.sort();
}
