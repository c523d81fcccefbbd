import { number, share } from "../option.js";
import { type Loss, oneOutputProblems, type TensorOps } from "./loss.js";

/** Binary cross entropy. */
export interface BinaryCrossEntropySpec {
  readonly kind: "binary_cross_entropy";
  /** Label smoothing: the share by which labels move towards ½. */
  readonly labelSmoothing: number;
}

export interface BinaryCrossEntropyMethod<Tower> {
  /** Binary cross-entropy: one output, or a softmax of two. */
  bce(options?: { readonly labelSmoothing?: number }): Tower;
}

export const binaryCrossEntropy: Loss<BinaryCrossEntropySpec, BinaryCrossEntropyMethod<unknown>> = {
  kind: "binary_cross_entropy",
  options: { labelSmoothing: number(share) },
  label: "BCE",
  labels: "binary",
  outputs: "one",
  docs: ["t.bce()", "0 or 1"],
  method: "bce",
  make: ({ labelSmoothing = 0 } = {}) => ({ labelSmoothing }),
  problems: ({ kind }, place) => oneOutputProblems(kind, place),
  perRow(ops, { logits, target }, { labelSmoothing: smoothing }) {
    return crossEntropy(ops, logits, smoothing === 0 ? target : ops.add(ops.mul(target, 1 - smoothing), smoothing / 2));
  },
};

/** softplus(z) − z·y: the gradient of TF.js's sigmoidCrossEntropy has a leaky Step at 0. */
export function crossEntropy<T>(ops: TensorOps<T>, logits: T, label: T): T {
  return ops.sub(ops.softplus(logits), ops.mul(logits, label));
}
