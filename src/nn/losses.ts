import { type LossSpec, losses, type TensorOps } from "../spec/index.js";
import * as tf from "../tfjs/index.js";
import { detach } from "./gates/detach.js";
import { softplus } from "./layers/activations.js";

/** The labels of a task's rows, and their weights. */
export interface WeightedRows {
  /** [rows, 1] of labels, or [rows, numClass] of one-hot labels for several classes. */
  readonly target: tf.Tensor;
  /** [rows, 1]: the product of each row's normalised weight, the task's weight and 1 / rows. */
  readonly coefficient: tf.Tensor;
  /** [rows, 1]: the number of each row's session; `null` for losses without sessions. */
  readonly session: tf.Tensor | null;
}

const ops: TensorOps<tf.Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  pow: tf.pow,
  square: tf.square,
  abs: tf.abs,
  exp: tf.exp,
  log: tf.log,
  relu: tf.relu,
  sigmoid: tf.sigmoid,
  softplus,
  maximum: tf.maximum,
  sum: tf.sum,
  max: tf.max,
  transpose: (a) => tf.transpose(a),
  matMul: tf.matMul,
  detach,
};

/** A task's loss: the sum over rows of coefficient · loss. @param logits [rows, numClass] */
export function taskLoss(loss: LossSpec, logits: tf.Tensor, rows: WeightedRows): tf.Scalar {
  if (loss.kind === "other") throw new Error(`the plan must not contain the loss ${loss.field}`);
  const { target, coefficient, session } = rows;
  const perRow = losses[loss.kind].perRow(ops, { logits, target, classes: logits.shape[1]!, session }, loss as never);
  return tf.sum(tf.mul(perRow, coefficient));
}
