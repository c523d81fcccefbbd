import { meanSquaredError as meanError } from "../../metrics/intervals/drawn-cell.js";
import { type Metric, numericProblems } from "./metric.js";

/** Mean squared error. */
export type MeanSquaredErrorSpec = { readonly kind: "mean_squared_error" };

export interface MeanSquaredErrorMethod<Tower> {
  /** Mean squared error of a numeric label. */
  mse(): Tower;
}

export const meanSquaredError: Metric<MeanSquaredErrorSpec> = {
  kind: "mean_squared_error",
  options: {},
  label: "mean squared error",
  more: "worse",
  docs: ["t.mse()", "with an L2 loss", "mean squared error"],
  method: "mse",
  make: () => ({}),
  problems: ({ kind }, place) => numericProblems(kind, place),
  value: ({ values, labels }) => meanError(values(), labels),
};
