/** Names of metrics for people and in records, and their direction. */
import type { MetricName } from "../../metrics/index.js";
import { percent } from "../../util/text/format.js";

/** A metric's display name. */
export interface MetricText {
  readonly name: string;
  /** The direction of a metric: larger is better, smaller is better, or closer to 1 is better. */
  readonly more: "better" | "worse" | "towards 1";
}

const METRICS: Readonly<Record<MetricName, MetricText>> = {
  auc: { name: "AUC", more: "better" },
  groupedAuc: { name: "grouped AUC", more: "better" },
  logLoss: { name: "log loss", more: "worse" },
  normalizedEntropy: { name: "normalised entropy", more: "worse" },
  calibration: { name: "calibration", more: "towards 1" },
  expectedCalibrationError: { name: "expected calibration error", more: "worse" },
  accuracy: { name: "accuracy", more: "better" },
  meanAbsoluteError: { name: "mean absolute error", more: "worse" },
  meanSquaredError: { name: "mean squared error", more: "worse" },
  rootMeanSquaredError: { name: "root mean squared error", more: "worse" },
};

/** The names of a metric. */
export function metricText(metric: MetricName): MetricText {
  return METRICS[metric];
}

/** `AUC (95% over users)`: a value with the level of its intervals and what was drawn for them; `null`: no intervals. */
export function intervalUnit(
  name: string,
  method: { readonly level: number; readonly user: string | null } | null | undefined,
): string {
  if (method == null) return name;
  return `${name} (${percent(method.level)} over ${method.user === null ? "rows" : "users"})`;
}

/** For the start of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
