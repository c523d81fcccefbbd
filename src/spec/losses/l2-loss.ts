import { type Loss, oneOutputProblems } from "./loss.js";

/** Squared error. */
export type L2LossSpec = { readonly kind: "l2_loss" };

export interface L2LossMethod<Tower> {
  /** Squared error, for a numeric label. */
  l2(): Tower;
}

export const l2Loss: Loss<L2LossSpec> = {
  kind: "l2_loss",
  options: {},
  label: "L2",
  labels: "number",
  outputs: "one",
  docs: ["t.l2()", "any number"],
  method: "l2",
  make: () => ({}),
  problems: ({ kind }, place) => oneOutputProblems(kind, place),
  perRow: (ops, { logits, target }) => ops.square(ops.sub(logits, target)),
};
