import { thresholdAuc } from "../../metrics/auc.js";
import { checkCount } from "../validate/checks.js";
import { type Metric, twoClassProblems } from "./metric.js";

/** AUC by thresholds. */
export interface AucSpec {
  readonly kind: "auc";
  /** Number of evenly spaced thresholds of the approximation. */
  readonly thresholds: number;
}

export interface AucMethod<Tower> {
  /** TorchEasyRec's AUC by thresholds, in addition to the exact AUC. Default: 200. */
  auc(options?: { readonly thresholds?: number }): Tower;
}

export const auc: Metric<AucSpec> = {
  kind: "auc",
  message: "AUC",
  options: { thresholds: "number" },
  label: "AUC by thresholds",
  more: "better",
  digits: 4,
  docs: ["t.auc({ thresholds })", "one output, or two classes", "AUC by thresholds"],
  method: "auc",
  make: ({ thresholds = 200 }: { readonly thresholds?: number } = {}) => ({ kind: "auc", thresholds }),
  problems: ({ kind, thresholds }, place) => [
    ...checkCount(`${place.path}.thresholds`, thresholds, 2),
    ...twoClassProblems(kind, place),
  ],
  value: ({ isBinary, scores, labels }, { thresholds }) => (isBinary ? thresholdAuc(scores, labels, thresholds) : null),
};
