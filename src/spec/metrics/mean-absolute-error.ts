import { meanAbsoluteError as meanError } from "../../metrics/intervals/drawn-cell.js";
import { type Metric, numericProblems } from "./metric.js";

/** Mean absolute error. */
export type MeanAbsoluteErrorSpec = { readonly kind: "mean_absolute_error" };

export interface MeanAbsoluteErrorMethod<Tower> {
  /** Mean absolute error of a numeric label. */
  mae(): Tower;
}

export const meanAbsoluteError: Metric<MeanAbsoluteErrorSpec> = {
  kind: "mean_absolute_error",
  options: {},
  label: "mean absolute error",
  more: "worse",
  docs: ["t.mae()", "with an L2 loss", "mean absolute error"],
  method: "mae",
  make: () => ({}),
  problems: ({ kind }, place) => numericProblems(kind, place),
  value: ({ values, labels }) => meanError(values(), labels),
};
