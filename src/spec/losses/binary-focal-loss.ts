import { number } from "../option.js";
import { crossEntropy } from "./binary-cross-entropy.js";
import { type Loss, oneOutputProblems } from "./loss.js";

/** Focal loss (Lin et al. 2017). */
export interface BinaryFocalLossSpec {
  readonly kind: "binary_focal_loss";
  /** The exponent: the larger, the less weight easy examples have. */
  readonly gamma: number;
  /** Weight of positive rows; negative rows have 1 − alpha. */
  readonly alpha: number;
}

export interface BinaryFocalLossMethod<Tower> {
  /** Focal loss: hard examples have more weight. Defaults: gamma 2, alpha 0.5. */
  focal(options?: { readonly gamma?: number; readonly alpha?: number }): Tower;
}

export const binaryFocalLoss: Loss<BinaryFocalLossSpec, BinaryFocalLossMethod<unknown>> = {
  kind: "binary_focal_loss",
  options: { gamma: number({ least: 0 }), alpha: number({ above: 0, below: 1 }) },
  label: "focal",
  labels: "binary",
  outputs: "one",
  docs: ["t.focal()", "0 or 1"],
  method: "focal",
  make: ({ gamma = 2, alpha = 0.5 } = {}) => ({ gamma, alpha }),
  problems: ({ kind }, place) => oneOutputProblems(kind, place),
  /** The cross entropy times α y (1 − p)^γ + (1 − α)(1 − y) p^γ, a weight without gradients. */
  perRow(ops, { logits, target }, { gamma, alpha }) {
    const probability = ops.sigmoid(ops.detach(logits));
    const positive = ops.mul(ops.mul(target, alpha), ops.pow(ops.sub(1, probability), gamma));
    const negative = ops.mul(ops.mul(ops.sub(1, target), 1 - alpha), ops.pow(probability, gamma));
    return ops.mul(crossEntropy(ops, logits, target), ops.detach(ops.add(positive, negative)));
  },
};
