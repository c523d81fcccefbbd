/** Linear layers, dropout and stop-gradient, as functions of a program's inputs. */
import type { Activation, ActivationName } from "../spec/validate/mlp.js";
import * as tf from "../tfjs/index.js";
import type { Feeds } from "./plan/plan.js";

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

const apply: Readonly<Record<Exclude<ActivationName, "PReLU" | "Dice">, Apply>> = {
  Identity: (x) => x,
  ReLU: (x) => tf.relu(x),
  ReLU6: relu6,
  LeakyReLU: (x, o) => leakyRelu(x, number(o, "negative_slope")),
  ELU: (x, o) => elu(x, number(o, "alpha"), 1),
  SELU: (x) => tf.mul(elu(x, selu.alpha, 1), selu.scale),
  CELU: (x, o) => elu(x, number(o, "alpha"), 1 / number(o, "alpha")),
  GELU: gelu,
  SiLU: (x) => tf.mul(x, tf.sigmoid(x)),
  Mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  Sigmoid: (x) => tf.sigmoid(x),
  LogSigmoid: (x) => tf.neg(tf.softplus(tf.neg(x))),
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

export function leakyRelu(x: tf.Tensor, slope: number | tf.Tensor): tf.Tensor {
  return tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), slope));
}

/** PyTorch's softplus: the identity above a threshold. From a value of 20 (its default), float32 results are equal. */
function softplusUpTo(x: tf.Tensor, threshold: number): tf.Tensor {
  if (threshold >= 20) return tf.softplus(x);
  const above = tf.step(tf.sub(x, threshold));
  return tf.add(tf.mul(x, above), tf.mul(tf.softplus(tf.minimum(x, threshold)), tf.sub(1, above)));
}

/**
 * @param name of the layer's activation: PReLU and Dice have weights
 * @param inverse of Dice, the input with 1 / rows
 */
export function activate(
  feeds: Feeds,
  name: string,
  x: tf.Tensor2D,
  activation: Activation,
  inverse = "rows.inverse",
): tf.Tensor2D {
  if (activation.name === "Dice") return dice(feeds, name, x, inverse);
  if (activation.name === "PReLU") return leakyRelu(x, feeds.tensor(`${name}.weight`)) as tf.Tensor2D;
  return activateWithoutWeights(x, activation.name, activation.options) as tf.Tensor2D;
}

export function activateWithoutWeights(
  x: tf.Tensor,
  name: Exclude<ActivationName, "PReLU" | "Dice">,
  options: Options,
): tf.Tensor {
  return apply[name](x, options);
}

/** x ⊙ mask ⊙ scale, or x without the input `{name}.mask`. @param ownMask the mask of a part of the rows */
export function dropout<T extends tf.Tensor>(feeds: Feeds, name: string, x: T, ownMask?: tf.Tensor | null): T {
  if (!feeds.has(`${name}.mask`)) return x;
  const mask = tf.cast(ownMask ?? feeds.tensor(`${name}.mask`), "float32");
  return tf.mul(x, tf.mul(mask, feeds.tensor(`${name}.scale`)));
}

/** x · Wᵀ (+ b if the layer has a bias): [rows, in] → [rows, out]. */
export function linear(feeds: Feeds, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const product = tf.matMul(x, feeds.tensor<tf.Tensor2D>(`${name}.weight`), false, true) as tf.Tensor2D;
  if (!feeds.has(`${name}.bias`)) return product;
  return tf.add(product, feeds.tensor(`${name}.bias`));
}

/** {@link linear} by the product of two weights and the sum of their biases: shared ones, and a domain's. */
export function starLinear(feeds: Feeds, shared: string, domain: string, x: tf.Tensor2D): tf.Tensor2D {
  const weight: tf.Tensor2D = tf.mul(feeds.tensor(`${shared}.weight`), feeds.tensor<tf.Tensor2D>(`${domain}.weight`));
  const product = tf.matMul(x, weight, false, true) as tf.Tensor2D;
  if (!feeds.has(`${shared}.bias`)) return product;
  return tf.add(product, tf.add(feeds.tensor(`${shared}.bias`), feeds.tensor(`${domain}.bias`)));
}

/** A linear layer over [prior | stopgrad(rest)], which computes the gradient of the prior's columns only. */
export function priorLinear(feeds: Feeds, name: string, joined: tf.Tensor2D, prior: tf.Tensor2D): tf.Tensor2D {
  return withGradient(
    [prior, feeds.tensor(`${name}.weight`), feeds.tensor(`${name}.bias`)],
    (_, weight, bias) => [tf.add(tf.matMul(joined, weight!, false, true), bias!), joined, weight!],
    (delta, input, weight) => {
      const priorColumns = tf.slice(weight!, [0, 0], [weight!.shape[0], prior.shape[1]]);
      return [tf.matMul(delta, priorColumns), tf.matMul(delta, input!, true, false), tf.sum(delta, 0)];
    },
  );
}

/** @param forward returns the result and the tensors that `backward` needs @param backward gradients of the inputs */
export function withGradient<Result extends tf.Tensor = tf.Tensor2D>(
  inputs: readonly tf.Tensor[],
  forward: (...inputs: readonly tf.Tensor2D[]) => readonly [result: tf.Tensor, ...needed: readonly tf.Tensor[]],
  backward: (delta: tf.Tensor2D, ...needed: readonly tf.Tensor2D[]) => tf.Tensor[],
): Result {
  const run = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args.pop() as tf.GradSaveFunc;
    const [value, ...needed] = forward(...(args as tf.Tensor2D[]));
    save(needed);
    const gradFunc = (delta: tf.Tensor, saved: tf.Tensor[]) =>
      backward(delta as tf.Tensor2D, ...(saved as tf.Tensor2D[]));
    return { value, gradFunc };
  });
  return run(...inputs) as Result;
}

/** Batch and layer norm with PyTorch's formulas (eps 1e-5, biased variance). */

const epsilon = 1e-5;

/** Batch norm over rows; training outputs `{name}.mean` and `.variance`. @param inverse the input with 1 / rows */
export function batchNorm(feeds: Feeds, name: string, x: tf.Tensor2D, inverse: string = "rows.inverse"): tf.Tensor2D {
  const { centered, variance } = statistics(feeds, name, x, inverse);
  return scaleAndShift(feeds, name, centered, variance);
}

/**
 * STAR's partitioned norm of a domain's rows: the shared scale times the domain's, the shared shift plus the domain's.
 */
export function partitionedNorm(
  feeds: Feeds,
  shared: string,
  name: string,
  x: tf.Tensor2D,
  inverse: string,
): tf.Tensor2D {
  const { centered, variance } = statistics(feeds, name, x, inverse);
  const scale = tf.mul(feeds.tensor(`${shared}.weight`), feeds.tensor(`${name}.weight`));
  const shift = tf.add(feeds.tensor(`${shared}.bias`), feeds.tensor(`${name}.bias`));
  return tf.add(tf.mul(normal(centered, variance), scale), shift);
}

/** Dice, [rows, units]: x · p + alpha · x · (1 − p), where p is the sigmoid of x after a batch norm without weights. */
function dice(feeds: Feeds, name: string, x: tf.Tensor2D, inverse: string): tf.Tensor2D {
  const { centered, variance } = statistics(feeds, `${name}.bn`, x, inverse);
  const share = tf.sigmoid(normal(centered, variance));
  const rest = tf.mul(feeds.tensor(`${name}.alpha`), tf.sub(1, share));
  return tf.mul(x, tf.add(share, rest)) as tf.Tensor2D;
}

/** x − mean, and the variance: the batch's in training, else the running ones. */
function statistics(feeds: Feeds, name: string, x: tf.Tensor2D, inverse: string) {
  if (!feeds.training) {
    const centered = tf.sub(x, feeds.tensor(`${name}.running_mean`));
    return { centered, variance: feeds.tensor(`${name}.running_var`) };
  }
  const inverseRows = feeds.tensor(inverse);
  const mean = tf.mul(sumOver("rows", x), inverseRows);
  const centered = tf.sub(x, mean) as tf.Tensor2D;
  const variance = tf.mul(sumOver("rows", tf.square(centered)), inverseRows);
  feeds.left.set(`${name}.mean`, tf.keep(mean.clone()));
  feeds.left.set(`${name}.variance`, tf.keep(variance.clone()));
  return { centered, variance };
}

/** Layer norm over units, [rows, units]. */
export function layerNorm(feeds: Feeds, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return scaleAndShift(feeds, name, ...unitStatistics(x));
}

/** Layer norm over the last axis, without scale and shift. */
export function normalUnits(x: tf.Tensor): tf.Tensor {
  return normal(...unitStatistics(x));
}

function unitStatistics(x: tf.Tensor): [centered: tf.Tensor, variance: tf.Tensor] {
  const units = x.shape.at(-1)!;
  const centered = tf.sub(x, tf.div(sumOver("units", x), units));
  return [centered, tf.div(sumOver("units", tf.square(centered)), units)];
}

/** The sum over an axis, kept for units. TF.js's gradient makes a tensor of ones, large in traces too. */
function sumOver(axis: "rows" | "units", x: tf.Tensor): tf.Tensor {
  return withGradient(
    [x],
    (input) => [axis === "rows" ? tf.sum(input!, 0) : tf.sum(input!, -1, true), input!],
    (delta, input) => [tf.add(delta, tf.zerosLike(input!))],
  );
}

function normal(centered: tf.Tensor, variance: tf.Tensor): tf.Tensor {
  return tf.div(centered, tf.sqrt(tf.add(variance, epsilon)));
}

function scaleAndShift(feeds: Feeds, name: string, centered: tf.Tensor, variance: tf.Tensor): tf.Tensor2D {
  return tf.add(tf.mul(normal(centered, variance), feeds.tensor(`${name}.weight`)), feeds.tensor(`${name}.bias`));
}

/** Stop-gradient: a tensor of the same data, which is not copied, that the gradient tape has not recorded. */
export function detach<T extends tf.Tensor>(tensor: T): T {
  const engine = tf.engine();
  engine.backend.incRef(tensor.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype }) as T;
}
