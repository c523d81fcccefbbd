/** What metrics are called for readers and in records, and which way they are better. */
import type { MetricName } from "../../metrics/index.js";

/** A metric's name for readers. */
export interface MetricText {
  readonly name: string;
  /** What a larger value is: better, worse, or better towards 1. */
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

/** The metric in words. */
export function metricText(metric: MetricName): MetricText {
  return METRICS[metric];
}

/** For the start of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
