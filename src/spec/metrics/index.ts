/** The registry of metrics. To add one, write its file and name it in the types and the list below. */
import { number, type OptionsOf, positive } from "../option.js";
import type { OtherSpec } from "../training.js";
import { type AccuracyMethod, type AccuracySpec, accuracy } from "./accuracy.js";
import { type AucMethod, type AucSpec, auc } from "./auc.js";
import { type GroupedAucMethod, type GroupedAucSpec, groupedAuc } from "./grouped-auc.js";
import { type GroupedXaucMethod, type GroupedXaucSpec, groupedXauc } from "./grouped-xauc.js";
import { type MeanAbsoluteErrorMethod, type MeanAbsoluteErrorSpec, meanAbsoluteError } from "./mean-absolute-error.js";
import { type MeanSquaredErrorMethod, type MeanSquaredErrorSpec, meanSquaredError } from "./mean-squared-error.js";
import type { Metric } from "./metric.js";
import { type MulticlassAucMethod, type MulticlassAucSpec, multiclassAuc } from "./multiclass-auc.js";
import { type NormalizedEntropyMethod, type NormalizedEntropySpec, normalizedEntropy } from "./normalized-entropy.js";
import { type XaucMethod, type XaucSpec, xauc } from "./xauc.js";

export type { Metric, MetricRows } from "./metric.js";

/** A metric that this library computes. */
export type KnownMetric =
  | AucSpec
  | GroupedAucSpec
  | MulticlassAucSpec
  | AccuracySpec
  | NormalizedEntropySpec
  | XaucSpec
  | GroupedXaucSpec
  | MeanAbsoluteErrorSpec
  | MeanSquaredErrorSpec;

/** The methods of a tower's builder that add a metric. */
export interface MetricMethods<Tower, Feature>
  extends AucMethod<Tower>,
    GroupedAucMethod<Tower, Feature>,
    MulticlassAucMethod<Tower>,
    AccuracyMethod<Tower>,
    NormalizedEntropyMethod<Tower>,
    XaucMethod<Tower>,
    GroupedXaucMethod<Tower, Feature>,
    MeanAbsoluteErrorMethod<Tower>,
    MeanSquaredErrorMethod<Tower> {}

/** By kind, in the order in which docs list them. */
export const metrics: { readonly [K in KnownMetric["kind"]]: Metric<Extract<KnownMetric, { readonly kind: K }>> } = {
  auc,
  grouped_auc: groupedAuc,
  multiclass_auc: multiclassAuc,
  accuracy,
  normalized_entropy: normalizedEntropy,
  xauc,
  grouped_xauc: groupedXauc,
  mean_absolute_error: meanAbsoluteError,
  mean_squared_error: meanSquaredError,
};

/** A task metric (TorchEasyRec `MetricConfig`); exact AUC is always reported as well. */
export type MetricSpec = KnownMetric | OtherSpec;

/** A metric of training batches, whose earlier values count less and less (TorchEasyRec `TrainMetricConfig`). */
export type TrainMetricSpec = MetricSpec & TrainMetricDecay;

/** How slowly a metric of training batches forgets. */
export interface TrainMetricDecay {
  /** The share of the value before in each new value: 0 to 1. */
  readonly decayRate: number;
  /** Number of batches of a new value; until then it is 0. */
  readonly decayStep: number;
}

export const decayOptions: OptionsOf<TrainMetricDecay> = {
  decayRate: number({ least: 0, most: 1 }),
  decayStep: number(positive),
};

/** Whether TorchEasyRec computes a metric on training batches. */
export function isTrainMetric({ kind }: MetricSpec): boolean {
  return ["auc", "accuracy", "xauc", "mean_absolute_error", "mean_squared_error"].includes(kind);
}

/** What is known of a metric; `null` for a metric that this library only keeps. */
export function knownMetric(metric: MetricSpec): Metric<KnownMetric> | null {
  return metric.kind === "other" ? null : metrics[metric.kind];
}

/** What is known of a configured metric by its name in `TaskMetrics.configured`; `null`: nothing. */
export function configuredMetric(name: string): Metric<KnownMetric> | null {
  return Object.hasOwn(metrics, name) ? metrics[name as KnownMetric["kind"]] : null;
}
