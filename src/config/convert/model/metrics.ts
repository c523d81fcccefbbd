/**
 * Converts task metrics to a spec and back.
 */
import type { MetricSpec } from "../../../spec/index.js";
import type { JsonObject } from "../../../util/json.js";
import { compact, fieldsOf } from "../fields.js";

/** Converts a `MetricConfig`; `null` if it has no metric. */
export function readMetric(config: JsonObject): MetricSpec | null {
  const [entry] = Object.entries(config) as [string, JsonObject][];
  if (entry === undefined) return null;
  const [field, message] = entry;
  switch (field) {
    case "auc":
      return { kind: field, thresholds: fieldsOf(message, "AUC").number("thresholds") };
    case "grouped_auc":
      return { kind: field, groupingKey: fieldsOf(message, "GroupedAUC").text("grouping_key") };
    case "accuracy": {
      const fields = fieldsOf(message, "Accuracy");
      return { kind: field, threshold: fields.number("threshold"), topK: fields.number("top_k") };
    }
    case "mean_absolute_error":
    case "mean_squared_error":
      return { kind: field };
    case "normalized_entropy":
      return { kind: field, eta: fieldsOf(message, "NormalizedEntropy").number("eta") };
    default:
      return { kind: "other", field, config: message };
  }
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
    case "normalized_entropy":
      return { normalized_entropy: compact("NormalizedEntropy", { eta: metric.eta }) };
    case "other":
      return { [metric.field]: metric.config };
  }
}
