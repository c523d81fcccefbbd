import { boundedNormalizedEntropy } from "../../metrics/intervals/drawn-cell.js";
import { number } from "../option.js";
import { type Metric, oneOutputProblems } from "./metric.js";

/** Log loss divided by the log loss of the mean rate. */
export interface NormalizedEntropySpec {
  readonly kind: "normalized_entropy";
  /** Clips the rate of positives to [eta, 1 − eta]. */
  readonly eta: number;
}

export interface NormalizedEntropyMethod<Tower> {
  /** Log loss divided by the log loss of the mean rate (normalised entropy). */
  normalizedEntropy(options?: { readonly eta?: number }): Tower;
}

export const normalizedEntropy: Metric<NormalizedEntropySpec, NormalizedEntropyMethod<unknown>> = {
  kind: "normalized_entropy",
  options: { eta: number({ above: 0, below: 1 }) },
  label: "normalised entropy",
  more: "worse",
  docs: ["t.normalizedEntropy({ eta })", "one output", "log loss / entropy of the positive rate"],
  method: "normalizedEntropy",
  make: ({ eta = 1e-12 } = {}) => ({ eta }),
  problems: ({ kind }, place) => oneOutputProblems(kind, place),
  value: ({ isBinary, scores, labels }, { eta }) => (isBinary ? boundedNormalizedEntropy(scores, labels, eta) : null),
};
