/**
 * Task losses (TorchEasyRec `loss/`): each is the sum over rows of coefficient · loss, a scalar.
 */
import * as tf from "@tensorflow/tfjs";
import type { LossSpec } from "../spec/index.js";
import { detach } from "./gates/detach.js";
import { softplus } from "./layers/activations.js";

/**
 * A task's loss.
 * @param logits [rows, numClass]
 * @param target [rows, 1] of labels, or [rows, numClass] of one-hot labels for softmax
 * @param coefficient [rows, 1]: the product of each row's normalised weight, the task's weight and 1 / rows
 */
export function taskLoss(loss: LossSpec, logits: tf.Tensor, target: tf.Tensor, coefficient: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(perRow(loss, logits, target), coefficient));
}

/** [rows, 1] */
function perRow(loss: LossSpec, logits: tf.Tensor, target: tf.Tensor): tf.Tensor {
  switch (loss.kind) {
    case "binary_cross_entropy": {
      const { labelSmoothing: smoothing } = loss;
      const label = smoothing === 0 ? target : tf.add(tf.mul(target, 1 - smoothing), smoothing / 2);
      return binaryCrossEntropy(logits, label);
    }
    case "binary_focal_loss":
      return tf.mul(binaryCrossEntropy(logits, target), focalWeight(logits, target, loss.gamma, loss.alpha));
    case "l2_loss":
      return tf.square(tf.sub(logits, target));
    case "softmax_cross_entropy":
      return softmaxCrossEntropy(logits, target, loss.labelSmoothing);
    case "other":
      throw new Error(`the plan must not contain the loss ${loss.field}`);
  }
}

/** softplus(z) − z·y: the gradient of TF.js's sigmoidCrossEntropy has a leaky Step at 0. */
function binaryCrossEntropy(logits: tf.Tensor, label: tf.Tensor): tf.Tensor {
  return tf.sub(softplus(logits), tf.mul(logits, label));
}

/** α y (1 − p)^γ + (1 − α)(1 − y) p^γ, without gradients. */
function focalWeight(logits: tf.Tensor, label: tf.Tensor, gamma: number, alpha: number): tf.Tensor {
  const probability = tf.sigmoid(detach(logits));
  const positive = tf.mul(tf.mul(label, alpha), tf.pow(tf.sub(1, probability), gamma));
  const negative = tf.mul(tf.mul(tf.sub(1, label), 1 - alpha), tf.pow(probability, gamma));
  return detach(tf.add(positive, negative));
}

function softmaxCrossEntropy(logits: tf.Tensor, oneHot: tf.Tensor, smoothing: number): tf.Tensor {
  const classes = logits.shape[1]!;
  const target = smoothing === 0 ? oneHot : tf.add(tf.mul(oneHot, 1 - smoothing), smoothing / classes);
  const shifted = tf.sub(logits, tf.max(detach(logits), 1, true));
  const logSum = tf.log(tf.sum(tf.exp(shifted), 1, true));
  return tf.sum(tf.mul(tf.sub(logSum, shifted), target), 1, true);
}
