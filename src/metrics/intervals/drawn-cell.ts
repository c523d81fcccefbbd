/**
 * The metrics of one cell (the rows of a task and a domain) as functions of how often each row or user is drawn.
 * Rows are sorted once; a draw is then a few passes over the sorted arrays, with exact AUC.
 */
import { aucsByGroup } from "../auc/auc.js";
import { rankedRows } from "../auc/ranks.js";
import { equalMassEnds } from "../calibration/calibration-error.js";
import { pointLogLoss } from "../pointwise.js";
import type { MetricName } from "../types.js";

/**
 * A metric of a draw. `calibrationNoise`: the distance of the bins of the calibration error from their original
 * values.
 */
export type DrawnName = MetricName | "calibrationNoise";

/** Metrics that are computed together in each draw. */
export interface DrawnCell {
  readonly names: readonly DrawnName[];
  /**
   * Writes each metric; NaN if it is not defined.
   * @param weights [units], how often each row or user is drawn
   */
  measure(weights: Uint8Array, into: Float64Array): void;
}

/** The rows of a cell. */
export interface CellRows {
  /** Row numbers. */
  readonly rows: Int32Array;
  /** By row number. */
  readonly labels: Float32Array;
  /** By row number: the drawn unit that it belongs to. */
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

/**
 * Means of values, by name; `rootMeanSquaredError` is the root of the mean of its values. @param values [rows of the
 * cell]
 */
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

/**
 * Triples of indices, one triple per run of equal scores with positive rows: start of its negative rows, start of
 * its positive rows, end.
 */
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
