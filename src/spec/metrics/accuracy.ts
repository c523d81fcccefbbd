import { topKAccuracy, accuracy as twoClassAccuracy } from "../../metrics/intervals/drawn-cell.js";
import { number, positive } from "../option.js";
import type { Metric } from "./metric.js";

/** Share of correct predictions. */
export interface AccuracySpec {
  readonly kind: "accuracy";
  /** For binary tasks: probabilities above it count as positive. */
  readonly threshold: number;
  /** For multi-class tasks: the label must be among this number of most probable classes. */
  readonly topK: number;
}

export interface AccuracyMethod<Tower> {
  /** Accuracy: the share of correct predictions. Defaults: threshold 0.5, topK 1. */
  accuracy(options?: { readonly threshold?: number; readonly topK?: number }): Tower;
}

export const accuracy: Metric<AccuracySpec, AccuracyMethod<unknown>> = {
  kind: "accuracy",
  options: { threshold: number({ least: 0, most: 1 }), topK: number(positive) },
  label: "accuracy",
  more: "better",
  docs: ["t.accuracy({ threshold, topK })", "one output, classes", "share of correct rows"],
  method: "accuracy",
  make: ({ threshold = 0.5, topK = 1 } = {}) => ({ threshold, topK }),
  // As in TorchEasyRec, a threshold applies to a single output, for any loss; several classes are ranked.
  value: ({ numClass, scores, probabilities, labels }, { threshold, topK }) =>
    numClass === 1 ? twoClassAccuracy(scores, labels, threshold) : topKAccuracy(probabilities, labels, topK),
};
