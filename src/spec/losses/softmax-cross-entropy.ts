import { number, share } from "../option.js";
import { show, unless } from "../validate/checks.js";
import type { Loss, LossRows, TensorOps } from "./loss.js";

/** Cross entropy of several classes. */
export interface SoftmaxCrossEntropySpec {
  readonly kind: "softmax_cross_entropy";
  /** Label smoothing: the share by which labels move towards the uniform distribution. */
  readonly labelSmoothing: number;
}

export interface SoftmaxCrossEntropyMethod<Tower> {
  /** Softmax cross entropy over classes 0 … numClass − 1. */
  softmax(numClass: number, options?: { readonly labelSmoothing?: number }): Tower;
}

export const softmaxCrossEntropy: Loss<SoftmaxCrossEntropySpec, SoftmaxCrossEntropyMethod<unknown>> = {
  kind: "softmax_cross_entropy",
  options: { labelSmoothing: number(share) },
  label: "softmax",
  labels: "classes",
  outputs: "classes",
  docs: ["t.softmax(classes)", "0 … classes − 1; rows with −100 are left out of the loss and of metrics"],
  method: "softmax",
  make: (numClass, { labelSmoothing = 0 } = {}) => ({ labelSmoothing, numClass }),
  problems: (_, { tower }) =>
    unless(tower.numClass >= 2, {
      path: `towers.${tower.name}.numClass`,
      message: "softmax cross entropy needs at least two classes",
      received: show(tower.numClass),
      expected: "an integer ≥ 2",
      fix: "t.softmax(2), or t.bce() for one output",
    }),
  perRow: (ops, rows, { labelSmoothing }) => classCrossEntropy(ops, rows, labelSmoothing),
};

/** [rows, 1] of cross entropies of one-hot labels. */
export function classCrossEntropy<T>(
  ops: TensorOps<T>,
  { logits, target: oneHot, classes }: LossRows<T>,
  smoothing: number,
): T {
  const target = smoothing === 0 ? oneHot : ops.add(ops.mul(oneHot, 1 - smoothing), smoothing / classes);
  const shifted = ops.sub(logits, ops.max(ops.detach(logits), 1, true));
  const logSum = ops.log(ops.sum(ops.exp(shifted), 1, true));
  return ops.sum(ops.mul(ops.sub(logSum, shifted), target), 1, true);
}
