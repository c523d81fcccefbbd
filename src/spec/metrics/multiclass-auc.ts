import { multiclassAuc as meanAucOfClasses } from "../../metrics/auc.js";
import { number, oneOf } from "../option.js";
import { classesProblems, type Metric } from "./metric.js";

/** AUC of each of several classes against the others. */
export interface MulticlassAucSpec {
  readonly kind: "multiclass_auc";
  /** Number of evenly spaced thresholds of the approximation. */
  readonly thresholds: number;
  /** The mean over classes: plain (`macro`), or weighted by their rows. */
  readonly average: "macro" | "weighted";
}

export interface MulticlassAucMethod<Tower> {
  /** AUC of each of several classes against the others, by thresholds. Defaults: 200, the plain mean over classes. */
  multiclassAuc(options?: { readonly thresholds?: number; readonly average?: "macro" | "weighted" }): Tower;
}

export const multiclassAuc: Metric<MulticlassAucSpec, MulticlassAucMethod<unknown>> = {
  kind: "multiclass_auc",
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
  problems: ({ kind }, place) => classesProblems(kind, place),
  value: ({ numClass, probabilities, labels }, metric) =>
    numClass > 1 ? meanAucOfClasses(probabilities, labels, metric) : null,
};
