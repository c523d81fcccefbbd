/** Metrics of a task and domain on bootstrap draws. Rows are sorted once; each draw then takes a few passes. */
import { aucsByGroup, rankedRows } from "../auc.js";
import { equalMassEnds } from "../calibration-curve.js";
import type { MetricName } from "../types.js";

/** Probabilities are clipped to this distance from 0 and 1 in logarithms; float32 sigmoids saturate at 6e-8. */
const edge = 1e-7;

/** Mean negative log likelihood of binary labels, in nats. @param probabilities [rows] @param labels [rows], 0 or 1 */
export function logLoss(probabilities: Float32Array, labels: Float32Array): number | null {
  return meanOver(labels.length, (row) => pointLogLoss(probabilities[row]!, labels[row]!));
}

/** Negative log likelihood of one row's label, in nats; positive where > 0. */
export function pointLogLoss(probability: number, label: number): number {
  const p = Math.min(1 - edge, Math.max(edge, probability));
  return -Math.log(label > 0 ? p : 1 - p);
}

/**
 * Mean negative log likelihood of class labels, in nats.
 * @param probabilities [rows, classes]
 * @param labels [rows], the index of the class
 */
export function classLogLoss(probabilities: Float32Array, labels: Float32Array): number | null {
  const classes = probabilities.length / labels.length;
  return meanOver(labels.length, (row) =>
    pointClassLogLoss(probabilities.subarray(row * classes, (row + 1) * classes), labels[row]!),
  );
}

/** Negative log likelihood of one row's class, in nats. @param probabilities [classes] */
export function pointClassLogLoss(probabilities: Float32Array, label: number): number {
  return -Math.log(Math.max(edge, probabilities[label]!));
}

/** Log loss divided by the entropy of the base rate; `null` if a class has no rows. */
export function normalizedEntropy(probabilities: Float32Array, labels: Float32Array): number | null {
  const rate = mean(labels);
  const loss = logLoss(probabilities, labels);
  if (rate === null || loss === null || rate <= 0 || rate >= 1) return null;
  return loss / -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
}

/**
 * Normalised entropy as in TorchEasyRec's `NormalizedEntropy`: the base rate is clipped to [eta, 1 − eta], so that
 * there is a value if a class has no rows, and a logarithm is at least −100, as in PyTorch's binary cross entropy.
 */
export function boundedNormalizedEntropy(
  probabilities: Float32Array,
  labels: Float32Array,
  eta: number,
): number | null {
  const observed = mean(labels);
  if (observed === null) return null;
  const loss = meanOver(labels.length, (row) => {
    const p = probabilities[row]!;
    return -Math.max(-100, Math.log(labels[row]! > 0 ? p : 1 - p));
  });
  const rate = Math.min(1 - eta, Math.max(eta, observed));
  return loss! / -(observed * Math.log(rate) + (1 - observed) * Math.log(1 - rate));
}

/** Mean prediction divided by the observed rate; 1 is calibrated; `null` if no label is positive. */
export function calibration(predictions: Float32Array, labels: Float32Array): number | null {
  const observed = mean(labels);
  return observed === null || observed === 0 ? null : mean(predictions)! / observed;
}

/** Share of rows where (probability > threshold) equals the binary label (torchmetrics' `BinaryAccuracy`). */
export function accuracy(probabilities: Float32Array, labels: Float32Array, threshold = 0.5): number | null {
  let right = 0;
  for (let row = 0; row < labels.length; row++) {
    if (probabilities[row]! > threshold === labels[row]! > 0) right++;
  }
  return labels.length === 0 ? null : right / labels.length;
}

/**
 * Share of rows whose label is among the `topK` most probable classes; ties prefer the first. @param probabilities
 * [rows, classes]
 */
export function topKAccuracy(probabilities: Float32Array, labels: Float32Array, topK = 1): number | null {
  const classes = probabilities.length / labels.length;
  let right = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    const probability = probabilities[row * classes + label]!;
    let better = 0;
    for (let k = 0; k < classes; k++) {
      const other = probabilities[row * classes + k]!;
      if (other > probability || (other === probability && k < label)) better++;
    }
    if (better < topK) right++;
  }
  return labels.length === 0 ? null : right / labels.length;
}

/** Mean of |prediction − label|. */
export function meanAbsoluteError(predictions: Float32Array, labels: Float32Array): number | null {
  return meanOver(labels.length, (row) => Math.abs(predictions[row]! - labels[row]!));
}

/** Mean of (prediction − label)². */
export function meanSquaredError(predictions: Float32Array, labels: Float32Array): number | null {
  return meanOver(labels.length, (row) => (predictions[row]! - labels[row]!) ** 2);
}

/** Square root of the mean of (prediction − label)². */
export function rootMeanSquaredError(predictions: Float32Array, labels: Float32Array): number | null {
  const squared = meanSquaredError(predictions, labels);
  return squared === null ? null : Math.sqrt(squared);
}

function mean(values: Float32Array): number | null {
  return meanOver(values.length, (row) => values[row]!);
}

function meanOver(rows: number, value: (row: number) => number): number | null {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += value(row);
  return rows === 0 ? null : sum / rows;
}

/** A metric of a draw. `calibrationNoise`: the distance of the calibration error's bins from their values. */
export type DrawnName = MetricName | "calibrationNoise";

/** Metrics that are computed together in each draw. */
export interface DrawnCell {
  readonly names: readonly DrawnName[];
  /** Writes each metric; NaN if it is not defined. @param weights [units], how often each row or user is drawn */
  measure(weights: Uint8Array, into: Float64Array): void;
}

export interface CellRows {
  readonly rows: Int32Array;
  readonly labels: Float32Array;
  /** By row number: the drawn unit to which the row belongs. */
  readonly units: Int32Array;
}

/** Bins of the calibration error, as in `expectedCalibrationError`. */
const calibrationBins = 15;

/**
 * AUC, and for `probabilities` log loss, normalised entropy, calibration and its error.
 * @param scores by row number
 * @param users by row number, for the grouped AUC: a user, negative if unknown; `null`: no grouped AUC
 */
export function binaryCell(
  { rows, labels, units }: CellRows,
  scores: Float32Array,
  users: Int32Array | null = null,
  probabilities = true,
): DrawnCell {
  const ranked = rankedRows(scores, labels, rows);
  const runs = runsWithPositives(ranked.rows, ranked.starts, labels);
  const sortedUnits = ranked.rows.map((row) => units[row]!);
  const parts = [
    ...(probabilities ? [probabilityMetrics(ranked.rows, scores, labels)] : []),
    ...(users === null ? [] : [groupedMetric(rows, scores, labels, users, units)]),
  ];
  const rowWeights = new Uint8Array(rows.length);
  return {
    names: ["auc", ...parts.flatMap((part) => part.names)],
    measure(weights, into) {
      for (let at = 0; at < rowWeights.length; at++) rowWeights[at] = weights[sortedUnits[at]!]!;
      const { auc, positives, negatives } = drawnAuc(rowWeights, runs);
      into[0] = auc;
      let place = 1;
      for (const part of parts) {
        part.measure({ rowWeights, weights, positives, negatives }, into.subarray(place));
        place += part.names.length;
      }
    },
  };
}

/** Means of values, by name; `rootMeanSquaredError` is the root of its mean. @param values [rows of the cell] */
export function meansCell({ rows, units }: CellRows, values: Partial<Record<MetricName, Float64Array>>): DrawnCell {
  const names = Object.keys(values) as MetricName[];
  const rowUnits = rows.map((row) => units[row]!);
  const rowWeights = new Uint8Array(rows.length);
  return {
    names,
    measure(weights, into) {
      for (let at = 0; at < rowWeights.length; at++) rowWeights[at] = weights[rowUnits[at]!]!;
      const total = sum(rowWeights, 0, rowWeights.length);
      names.forEach((name, place) => {
        const mean = dot(rowWeights, values[name]!, 0, rowWeights.length) / total;
        into[place] = name === "rootMeanSquaredError" ? Math.sqrt(mean) : mean;
      });
    },
  };
}

/** One draw of a cell, for its further metrics. */
interface Draw {
  /** By index of the sorted rows. */
  readonly rowWeights: Uint8Array;
  readonly weights: Uint8Array;
  readonly positives: number;
  readonly negatives: number;
}

interface DrawnPart {
  readonly names: readonly DrawnName[];
  measure(draw: Draw, into: Float64Array): void;
}

/** @param sorted row numbers by ascending probability */
function probabilityMetrics(sorted: Int32Array, scores: Float32Array, labels: Float32Array): DrawnPart {
  const losses = new Float32Array(sorted.length);
  const excess = new Float32Array(sorted.length);
  for (let at = 0; at < sorted.length; at++) {
    const [score, label] = [scores[sorted[at]!]!, labels[sorted[at]!]!];
    losses[at] = pointLogLoss(score, label);
    excess[at] = score - (label > 0 ? 1 : 0);
  }
  const ends = equalMassEnds(sorted.length, calibrationBins, (at) => scores[sorted[at]!] === scores[sorted[at - 1]!]);
  const undrawn = ends.map((end, bin) => total(excess, ends[bin - 1] ?? 0, end) / sorted.length);
  return {
    names: ["logLoss", "normalizedEntropy", "calibration", "expectedCalibrationError", "calibrationNoise"],
    measure({ rowWeights, positives, negatives }, into) {
      const rows = positives + negatives;
      const rate = positives / rows;
      let [start, loss, whole, distance, moved] = [0, 0, 0, 0, 0];
      for (let bin = 0; bin < ends.length; bin++) {
        const end = ends[bin]!;
        const [ownLoss, ownExcess] = dots(rowWeights, losses, excess, start, end);
        const share = ownExcess / rows;
        loss += ownLoss;
        whole += share;
        distance += Math.abs(share);
        moved += Math.abs(share - undrawn[bin]!);
        start = end;
      }
      const logLoss = loss / rows;
      into[0] = logLoss;
      into[1] = logLoss / -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
      into[2] = positives === 0 ? Number.NaN : 1 + whole / rate;
      into[3] = distance;
      into[4] = moved;
    },
  };
}

/** The AUC of a user does not depend on the draw; only its weight does. */
function groupedMetric(
  rows: Int32Array,
  scores: Float32Array,
  labels: Float32Array,
  users: Int32Array,
  units: Int32Array,
): DrawnPart {
  const userRows = rows.filter((row) => users[row]! >= 0);
  const groups = aucsByGroup(scores, labels, users, userRows);
  const aucs = groups.map(({ auc }) => auc);
  const groupUnits = Int32Array.from(groups, ({ row }) => units[row]!);
  return {
    names: ["groupedAuc"],
    measure({ weights }, into) {
      let [above, below] = [0, 0];
      for (let group = 0; group < groupUnits.length; group++) {
        const weight = weights[groupUnits[group]!]!;
        above += weight * aucs[group]!;
        below += weight;
      }
      into[0] = above / below;
    },
  };
}

/** For each run of equal scores with positives: start of its negatives, start of its positives, end. */
function runsWithPositives(sorted: Int32Array, starts: Int32Array, labels: Float32Array): Int32Array {
  const runs: number[] = [];
  for (let run = 0; run + 1 < starts.length; run++) {
    const [start, end] = [starts[run]!, starts[run + 1]!];
    let first = end;
    while (first > start && labels[sorted[first - 1]!]! > 0) first--;
    if (first < end) runs.push(start, first, end);
  }
  return Int32Array.from(runs);
}

// Plain variables: destructuring arrays costs as much as the sums.
function drawnAuc(rowWeights: Uint8Array, runs: Int32Array): { auc: number; positives: number; negatives: number } {
  let positives = 0;
  let negatives = 0;
  let pairs = 0;
  let place = 0;
  for (let run = 0; run < runs.length; run += 3) {
    const first = runs[run + 1]!;
    const end = runs[run + 2]!;
    negatives += sum(rowWeights, place, runs[run]!);
    const tied = sum(rowWeights, runs[run]!, first);
    const runPositives = sum(rowWeights, first, end);
    pairs += runPositives * (negatives + tied / 2);
    positives += runPositives;
    negatives += tied;
    place = end;
  }
  negatives += sum(rowWeights, place, rowWeights.length);
  return { auc: pairs / (positives * negatives), positives, negatives };
}

function sum(values: Uint8Array, start: number, end: number): number {
  let result = 0;
  for (let at = start; at < end; at++) result += values[at]!;
  return result;
}

/** Two {@link dot} products in one pass: takes half the time, since neither waits for the other's sum. */
function dots(
  rowWeights: Uint8Array,
  first: Float32Array,
  second: Float32Array,
  start: number,
  end: number,
): readonly [number, number] {
  let one = 0;
  let other = 0;
  for (let at = start; at < end; at++) {
    const times = rowWeights[at]!;
    one += times * first[at]!;
    other += times * second[at]!;
  }
  return [one, other];
}

function dot(rowWeights: Uint8Array, values: Float32Array | Float64Array, start: number, end: number): number {
  let result = 0;
  for (let at = start; at < end; at++) result += rowWeights[at]! * values[at]!;
  return result;
}

function total(values: Float32Array, start: number, end: number): number {
  let result = 0;
  for (let at = start; at < end; at++) result += values[at]!;
  return result;
}
