/** The registry of losses. To add one, write its file and name it in the types and the list below. */
import type { OtherSpec } from "../training.js";
import type { BinaryCrossEntropyMethod, BinaryCrossEntropySpec } from "./binary-cross-entropy.js";
import { binaryCrossEntropy } from "./binary-cross-entropy.js";
import { type BinaryFocalLossMethod, type BinaryFocalLossSpec, binaryFocalLoss } from "./binary-focal-loss.js";
import { type JrcLossMethod, type JrcLossSpec, jrcLoss } from "./jrc-loss.js";
import { type L2LossMethod, type L2LossSpec, l2Loss } from "./l2-loss.js";
import type { Loss } from "./loss.js";
import type { SoftmaxCrossEntropyMethod, SoftmaxCrossEntropySpec } from "./softmax-cross-entropy.js";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.js";

export type { Loss, LossRows, TensorOps } from "./loss.js";

/** A loss that this library computes. */
export type KnownLoss =
  | BinaryCrossEntropySpec
  | SoftmaxCrossEntropySpec
  | L2LossSpec
  | BinaryFocalLossSpec
  | JrcLossSpec;

/** The methods of a tower's builder that add a loss. */
export interface LossMethods<Tower, Feature>
  extends BinaryCrossEntropyMethod<Tower>,
    BinaryFocalLossMethod<Tower>,
    SoftmaxCrossEntropyMethod<Tower>,
    JrcLossMethod<Tower, Feature>,
    L2LossMethod<Tower> {}

/** By kind, in the order in which errors and docs list them. */
export const losses: { readonly [K in KnownLoss["kind"]]: Loss<Extract<KnownLoss, { readonly kind: K }>> } = {
  binary_cross_entropy: binaryCrossEntropy,
  softmax_cross_entropy: softmaxCrossEntropy,
  l2_loss: l2Loss,
  binary_focal_loss: binaryFocalLoss,
  jrc_loss: jrcLoss,
};

/** A task loss (TorchEasyRec `LossConfig`). */
export type LossSpec = KnownLoss | OtherSpec;

/** What is known of a loss; `null` for a loss that this library only keeps. */
export function knownLoss(loss: LossSpec): Loss<KnownLoss> | null {
  return loss.kind === "other" ? null : losses[loss.kind];
}

/** The feature whose ids are a loss's sessions; `null`: it compares no rows. */
export function sessionFeature(loss: LossSpec): string | null {
  return loss.kind === "other" ? null : (knownLoss(loss)?.session?.(loss) ?? null);
}
