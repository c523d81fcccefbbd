/**
 * Batch and layer norm with PyTorch's formulas (eps 1e-5, biased variance).
 */
import * as tf from "@tensorflow/tfjs";
import type { Feeds } from "../plan/feeds.js";

const epsilon = 1e-5;

/**
 * Batch norm over rows, [rows, units]. In training it uses the batch's statistics and outputs them as `{name}.mean`
 * and `{name}.variance` (biased), from which the engine updates the running statistics. The row count is the input
 * `rows.inverse`: a JavaScript number would become a constant of the traced graph.
 */
export function batchNorm(feeds: Feeds, name: string, x: tf.Tensor2D, training: boolean): tf.Tensor2D {
  if (!training) {
    const centered = tf.sub(x, feeds.tensor(`${name}.running_mean`));
    return scaleAndShift(feeds, name, centered, feeds.tensor(`${name}.running_var`));
  }
  const inverseRows = feeds.tensor("rows.inverse");
  const mean = tf.mul(tf.sum(x, 0), inverseRows);
  const centered = tf.sub(x, mean) as tf.Tensor2D;
  const variance = tf.mul(tf.sum(tf.square(centered), 0), inverseRows);
  feeds.left.set(`${name}.mean`, tf.keep(mean.clone()));
  feeds.left.set(`${name}.variance`, tf.keep(variance.clone()));
  return scaleAndShift(feeds, name, centered, variance);
}

/** Layer norm over units, [rows, units]. */
export function layerNorm(feeds: Feeds, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const units = x.shape[1];
  const centered = tf.sub(x, tf.div(tf.sum(x, 1, true), units));
  const variance = tf.div(tf.sum(tf.square(centered), 1, true), units);
  return scaleAndShift(feeds, name, centered, variance);
}

function scaleAndShift(feeds: Feeds, name: string, centered: tf.Tensor, variance: tf.Tensor): tf.Tensor2D {
  const normal = tf.div(centered, tf.sqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(normal, feeds.tensor(`${name}.weight`)), feeds.tensor(`${name}.bias`));
}
