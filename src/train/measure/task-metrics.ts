import type { TaskMetrics } from "../../metrics/index.js";
import {
  accuracy,
  aucsByGroup,
  calibration,
  classLogLoss,
  exactAuc,
  expectedCalibrationError,
  logLoss,
  meanAbsoluteError,
  meanSquaredError,
  normalizedEntropy,
  rootMeanSquaredError,
  streamingAuc,
  topKAccuracy,
} from "../../metrics/index.js";
import { isBinary, knownMetric, type MetricRows, type TowerSpec } from "../../spec/index.js";
import type { AucMethod } from "./measure-request.js";
import type { TaskRows } from "./task-rows.js";

export function taskMetrics(tower: TowerSpec, rows: TaskRows, method: AucMethod): TaskMetrics {
  const { labels, probabilities } = rows;
  const binary = isBinary(tower);
  const classes = binary || tower.numClass === 1 ? 0 : tower.numClass;
  const scores = positiveScores(tower, probabilities);
  const all: MetricRows = { ...rows, scores, numClass: tower.numClass, isBinary: binary };
  const whole = binary || classes === 0;
  return {
    rows: labels.length,
    positives: binary ? countPositive(labels) : 0,
    ...(binary ? aucBy(method, scores, labels) : { auc: null }),
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

function aucBy(
  method: AucMethod,
  scores: Float32Array,
  labels: Float32Array,
): Pick<TaskMetrics, "auc" | "aucErrorBound"> {
  if (method === "exact") return { auc: exactAuc(scores, labels) };
  const stream = streamingAuc();
  stream.add(scores, labels);
  return { auc: stream.value(), aucErrorBound: stream.errorBound() };
}

function aucByUser(
  scores: Float32Array,
  labels: Float32Array,
  users: Int32Array,
): Pick<TaskMetrics, "groupedAuc" | "groups"> {
  if (scores.some(Number.isNaN)) return { groupedAuc: Number.NaN, groups: 0 };
  const userRows = Int32Array.from(users, (_, row) => row).filter((row) => users[row]! >= 0);
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

function countPositive(labels: Float32Array): number {
  let count = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row]! > 0) count++;
  return count;
}
