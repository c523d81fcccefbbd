import { checkNumber } from "../validate/checks.js";
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

export const binaryFocalLoss: Loss<BinaryFocalLossSpec> = {
  kind: "binary_focal_loss",
  message: "BinaryFocalLoss",
  options: { gamma: "number", alpha: "number" },
  label: "focal",
  labels: "binary",
  outputs: "one",
  docs: ["t.focal()", "0 or 1"],
  method: "focal",
  make: ({ gamma = 2, alpha = 0.5 }: { readonly gamma?: number; readonly alpha?: number } = {}) => ({
    loss: { kind: "binary_focal_loss", gamma, alpha },
  }),
  problems: ({ kind, gamma, alpha }, place) => [
    ...checkNumber(`${place.path}.gamma`, gamma, { least: 0 }),
    ...checkNumber(`${place.path}.alpha`, alpha, { above: 0, below: 1 }),
    ...oneOutputProblems(kind, place),
  ],
  /** The cross entropy times α y (1 − p)^γ + (1 − α)(1 − y) p^γ, a weight without gradients. */
  perRow(ops, { logits, target }, { gamma, alpha }) {
    const probability = ops.sigmoid(ops.detach(logits));
    const positive = ops.mul(ops.mul(target, alpha), ops.pow(ops.sub(1, probability), gamma));
    const negative = ops.mul(ops.mul(ops.sub(1, target), 1 - alpha), ops.pow(probability, gamma));
    return ops.mul(crossEntropy(ops, logits, target), ops.detach(ops.add(positive, negative)));
  },
};
