/**
 * Converts task metrics to a spec and back.
 */
import type { MetricSpec } from "../../../spec/index.js";
import type { JsonObject } from "../../../util/json.js";
import { compact, readFields } from "../fields.js";

/** Converts a `MetricConfig`; `null` if it has no metric. */
export function readMetric(config: JsonObject): MetricSpec | null {
  const [entry] = Object.entries(config) as [string, JsonObject][];
  if (entry === undefined) return null;
  const [field, message] = entry;
  switch (field) {
    case "auc":
      return { kind: field, thresholds: readFields(message, "AUC").number("thresholds") };
    case "grouped_auc":
      return { kind: field, groupingKey: readFields(message, "GroupedAUC").text("grouping_key") };
    case "accuracy": {
      const fields = readFields(message, "Accuracy");
      return { kind: field, threshold: fields.number("threshold"), topK: fields.number("top_k") };
    }
    case "mean_absolute_error":
    case "mean_squared_error":
      return { kind: field };
    case "multiclass_auc":
      return readMulticlassAuc(message);
    case "xauc": {
      const fields = readFields(message, "XAUC");
      const [sampleRatio, maxPairs] = [fields.number("sample_ratio"), fields.optionalNumber("max_pairs")];
      return { kind: field, sampleRatio, maxPairs, inBatch: fields.flag("in_batch") };
    }
    case "grouped_xauc": {
      const fields = readFields(message, "GroupedXAUC");
      const groupingKey = fields.text("grouping_key");
      return { kind: field, groupingKey, maxPairsPerGroup: fields.number("max_pairs_per_group") };
    }
    case "normalized_entropy":
      return { kind: field, eta: readFields(message, "NormalizedEntropy").number("eta") };
    default:
      return { kind: "other", field, config: message };
  }
}

/** Another average than these two is kept, and refused by its name before training. */
function readMulticlassAuc(message: JsonObject): MetricSpec {
  const fields = readFields(message, "MulticlassAUC");
  const average = fields.text("average");
  if (average !== "macro" && average !== "weighted") return { kind: "other", field: "multiclass_auc", config: message };
  return { kind: "multiclass_auc", thresholds: fields.number("thresholds"), average };
}

/** Returns the metric as `MetricConfig`. */
export function writeMetric(metric: MetricSpec): JsonObject {
  switch (metric.kind) {
    case "auc":
      return { auc: compact("AUC", { thresholds: metric.thresholds }) };
    case "grouped_auc":
      return { grouped_auc: compact("GroupedAUC", { grouping_key: metric.groupingKey }) };
    case "accuracy":
      return { accuracy: compact("Accuracy", { threshold: metric.threshold, top_k: metric.topK }) };
    case "mean_absolute_error":
    case "mean_squared_error":
      return { [metric.kind]: {} };
    case "multiclass_auc":
      return { multiclass_auc: compact("MulticlassAUC", { thresholds: metric.thresholds, average: metric.average }) };
    case "xauc": {
      const { sampleRatio, maxPairs, inBatch } = metric;
      return { xauc: compact("XAUC", { sample_ratio: sampleRatio, in_batch: inBatch }, { max_pairs: maxPairs }) };
    }
    case "grouped_xauc": {
      const { groupingKey, maxPairsPerGroup } = metric;
      const values = { grouping_key: groupingKey, max_pairs_per_group: maxPairsPerGroup };
      return { grouped_xauc: compact("GroupedXAUC", values) };
    }
    case "normalized_entropy":
      return { normalized_entropy: compact("NormalizedEntropy", { eta: metric.eta }) };
    case "other":
      return { [metric.field]: metric.config };
  }
}
