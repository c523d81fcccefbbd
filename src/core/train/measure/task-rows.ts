/** The rows that a task is measured on: those of its space, in all domains and in each. */
import type { EncodedData } from "../../data/encoded/encoded.js";
import { aucsByGroup, exactAuc } from "../../metrics/auc.js";
import { expectedCalibrationError } from "../../metrics/calibration-curve.js";
import { rowsByCode } from "../../metrics/intervals/clusters.js";
import {
  accuracy,
  calibration,
  classLogLoss,
  logLoss,
  meanAbsoluteError,
  meanSquaredError,
  normalizedEntropy,
  rootMeanSquaredError,
  topKAccuracy,
} from "../../metrics/intervals/drawn-cell.js";
import type { TaskMetrics } from "../../metrics/types.js";
import { knownMetric, type MetricRows } from "../../spec/metrics.js";
import { ignoredClass, ignoresRows, isBinary, type TowerSpec } from "../../spec/model.js";
import { joinArrays, type Numbers, pickRows } from "../../util/growing.js";
import { everyRow } from "../../util/numbers.js";

export interface TaskRows extends Omit<MetricRows, "scores" | "numClass" | "isBinary"> {
  /** `[rows]`: the user of each row, negative if unknown; `null` without a user column. */
  readonly users: Int32Array | null;
}

/** @param places row numbers; `null`: all rows */
export function taskRows(
  { towers, columns, probabilities, values, batchSize, users }: Omit<MeasureRequest, "intervals">,
  index: number,
  places: Int32Array | null,
): TaskRows {
  const tower = towers[index]!;
  const taskProbabilities = probabilities[index]!;
  const picked = <Values extends Numbers>(all: Values, width = 1): Values =>
    places === null ? all : pickRows(all, places, width);
  return {
    labels: picked(columns.labels.get(tower.label)!),
    probabilities: picked(taskProbabilities, tower.numClass),
    group(name) {
      const ids = groupingIds(columns, name);
      return ids && picked(ids);
    },
    values: () => picked(values[index] ?? taskProbabilities),
    batches: () => picked(Uint32Array.from({ length: columns.rows }, (_, row) => Math.floor(row / batchSize))),
    users: users && picked(users.codes),
  };
}

/** The first id of each row, as in TorchEasyRec 0 without one; or a label's values. */
function groupingIds({ features, labels }: MeasuredColumns, name: string): Numbers | null {
  const column = features.get(name);
  if (column?.kind === "ids") return column.ids.map((id) => Math.max(id, 0));
  if (column?.kind !== "bag") return labels.get(name) ?? null;
  const { offsets, ids } = column;
  return Float64Array.from({ length: offsets.length - 1 }, (_, row) =>
    offsets[row]! < offsets[row + 1]! ? ids[offsets[row]!]! : 0,
  );
}

/** The label whose positive rows are a task's space, if it is trained only on those; `null`: all rows. */
export function taskSpaceName(tower: TowerSpec): string | null {
  return tower.taskSpace?.outWeight === 0 ? tower.taskSpace.indicatorLabel : null;
}

export function spaceRows(tower: TowerSpec, data: MeasuredColumns): Int32Array {
  const space = taskSpaceName(tower);
  return space === null ? everyRow(data.rows) : rowsInside(data, space);
}

/** The rows inside, then those of each domain. @param inside `null`: all; default: the rows that metrics count */
export function cellRows(
  tower: TowerSpec,
  data: MeasuredColumns,
  domainCount: number,
  inside: Int32Array | null = measuredRows(tower, data, taskSpaceName(tower)),
): Int32Array[] {
  return [inside ?? everyRow(data.rows), ...rowsByDomain(data, inside, domainCount)];
}

export function measuredRows(tower: TowerSpec, data: MeasuredColumns, space: string | null): Int32Array | null {
  const inside = space === null ? null : rowsInside(data, space);
  const labels = data.labels.get(tower.label)!;
  if (!ignoresRows(tower) || !labels.includes(ignoredClass)) return inside;
  return (inside ?? everyRow(data.rows)).filter((row) => labels[row] !== ignoredClass);
}

function rowsInside(data: MeasuredColumns, indicatorLabel: string): Int32Array {
  const indicator = data.labels.get(indicatorLabel)!;
  const rows = new Int32Array(indicator.length);
  let count = 0;
  for (let row = 0; row < indicator.length; row++) if (indicator[row]! > 0) rows[count++] = row;
  return rows.subarray(0, count);
}

/** The rows of each domain, ascending, among `inside` (`null`: all). */
export function rowsByDomain(data: MeasuredColumns, inside: Int32Array | null, domainCount: number): Int32Array[] {
  const { domains } = data;
  if (domains === null) return Array.from({ length: domainCount }, () => new Int32Array(0));
  const rows = inside ?? everyRow(data.rows);
  const { rows: places, starts } = rowsByCode(
    rows.map((row) => domains[row]!),
    domainCount,
  );
  return Array.from({ length: domainCount }, (_, domain) =>
    places.subarray(starts[domain], starts[domain + 1]).map((place) => rows[place]!),
  );
}

/** The rows of some domains, ascending. */
export function joinedRows(all: readonly Int32Array[], domains: readonly number[]): Int32Array {
  const parts = domains.map((domain) => all[domain]!);
  return joinArrays(parts, (length) => new Int32Array(length)).sort();
}

/** Options of intervals. */
export interface IntervalOptions {
  /** Number of bootstrap draws. Default: 300. */
  readonly draws?: number;
  /** Seed of the draws. Default: 1. */
  readonly seed?: number;
  /** Share of draws inside an interval. Default: 0.95. */
  readonly level?: number;
}

export type MeasuredColumns = Pick<EncodedData, "rows" | "features" | "labels" | "domains">;

export interface MeasureRequest {
  readonly towers: readonly TowerSpec[];
  readonly domainNames: readonly string[];
  readonly columns: MeasuredColumns;
  /** By tower, [rows, numClass]. */
  readonly probabilities: readonly Float32Array[];
  /** Predictions of numeric labels beside probabilities, by tower, [rows]; `null` if `probabilities` holds them. */
  readonly values: readonly (Float32Array | null)[];
  readonly batchSize: number;
  readonly users: UserColumn | null;
  readonly intervals: IntervalOptions | null;
  readonly curves?: boolean;
}

/** A column that identifies the user of a row. */
export interface UserColumn {
  readonly name: string;
  /** `[rows]`: 0 … users − 1; negative if the user is not known. */
  readonly codes: Int32Array;
}

/** The bootstrap unit of each row: its user, or the row if its user is unknown. @param rows default: all */
export function drawnUsers({ codes }: UserColumn, rows?: Int32Array): Int32Array {
  const chosen = rows === undefined ? codes : rows.map((row) => codes[row]!);
  return chosen.map((code, at) => (code < 0 ? -1 - at : code));
}

export function taskMetrics(tower: TowerSpec, rows: TaskRows): TaskMetrics {
  const { labels, probabilities } = rows;
  const binary = isBinary(tower);
  const classes = binary || tower.numClass === 1 ? 0 : tower.numClass;
  const scores = positiveScores(tower, probabilities);
  const all: MetricRows = { ...rows, scores, numClass: tower.numClass, isBinary: binary };
  const whole = binary || classes === 0;
  return {
    rows: labels.length,
    positives: binary ? labels.reduce((count, label) => count + Number(label > 0), 0) : 0,
    auc: binary ? exactAuc(scores, labels) : null,
    ...(rows.users !== null && binary ? aucByUser(scores, labels, rows.users) : {}),
    logLoss: binary ? logLoss(scores, labels) : classes > 0 ? classLogLoss(probabilities, labels) : null,
    normalizedEntropy: binary ? normalizedEntropy(scores, labels) : null,
    calibration: binary ? calibration(scores, labels) : null,
    expectedCalibrationError: binary ? expectedCalibrationError(scores, labels) : null,
    accuracy: binary ? accuracy(scores, labels) : classes > 0 ? topKAccuracy(probabilities, labels) : null,
    meanAbsoluteError: whole ? meanAbsoluteError(scores, labels) : null,
    meanSquaredError: whole ? meanSquaredError(scores, labels) : null,
    rootMeanSquaredError: whole ? rootMeanSquaredError(scores, labels) : null,
    configured: Object.fromEntries(
      tower.metrics.map((metric) =>
        metric.kind === "other" ? [metric.field, null] : [metric.kind, knownMetric(metric)?.value(all, metric) ?? null],
      ),
    ),
  };
}

function aucByUser(scores: Float32Array, labels: Float32Array, users: Int32Array) {
  if (scores.some(Number.isNaN)) return { groupedAuc: Number.NaN, groups: 0 };
  const userRows = users.map((_, row) => row).filter((row) => users[row]! >= 0);
  const aucs = aucsByGroup(scores, labels, users, userRows);
  const sum = aucs.reduce((total, { auc }) => total + auc, 0);
  return { groupedAuc: aucs.length === 0 ? null : sum / aucs.length, groups: aucs.length };
}

/** The probability of the positive class (the value itself for regression), [rows]. */
export function positiveScores(tower: TowerSpec, probabilities: Float32Array): Float32Array {
  if (tower.numClass === 1) return probabilities;
  const scores = new Float32Array(probabilities.length / tower.numClass);
  for (let row = 0; row < scores.length; row++) scores[row] = probabilities[row * tower.numClass + 1]!;
  return scores;
}
