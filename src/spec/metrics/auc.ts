import { thresholdAuc } from "../../metrics/auc.js";
import { number } from "../option.js";
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

export const auc: Metric<AucSpec, AucMethod<unknown>> = {
  kind: "auc",
  options: { thresholds: number({ least: 2, integer: true }) },
  label: "AUC by thresholds",
  more: "better",
  docs: ["t.auc({ thresholds })", "one output, or two classes", "AUC by thresholds"],
  method: "auc",
  make: ({ thresholds = 200 } = {}) => ({ thresholds }),
  problems: ({ kind }, place) => twoClassProblems(kind, place),
  value: ({ isBinary, scores, labels }, { thresholds }) => (isBinary ? thresholdAuc(scores, labels, thresholds) : null),
};
