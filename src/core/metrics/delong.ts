/** DeLong's test of AUCs on the same rows (DeLong et al. 1988; Sun & Xu 2014); users are clusters (Obuchowski 1997). */

import { countPositives, everyRow } from "../util/numbers.js";
import { rankedRows } from "./auc.js";
import { studentQuantile, studentTails } from "./distributions.js";
import { userSquares } from "./intervals/clusters.js";
import { differenceP, fewestForInterval } from "./intervals/normal.js";

/** Two AUCs on the same rows: `value` is the first minus the second. */
export interface AucDifference {
  readonly first: number;
  readonly second: number;
  readonly value: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided p value of the hypothesis of no difference. */
  readonly pValue: number;
}

/** Options of {@link deLong}. */
export interface DeLongOptions {
  readonly rows?: Int32Array;
  readonly level?: number;
  readonly users?: Int32Array | null;
}

/**
 * Compares the AUCs of two models' scores.
 * @param first scores [rows]
 * @param second scores [rows]
 * @param labels [rows]; positive where > 0
 * @param options `rows`: row numbers (default: all); `level` of the interval (0.95); `users`: by row number, negative if
 * unknown (default: rows are independent)
 * @returns `null` if a class has fewer than two rows, there are fewer than ten users, or a score is NaN
 * @example deLong(run1Scores, run2Scores, labels)?.pValue;
 */
export function deLong(
  first: Float32Array,
  second: Float32Array,
  labels: Float32Array,
  options: DeLongOptions = {},
): AucDifference | null {
  const rows = options.rows ?? everyRow(labels.length);
  const isNaNThere = (scores: Float32Array): boolean => rows.some((row) => Number.isNaN(scores[row]!));
  if (isNaNThere(first) || isNaNThere(second)) return null;
  const one = placements(first, labels, rows);
  const other = placements(second, labels, rows);
  if (one.positives < 2 || one.negatives < 2) return null;
  const differences = one.values.map((value, row) => value - other.values[row]!);
  const value = one.auc - other.auc;
  const { users = null, level = 0.95 } = options;
  const parts = [true, false].map((positive) => rows.filter((row) => labels[row]! > 0 === positive));
  let [variance, df] = [0, Number.POSITIVE_INFINITY];
  for (const classRows of users === null ? parts : []) {
    const mean = classRows.reduce((sum, row) => sum + differences[row]!, 0) / classRows.length;
    const squares = classRows.reduce((sum, row) => sum + (differences[row]! - mean) ** 2, 0);
    variance += squares / (classRows.length - 1) / classRows.length;
  }
  if (users !== null) {
    const influence = (row: number) => (differences[row]! - value) / (labels[row]! > 0 ? one.positives : one.negatives);
    const { count, squares } = userSquares(rows, users, influence);
    if (count < fewestForInterval) return null;
    df = count - 1;
    variance = (squares * count) / df;
  }
  const standardError = Math.sqrt(variance);
  const reach = studentQuantile(1 - level, df) * standardError;
  const pValue = variance === 0 ? differenceP(value, 0) : studentTails(value / standardError, df);
  return { first: one.auc, second: other.auc, value, standardError, low: value - reach, high: value + reach, pValue };
}

export interface Placements {
  readonly auc: number;
  readonly positives: number;
  readonly negatives: number;
  /** By row number: for a positive row the share of negatives below it, for a negative row the share of positives above it. */
  readonly values: Float64Array;
}

export function placements(scores: Float32Array, labels: Float32Array, rows: Int32Array): Placements {
  const ranked = rankedRows(scores, labels, rows);
  const positives = countPositives(labels, rows);
  const negatives = rows.length - positives;
  const values = new Float64Array(labels.length);
  let [positivesBelow, negativesBelow, sum] = [0, 0, 0];
  for (let run = 0; run + 1 < ranked.starts.length; run++) {
    const [start, end] = [ranked.starts[run]!, ranked.starts[run + 1]!];
    let tiedPositives = 0;
    for (let place = start; place < end; place++) tiedPositives += Number(labels[ranked.rows[place]!]! > 0);
    const tiedNegatives = end - start - tiedPositives;
    const below = (negativesBelow + tiedNegatives / 2) / negatives;
    const above = 1 - (positivesBelow + tiedPositives / 2) / positives;
    for (let place = start; place < end; place++) {
      const row = ranked.rows[place]!;
      values[row] = labels[row]! > 0 ? below : above;
    }
    sum += tiedPositives * below;
    positivesBelow += tiedPositives;
    negativesBelow += tiedNegatives;
  }
  return { auc: sum / positives, positives, negatives, values };
}
