import { boundedNormalizedEntropy } from "../../metrics/intervals/drawn-cell.js";
import { checkNumber } from "../validate/checks.js";
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

export const normalizedEntropy: Metric<NormalizedEntropySpec> = {
  kind: "normalized_entropy",
  message: "NormalizedEntropy",
  options: { eta: "number" },
  label: "normalised entropy",
  more: "worse",
  digits: 4,
  docs: ["t.normalizedEntropy({ eta })", "one output", "log loss / entropy of the positive rate"],
  method: "normalizedEntropy",
  make: ({ eta = 1e-12 }: { readonly eta?: number } = {}) => ({ kind: "normalized_entropy", eta }),
  problems: ({ kind, eta }, place) => [
    ...checkNumber(`${place.path}.eta`, eta, { above: 0, below: 1 }),
    ...oneOutputProblems(kind, place),
  ],
  value: ({ isBinary, scores, labels }, { eta }) => (isBinary ? boundedNormalizedEntropy(scores, labels, eta) : null),
};
