/**
 * A task's predictions on the rows of a cell, prepared for draws.
 */

import type { MetricName } from "../../metrics/index.js";
import { pointClassLogLoss, topKAccuracy } from "../../metrics/index.js";
import type { CellDraws } from "../../metrics/intervals/index.js";
import {
  binaryCell,
  type CellRows,
  type DrawnCell,
  fewestForInterval,
  meansCell,
} from "../../metrics/intervals/index.js";
import { isBinary, type TowerSpec } from "../../spec/index.js";
import { positiveScores } from "./task-metrics.js";

/** A task's predictions. */
export interface TaskPredictions {
  readonly tower: TowerSpec;
  /** [all rows, numClass] */
  readonly probabilities: Float32Array;
  /** Whether a binary task's predictions are probabilities and not just ranking scores. Default: true. */
  readonly ranksOnly?: boolean;
}

/** The counts of a cell. */
export interface CellSize {
  /** The smallest of the counts: rows of a class, rows, users. */
  readonly fewest: number;
  /** The reason for a missing interval, such as "3 positive rows are too few"; `null` if there is one. */
  readonly gap: string | null;
}

/** Counts the units that a cell's intervals depend on. @param withUsers whether users are drawn */
export function cellSize(tower: TowerSpec, { rows, labels, units }: CellRows, withUsers: boolean): CellSize {
  const positives = rows.reduce((sum, row) => sum + (labels[row]! > 0 ? 1 : 0), 0);
  const counts: [string, number][] = isBinary(tower)
    ? [
        ["positive rows", positives],
        ["negative rows", rows.length - positives],
      ]
    : [["rows", rows.length]];
  if (withUsers) counts.push(["users", new Set(rows.map((row) => units[row]!)).size]);
  const [what, fewest] = counts.reduce((least, count) => (count[1] < least[1] ? count : least));
  return { fewest, gap: fewest < fewestForInterval ? `${fewest} ${what} are too few` : null };
}

/** The metrics with intervals and comparisons for such a task. */
export function drawnMetrics(tower: TowerSpec, withUsers: boolean, ranksOnly = false): MetricName[] {
  if (isBinary(tower)) {
    const ranks: MetricName[] = ["auc", ...(withUsers ? (["groupedAuc"] as const) : [])];
    return ranksOnly ? ranks : [...ranks, "logLoss", "normalizedEntropy", "calibration", "expectedCalibrationError"];
  }
  return tower.numClass > 1
    ? ["logLoss", "accuracy"]
    : ["meanAbsoluteError", "meanSquaredError", "rootMeanSquaredError"];
}

/** A cell to draw from; `null` if a prediction is NaN. */
export function taskCell(
  { tower, probabilities, ranksOnly = false }: TaskPredictions,
  cell: CellRows,
  users: Int32Array | null,
): DrawnCell | null {
  const { numClass } = tower;
  const isNaNRow = (row: number): boolean => {
    for (let k = 0; k < numClass; k++) if (Number.isNaN(probabilities[row * numClass + k]!)) return true;
    return false;
  };
  if (cell.rows.some(isNaNRow)) return null;
  if (isBinary(tower)) return binaryCell(cell, positiveScores(tower, probabilities), users, !ranksOnly);
  const values = (of: (row: number) => number): Float64Array => Float64Array.from(cell.rows, of);
  if (numClass === 1) {
    const error = values((row) => Math.abs(probabilities[row]! - cell.labels[row]!));
    const squared = error.map((value) => value ** 2);
    return meansCell(cell, { meanAbsoluteError: error, meanSquaredError: squared, rootMeanSquaredError: squared });
  }
  const rowClasses = (row: number): Float32Array => probabilities.subarray(row * numClass, (row + 1) * numClass);
  return meansCell(cell, {
    logLoss: values((row) => pointClassLogLoss(rowClasses(row), cell.labels[row]!)),
    accuracy: values((row) => topKAccuracy(rowClasses(row), cell.labels.subarray(row, row + 1))!),
  });
}

/**
 * Rescales draws of a sample to draws of all rows: centred at the value of all rows, and narrower by their larger
 * number.
 */
export function rescaled(
  cell: DrawnCell,
  draws: CellDraws,
  values: Readonly<Partial<Record<MetricName, number | null>>>,
  units: number,
  share: number,
): CellDraws {
  if (share >= 1) return draws;
  const sampled = new Float64Array(cell.names.length);
  cell.measure(new Uint8Array(units).fill(1), sampled);
  const closer = Math.sqrt(share);
  return new Map(
    cell.names.map((name, place) => {
      const center = name === "calibrationNoise" ? 0 : (values[name] ?? Number.NaN);
      const from = name === "calibrationNoise" ? 0 : sampled[place]!;
      return [name, draws.get(name)!.map((draw) => center + (draw - from) * closer)];
    }),
  );
}
