/**
 * Task losses (TorchEasyRec `loss/`): each is the sum over rows of coefficient · loss, a scalar.
 */

import type { LossSpec } from "../spec/index.js";
import * as tf from "../tfjs/index.js";
import { detach } from "./gates/detach.js";
import { softplus } from "./layers/activations.js";

/** The labels of a task's rows, and their weights. */
export interface LossRows {
  /** [rows, 1] of labels, or [rows, numClass] of one-hot labels for several classes. */
  readonly target: tf.Tensor;
  /** [rows, 1]: the product of each row's normalised weight, the task's weight and 1 / rows. */
  readonly coefficient: tf.Tensor;
  /** [rows, 1]: the number of each row's session; `null` for losses without sessions. */
  readonly session: tf.Tensor | null;
}

/** A task's loss. @param logits [rows, numClass] */
export function taskLoss(loss: LossSpec, logits: tf.Tensor, { target, coefficient, session }: LossRows): tf.Scalar {
  return tf.sum(tf.mul(perRow(loss, logits, target, session), coefficient));
}

/** [rows, 1] */
function perRow(loss: LossSpec, logits: tf.Tensor, target: tf.Tensor, session: tf.Tensor | null): tf.Tensor {
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
    case "jrc_loss": {
      const crossEntropy = softmaxCrossEntropy(logits, target, 0);
      const ranking = sessionRanking(logits, target, session!);
      return tf.add(tf.mul(crossEntropy, loss.alpha), tf.mul(ranking, 1 - loss.alpha));
    }
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

/**
 * The ranking part of JRC (Sheng et al. 2022), [rows, 1]: −log of the share of a row's logit of its class among
 * itself and the rows of the other class in its session, by their logits of that class.
 */
function sessionRanking(logits: tf.Tensor, oneHot: tf.Tensor, session: tf.Tensor): tf.Tensor {
  const classLogit = tf.sum(tf.mul(logits, oneHot), 1, true);
  const others = tf.matMul(oneHot, logits, false, true); // [row, other]: the other's logit of the row's class
  const sameClass = tf.matMul(oneHot, oneHot, false, true);
  const sameSession = tf.relu(tf.sub(1, tf.abs(tf.sub(session, tf.transpose(session)))));
  const competes = tf.mul(sameSession, tf.sub(1, sameClass));
  const competing = tf.add(others, tf.mul(tf.sub(competes, 1), farBelow));
  const largest = tf.maximum(tf.max(detach(competing), 1, true), detach(classLogit));
  const sum = tf.add(tf.sum(tf.exp(tf.sub(competing, largest)), 1, true), tf.exp(tf.sub(classLogit, largest)));
  return tf.sub(tf.add(tf.log(sum), largest), classLogit);
}

/** Subtracted from logits of rows that do not compete: their exponential is 0. */
const farBelow = 1e9;
