/**
 * Learned embeddings of numbers with TorchEasyRec's formulas.
 */
import * as tf from "../../tfjs/index.js";
import type { Feeds } from "../plan/feeds.js";
import { type ProjectionPlan, projectionName } from "../plan/projections.js";

/** The embedding of numbers [rows, valueDim]: [rows, dim]. */
export function project(feeds: Feeds, plan: ProjectionPlan, numbers: tf.Tensor2D): tf.Tensor2D {
  const weight = feeds.tensor(projectionName(plan, "proj_w"));
  const { projection, valueDim, dim } = plan;
  if (projection.kind === "mlp") return tf.matMul(numbers, tf.reshape(weight, [valueDim, dim]));
  const { channels, keepProb, temperature } = projection;
  const hidden = leakyRelu(tf.matMul(numbers, tf.reshape(weight, [1, channels])));
  const mixed = tf.matMul(hidden, feeds.tensor(projectionName(plan, "proj_m")), false, true);
  const scores = tf.div(tf.add(mixed, tf.mul(hidden, keepProb)), temperature);
  return tf.matMul(tf.softmax(scores), feeds.tensor(projectionName(plan, "meta_emb"))) as tf.Tensor2D;
}

/** PyTorch's default slope below 0. */
function leakyRelu(x: tf.Tensor): tf.Tensor {
  return tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), 0.01));
}
