/** The registry of metrics. To add one, name it in the options, the methods and the list below. */
import type { Problem } from "../errors/index.js";
import { groupedAuc, multiclassAuc, thresholdAuc } from "../metrics/auc.js";
import {
  accuracy,
  boundedNormalizedEntropy,
  meanAbsoluteError,
  meanSquaredError,
  topKAccuracy,
} from "../metrics/intervals/drawn-cell.js";
import { groupedXauc, xauc } from "../metrics/ordered-pairs.js";
import type { OfKind } from "../util/shape.js";
import { type Choice, featureProblems, type MethodOf, type Place } from "./choice.js";
import { flag, number, type OptionsOf, oneOf, optionalNumber, positive, text } from "./option.js";
import type { OtherSpec } from "./training.js";

/** A metric that this library computes. */
export type KnownMetric =
  /** AUC by thresholds. */
  | {
      readonly kind: "auc";
      /** Number of evenly spaced thresholds of the approximation. */
      readonly thresholds: number;
    }
  /** Mean AUC of groups. */
  | { readonly kind: "grouped_auc"; readonly groupingKey: string }
  /** AUC of each of several classes against the others. */
  | {
      readonly kind: "multiclass_auc";
      /** Number of evenly spaced thresholds of the approximation. */
      readonly thresholds: number;
      /** The mean over classes: plain (`macro`), or weighted by their rows. */
      readonly average: "macro" | "weighted";
    }
  /** Share of correct predictions. */
  | {
      readonly kind: "accuracy";
      /** For binary tasks: probabilities above it count as positive. */
      readonly threshold: number;
      /** For multi-class tasks: the label must be among this number of most probable classes. */
      readonly topK: number;
    }
  /** Log loss divided by the log loss of the mean rate. */
  | {
      readonly kind: "normalized_entropy";
      /** Clips the rate of positives to [eta, 1 − eta]. */
      readonly eta: number;
    }
  /** Share of pairs of rows in the order of their labels. */
  | {
      readonly kind: "xauc";
      /** TorchEasyRec draws this share of all pairs; here all pairs count. */
      readonly sampleRatio: number;
      /** TorchEasyRec draws this number of pairs instead; `null`: by `sampleRatio`. */
      readonly maxPairs: number | null;
      /** Pairs within each batch of evaluation only; the value is the mean over batches. */
      readonly inBatch: boolean;
    }
  /** Share of ordered pairs within groups. */
  | {
      readonly kind: "grouped_xauc";
      readonly groupingKey: string;
      /** TorchEasyRec draws this number of pairs in each group; here all pairs count. */
      readonly maxPairsPerGroup: number;
    }
  | { readonly kind: "mean_absolute_error" }
  | { readonly kind: "mean_squared_error" };

/** The methods of a tower's builder that add a metric. */
export interface MetricMethods<Tower, Feature> {
  /** TorchEasyRec's AUC by thresholds, in addition to the exact AUC. Default: 200. */
  auc(options?: { readonly thresholds?: number }): Tower;
  /** Grouped AUC: the unweighted mean of the AUC within the rows of each value of a feature (usually the user). */
  gauc(groupingKey: Feature): Tower;
  /** AUC of each of several classes against the others, by thresholds. Defaults: 200, the plain mean over classes. */
  multiclassAuc(options?: { readonly thresholds?: number; readonly average?: "macro" | "weighted" }): Tower;
  /** Accuracy: the share of correct predictions. Defaults: threshold 0.5, topK 1. */
  accuracy(options?: { readonly threshold?: number; readonly topK?: number }): Tower;
  /** Log loss divided by the log loss of the mean rate (normalised entropy). */
  normalizedEntropy(options?: { readonly eta?: number }): Tower;
  /** The share of pairs of rows in the order of their labels, for an L2 loss. `inBatch`: within batches only. */
  xauc(options?: { readonly inBatch?: boolean }): Tower;
  /** `xauc` within the rows of each value of a feature, weighted by their number. */
  groupedXauc(groupingKey: Feature): Tower;
  /** Mean absolute error of a numeric label. */
  mae(): Tower;
  /** Mean squared error of a numeric label. */
  mse(): Tower;
}

export interface MetricRows {
  /** [rows] */
  readonly labels: Float32Array;
  /** [rows, numClass] */
  readonly probabilities: Float32Array;
  /** [rows]: the probability of the positive class; the value itself for regression. */
  readonly scores: Float32Array;
  readonly numClass: number;
  /** Whether the task predicts one of two classes. */
  readonly isBinary: boolean;
  /** `[rows]`: the values of an id feature or label, by which a metric groups; `null` without one. */
  group(name: string): ArrayLike<number> | null;
  /** `[rows]`: predictions of a numeric label. */
  values(): Float32Array;
  /** `[rows]`: the batch of each row. */
  batches(): ArrayLike<number>;
}

export type Metric<S extends KnownMetric> = Choice<S> &
  MethodOf<MetricMethods<unknown, string>, Omit<S, "kind">> & {
    /** The direction: larger is better, smaller is better, or closer to 1 is better. */
    readonly more: "better" | "worse" | "towards 1";
    /** `null`: not defined on these rows. */
    value(rows: MetricRows, metric: S): number | null;
  };

/** The metrics by kind, in the order of the docs. */
export const metrics: { readonly [K in KnownMetric["kind"]]: Metric<OfKind<KnownMetric, K>> } = {
  auc: {
    options: { thresholds: number({ least: 2, integer: true }) },
    label: "AUC by thresholds",
    more: "better",
    docs: ["t.auc({ thresholds })", "one output, or two classes", "AUC by thresholds"],
    method: "auc",
    make: ({ thresholds = 200 } = {}) => ({ thresholds }),
    problems: twoClassProblems,
    value: ({ isBinary, scores, labels }, { thresholds }) =>
      isBinary ? thresholdAuc(scores, labels, thresholds) : null,
  },
  grouped_auc: {
    options: { groupingKey: text() },
    label: "grouped AUC",
    more: "better",
    docs: [
      "t.gauc(key)",
      "one output, or two classes",
      "mean of the exact AUC of each value of a feature; a row without a value has the value 0",
    ],
    method: "gauc",
    make: (groupingKey) => ({ groupingKey }),
    problems: (metric, place) => [...groupProblems(metric, place), ...twoClassProblems(metric, place)],
    value({ isBinary, scores, labels, group }, { groupingKey }) {
      const groups = isBinary ? group(groupingKey) : null;
      return groups && groupedAuc(scores, labels, groups);
    },
  },
  multiclass_auc: {
    options: { thresholds: number({ least: 2, integer: true }), average: oneOf(["macro", "weighted"]) },
    label: "AUC of classes",
    more: "better",
    docs: [
      "t.multiclassAuc({ thresholds, average })",
      "classes",
      "each class against the others; a class without rows counts as 0",
    ],
    method: "multiclassAuc",
    make: ({ thresholds = 200, average = "macro" } = {}) => ({ thresholds, average }),
    problems: ({ kind }, { path, tower }) =>
      tower.numClass > 1 ? [] : [misplaced(path, kind, "several classes", "one output")],
    value: ({ numClass, probabilities, labels }, metric) =>
      numClass > 1 ? multiclassAuc(probabilities, labels, metric) : null,
  },
  accuracy: {
    options: { threshold: number({ least: 0, most: 1 }), topK: number(positive) },
    label: "accuracy",
    more: "better",
    docs: ["t.accuracy({ threshold, topK })", "one output, classes", "share of correct rows"],
    method: "accuracy",
    make: ({ threshold = 0.5, topK = 1 } = {}) => ({ threshold, topK }),
    // As in TorchEasyRec, a threshold applies to a single output, for any loss; several classes are ranked.
    value: ({ numClass, scores, probabilities, labels }, { threshold, topK }) =>
      numClass === 1 ? accuracy(scores, labels, threshold) : topKAccuracy(probabilities, labels, topK),
  },
  normalized_entropy: {
    options: { eta: number({ above: 0, below: 1 }) },
    label: "normalised entropy",
    more: "worse",
    docs: ["t.normalizedEntropy({ eta })", "one output", "log loss / entropy of the positive rate"],
    method: "normalizedEntropy",
    make: ({ eta = 1e-12 } = {}) => ({ eta }),
    problems: ({ kind }, { path, tower }) =>
      tower.numClass === 1 ? [] : [misplaced(path, kind, "one output", `${tower.numClass} classes`)],
    value: ({ isBinary, scores, labels }, { eta }) => (isBinary ? boundedNormalizedEntropy(scores, labels, eta) : null),
  },
  xauc: {
    options: { sampleRatio: number({ above: 0, most: 1 }), maxPairs: optionalNumber(positive), inBatch: flag() },
    label: "ordered pairs (xAUC)",
    more: "better",
    docs: [
      "t.xauc({ inBatch })",
      "with an L2 loss",
      "share of pairs of rows in the order of their labels; ties count as wrong",
    ],
    method: "xauc",
    make: ({ inBatch = false } = {}) => ({ sampleRatio: 0.001, maxPairs: null, inBatch }),
    problems: numericProblems,
    // Each batch has the same weight, as in TorchEasyRec.
    value: ({ values, labels, batches }, { inBatch }) =>
      inBatch ? groupedXauc(values(), labels, batches(), false) : xauc(values(), labels),
  },
  grouped_xauc: {
    options: { groupingKey: text(), maxPairsPerGroup: number(positive) },
    label: "ordered pairs by group",
    more: "better",
    docs: ["t.groupedXauc(key)", "with an L2 loss", "`xauc` within each value of a feature, weighted by rows"],
    method: "groupedXauc",
    make: (groupingKey) => ({ groupingKey, maxPairsPerGroup: 100 }),
    problems: (metric, place) => [...groupProblems(metric, place), ...numericProblems(metric, place)],
    value({ values, labels, group }, { groupingKey }) {
      const groups = group(groupingKey);
      return groups && groupedXauc(values(), labels, groups);
    },
  },
  mean_absolute_error: {
    options: {},
    label: "mean absolute error",
    more: "worse",
    docs: ["t.mae()", "with an L2 loss", "mean absolute error"],
    method: "mae",
    make: () => ({}),
    problems: numericProblems,
    value: ({ values, labels }) => meanAbsoluteError(values(), labels),
  },
  mean_squared_error: {
    options: {},
    label: "mean squared error",
    more: "worse",
    docs: ["t.mse()", "with an L2 loss", "mean squared error"],
    method: "mse",
    make: () => ({}),
    problems: numericProblems,
    value: ({ values, labels }) => meanSquaredError(values(), labels),
  },
};

interface Kind {
  readonly kind: string;
}

/** Errors and ordered pairs compare numbers: TorchEasyRec stops with KeyError 'y_…' on other towers. */
function numericProblems({ kind }: Kind, { path, tower }: Place): Problem[] {
  if (tower.losses.some((loss) => loss.kind === "l2_loss")) return [];
  const received = tower.losses.map((loss) => loss.kind).join(", ") || "no loss";
  return [misplaced(path, kind, "a tower with l2_loss, which predicts a number", received)];
}

function twoClassProblems({ kind }: Kind, { path, tower }: Place): Problem[] {
  if (tower.numClass <= 2) return [];
  const received = `${tower.numClass} classes`;
  return [{ path, message: `${kind} supports two classes only`, received, expected: "at most 2", fix: "t.accuracy()" }];
}

function groupProblems({ groupingKey }: { readonly groupingKey: string }, place: Place): Problem[] {
  const otherwise = "group by a declared feature, such as the user id";
  return featureProblems(`${place.path}.groupingKey`, groupingKey, place, otherwise);
}

function misplaced(path: string, metric: string, needs: string, received: string): Problem {
  const fix = "remove this metric from the tower";
  return { path, message: `${metric} needs ${needs}, as in TorchEasyRec`, received, expected: needs, fix };
}

/** A task metric (TorchEasyRec `MetricConfig`); exact AUC is always reported as well. */
export type MetricSpec = KnownMetric | OtherSpec;

/** A metric of training batches, whose earlier values count less and less (TorchEasyRec `TrainMetricConfig`). */
export type TrainMetricSpec = MetricSpec & TrainMetricDecay;

/** The decay of a metric of training batches. */
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

export function knownMetric(metric: MetricSpec): Metric<KnownMetric> | null {
  return metric.kind === "other" ? null : metrics[metric.kind];
}

/** The entry of a metric by its name in `TaskMetrics.configured`; `null` if there is none. */
export function configuredMetric(name: string): Metric<KnownMetric> | null {
  return Object.hasOwn(metrics, name) ? metrics[name as KnownMetric["kind"]] : null;
}
