/**
 * Batch and layer norm with PyTorch's formulas (eps 1e-5, biased variance).
 */
import * as tf from "../../tfjs/index.js";
import type { Feeds } from "../plan/feeds.js";

const epsilon = 1e-5;

/**
 * Batch norm over rows, [rows, units]. In training it uses the batch's statistics and outputs them as `{name}.mean`
 * and `{name}.variance` (biased), from which the engine updates the running statistics.
 * @param inverse the input with the inverse of the row count: a JavaScript number would become a constant of the
 * traced graph
 */
export function batchNorm(
  feeds: Feeds,
  name: string,
  x: tf.Tensor2D,
  training: boolean,
  inverse: string = "rows.inverse",
): tf.Tensor2D {
  const { centered, variance } = statistics(feeds, name, x, training, inverse);
  return scaleAndShift(feeds, name, centered, variance);
}

/**
 * The activation Dice, [rows, units]: x · p + alpha · x · (1 − p), where p is the sigmoid of x after a batch norm
 * without weights.
 */
export function dice(feeds: Feeds, name: string, x: tf.Tensor2D, training: boolean, inverse: string): tf.Tensor2D {
  const { centered, variance } = statistics(feeds, `${name}.bn`, x, training, inverse);
  const share = tf.sigmoid(normal(centered, variance));
  const rest = tf.mul(feeds.tensor(`${name}.alpha`), tf.sub(1, share));
  return tf.mul(x, tf.add(share, rest)) as tf.Tensor2D;
}

/** x − mean, and the variance: the batch's in training, else the running ones. */
function statistics(feeds: Feeds, name: string, x: tf.Tensor2D, training: boolean, inverse: string) {
  if (!training) {
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
  const units = x.shape[1];
  const centered = tf.sub(x, tf.div(sumOver("units", x), units));
  const variance = tf.div(sumOver("units", tf.square(centered)), units);
  return scaleAndShift(feeds, name, centered, variance);
}

/**
 * The sum over an axis, which is kept for units. TF.js's own gradient makes a tensor of ones, in tracing too, where
 * shapes are large.
 */
function sumOver(axis: "rows" | "units", x: tf.Tensor): tf.Tensor {
  const sum = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([input]);
    return {
      value: axis === "rows" ? tf.sum(input, 0) : tf.sum(input, 1, true),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [tf.add(dy, tf.zerosLike(saved[0] as tf.Tensor))],
    };
  });
  return sum(x);
}

function normal(centered: tf.Tensor, variance: tf.Tensor): tf.Tensor {
  return tf.div(centered, tf.sqrt(tf.add(variance, epsilon)));
}

function scaleAndShift(feeds: Feeds, name: string, centered: tf.Tensor, variance: tf.Tensor): tf.Tensor2D {
  return tf.add(tf.mul(normal(centered, variance), feeds.tensor(`${name}.weight`)), feeds.tensor(`${name}.bias`));
}
