/** Multi-head attention between the positions of a sequence, with PyTorch's `MultiheadAttention`. */

import type { SelfAttentionSpec } from "../../spec/index.js";
import * as tf from "../../tfjs/index.js";
import { dropout } from "../layers/dropout.js";
import { linear } from "../layers/linear.js";
import { encoderSite } from "../plan/dropout-sites.js";
import type { Feeds } from "../plan/feeds.js";
import type { EncoderPlan } from "../plan/sequences.js";
import { weightedSum } from "./sums.js";

/**
 * The mean of the positions' results over the row's whole length, [rows, dim]. Pairs with a padded position are
 * masked; padded positions count as zeros.
 */
export function selfAttention(
  feeds: Feeds,
  { name, prefix, view }: EncoderPlan,
  { dim, heads }: SelfAttentionSpec,
): tf.Tensor2D {
  const sequence = feeds.tensor<tf.Tensor2D>(`sequence.${view.name}`);
  const mask = feeds.tensor<tf.Tensor2D>(`mask.${view.name}`);
  const [rows, longest] = mask.shape;
  const attention = `${prefix}._multihead_attn`;
  const weight = feeds.tensor<tf.Tensor2D>(`${attention}.in_proj_weight`);
  const bias = feeds.tensor<tf.Tensor1D>(`${attention}.in_proj_bias`);
  const [q, k, v] = ["_query", "_key", "_value"].map((layer, part) => {
    const projected = linear(feeds, `${prefix}.${layer}`, sequence);
    const inner = tf.add(
      tf.matMul(projected, tf.slice(weight, [part * dim, 0], [dim, dim]), false, true),
      tf.slice(bias, [part * dim], [dim]),
    );
    return tf.transpose(tf.reshape(inner, [rows, longest, heads, dim / heads]), [0, 2, 1, 3]);
  }) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(dim / heads));
  const keys = tf.reshape(mask, [rows, 1, 1, longest]);
  const shares = tf.softmax(tf.add(tf.mul(scores, keys), tf.mul(tf.sub(keys, 1), 2147483647)));
  const weights = dropout(feeds, encoderSite(name, 0), shares);
  const joined = tf.reshape(tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]), [sequence.shape[0], dim]);
  const result = tf.reshape(linear(feeds, `${attention}.out_proj`, joined as tf.Tensor2D), [rows, longest, dim]);
  const sum = weightedSum(result as tf.Tensor3D, mask);
  return tf.div(sum, tf.maximum(feeds.tensor(`length.${view.name}.whole`), 1)) as tf.Tensor2D;
}
