import type { TaskMetrics } from "../../metrics/index.js";
import {
  accuracy,
  aucsByGroup,
  boundedNormalizedEntropy,
  calibration,
  classLogLoss,
  exactAuc,
  expectedCalibrationError,
  groupedAuc,
  groupedXauc,
  logLoss,
  meanAbsoluteError,
  meanSquaredError,
  multiclassAuc,
  normalizedEntropy,
  rootMeanSquaredError,
  streamingAuc,
  thresholdAuc,
  topKAccuracy,
  xauc,
} from "../../metrics/index.js";
import { isBinary, type MetricSpec, type TowerSpec } from "../../spec/index.js";
import type { AucMethod } from "./measure-request.js";
import type { TaskRows } from "./task-rows.js";

export function taskMetrics(tower: TowerSpec, rows: TaskRows, method: AucMethod): TaskMetrics {
  const { labels, probabilities } = rows;
  const binary = isBinary(tower);
  const classes = binary || tower.numClass === 1 ? 0 : tower.numClass;
  const scores = positiveScores(tower, probabilities);
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
      tower.metrics.map((metric) => [metricName(metric), configuredMetric(metric, tower, rows, scores)]),
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

function metricName(metric: MetricSpec): string {
  return metric.kind === "other" ? metric.field : metric.kind;
}

function configuredMetric(metric: MetricSpec, tower: TowerSpec, rows: TaskRows, scores: Float32Array): number | null {
  switch (metric.kind) {
    case "auc":
      return isBinary(tower) ? thresholdAuc(scores, rows.labels, metric.thresholds) : null;
    case "grouped_auc": {
      const groups = isBinary(tower) ? rows.group(metric.groupingKey) : null;
      return groups && groupedAuc(scores, rows.labels, groups);
    }
    case "multiclass_auc":
      return tower.numClass > 1 ? multiclassAuc(rows.probabilities, rows.labels, metric) : null;
    case "xauc": {
      const values = rows.values();
      // Each batch has the same weight, as in TorchEasyRec.
      return metric.inBatch ? groupedXauc(values, rows.labels, rows.batches(), false) : xauc(values, rows.labels);
    }
    case "grouped_xauc": {
      const groups = rows.group(metric.groupingKey);
      return groups && groupedXauc(rows.values(), rows.labels, groups);
    }
    case "accuracy":
      // As in TorchEasyRec, a threshold applies to a single output, for any loss; several classes are ranked.
      return tower.numClass === 1
        ? accuracy(scores, rows.labels, metric.threshold)
        : topKAccuracy(rows.probabilities, rows.labels, metric.topK);
    case "mean_absolute_error":
      return meanAbsoluteError(rows.values(), rows.labels);
    case "mean_squared_error":
      return meanSquaredError(rows.values(), rows.labels);
    case "normalized_entropy":
      return isBinary(tower) ? boundedNormalizedEntropy(scores, rows.labels, metric.eta) : null;
    case "other":
      return null;
  }
}
