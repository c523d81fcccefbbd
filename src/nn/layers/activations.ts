/**
 * Activations as TF.js programs with PyTorch's values and derivatives, built from a few kernels that can all be
 * traced.
 */

import type { Activation, ActivationName } from "../../spec/index.js";
import * as tf from "../../tfjs/index.js";

type Options = Activation["options"];
type Apply = (x: tf.Tensor, options: Options) => tf.Tensor;

/** A number among the options, which the spec has checked. */
const number = (options: Options, name: string): number => Number(options[name]);

/** alpha · (e^min(x, 0) − 1) + relu(x): ELU, whose derivative at 0 is alpha as in PyTorch. */
function elu(x: tf.Tensor, alpha: number, sharpness: number): tf.Tensor {
  const below = tf.exp(tf.mul(tf.minimum(x, 0), sharpness));
  return tf.add(tf.relu(x), tf.mul(tf.sub(below, 1), alpha));
}

const selu = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

function gelu(x: tf.Tensor, options: Options): tf.Tensor {
  const gate =
    options.approximate === "tanh"
      ? tf.tanh(tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI)))
      : tf.erf(tf.mul(x, Math.SQRT1_2));
  return tf.mul(tf.mul(x, 0.5), tf.add(gate, 1));
}

const relu6 = (x: tf.Tensor): tf.Tensor => tf.minimum(tf.relu(x), 6);

const apply: Readonly<Record<ActivationName, Apply>> = {
  Identity: (x) => x,
  ReLU: (x) => tf.relu(x),
  ReLU6: relu6,
  LeakyReLU: (x, o) => tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), number(o, "negative_slope"))),
  ELU: (x, o) => elu(x, number(o, "alpha"), 1),
  SELU: (x) => tf.mul(elu(x, selu.alpha, 1), selu.scale),
  CELU: (x, o) => elu(x, number(o, "alpha"), 1 / number(o, "alpha")),
  GELU: gelu,
  SiLU: (x) => tf.mul(x, tf.sigmoid(x)),
  Mish: (x) => tf.mul(x, tf.tanh(softplus(x))),
  Sigmoid: (x) => tf.sigmoid(x),
  LogSigmoid: (x) => tf.neg(softplus(tf.neg(x))),
  Hardsigmoid: (x) => tf.div(relu6(tf.add(x, 3)), 6),
  Hardswish: (x) => tf.mul(x, tf.div(relu6(tf.add(x, 3)), 6)),
  Hardtanh: (x, o) => tf.minimum(tf.maximum(x, number(o, "min_val")), number(o, "max_val")),
  Tanh: (x) => tf.tanh(x),
  Tanhshrink: (x) => tf.sub(x, tf.tanh(x)),
  Hardshrink: (x, o) => tf.mul(x, tf.step(tf.sub(tf.abs(x), number(o, "lambd")))),
  Softshrink: (x, o) => tf.sub(tf.relu(tf.sub(x, number(o, "lambd"))), tf.relu(tf.sub(tf.neg(x), number(o, "lambd")))),
  Softplus: (x, o) => tf.div(softplusUpTo(tf.mul(x, number(o, "beta")), number(o, "threshold")), number(o, "beta")),
  Softsign: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
};

/** log(1 + e^x), with the sigmoid as its gradient. */
export function softplus(x: tf.Tensor): tf.Tensor {
  return tf.softplus(x);
}

/**
 * Softplus that is the identity above a threshold, like PyTorch's; from 20 (its default) on, float32 results are
 * equal.
 */
function softplusUpTo(x: tf.Tensor, threshold: number): tf.Tensor {
  if (threshold >= 20) return softplus(x);
  const above = tf.step(tf.sub(x, threshold));
  return tf.add(tf.mul(x, above), tf.mul(softplus(tf.minimum(x, threshold)), tf.sub(1, above)));
}

/** Applies an activation to a tensor of any shape. */
export function activate(x: tf.Tensor, activation: Activation): tf.Tensor {
  return apply[activation.name](x, activation.options);
}
