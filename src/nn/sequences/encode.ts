/**
 * Sequence encoders with TorchEasyRec's formulas. A sequence is a matrix [positions, width] of all rows' positions,
 * padded with zeros to the batch's longest row.
 */
import * as tf from "../../tfjs/index.js";
import type { Feeds } from "../plan/feeds.js";
import type { EncoderPlan } from "../plan/sequences.js";
import { dinScores, windowScores } from "./scores.js";
import { selfAttention } from "./self-attention.js";
import { products, sumPositions, weightedSum } from "./sums.js";

/** The result of an encoder, [rows, width]. */
export function encode(feeds: Feeds, plan: EncoderPlan, training: boolean): tf.Tensor2D {
  const { encoder } = plan;
  switch (encoder.kind) {
    case "din":
    case "simple_attention":
      return weightedSum(byRow(feeds, plan), positionWeights(feeds, plan, training)!);
    case "pooling": {
      const sum = sumPositions(byRow(feeds, plan));
      if (encoder.pooling === "sum") return sum;
      return tf.div(sum, tf.maximum(feeds.tensor(`length.${plan.view.name}`), 1));
    }
    case "multi_window_din":
      return windows(feeds, plan, encoder.windows, positionWeights(feeds, plan, training)!);
    case "self_attention":
      return selfAttention(feeds, plan, encoder);
  }
}

/**
 * The weight of each position in the encoder's sum, [rows, longest]; 0 in multi-window DIN's padding. `null`: it does not
 * weight positions.
 */
export function positionWeights(feeds: Feeds, plan: EncoderPlan, training: boolean): tf.Tensor2D | null {
  switch (plan.encoder.kind) {
    case "din":
      return attention(feeds, plan, dinScores(feeds, plan, training));
    case "simple_attention":
      return attention(feeds, plan, productScores(feeds, plan));
    case "multi_window_din":
      return tf.mul(windowScores(feeds, plan, training), feeds.tensor(`mask.${plan.view.name}`)) as tf.Tensor2D;
    default:
      return null;
  }
}

/** The sequence by row, [rows, longest, width]. */
function byRow(feeds: Feeds, { view }: EncoderPlan): tf.Tensor3D {
  const [rows, longest] = feeds.tensor<tf.Tensor2D>(`mask.${view.name}`).shape;
  return tf.reshape(feeds.tensor(`sequence.${view.name}`), [rows, longest, view.width]) as tf.Tensor3D;
}

/** The query in front of each row's positions, [rows, 1, queryWidth]. */
function readQuery(feeds: Feeds, { view }: EncoderPlan): tf.Tensor3D {
  const query = feeds.tensor<tf.Tensor2D>(`query.${view.name}`);
  return tf.reshape(query, [query.shape[0], 1, view.queryWidth]) as tf.Tensor3D;
}

/** q · s at each position, [rows, longest]. */
function productScores(feeds: Feeds, plan: EncoderPlan): tf.Tensor2D {
  return products(byRow(feeds, plan), readQuery(feeds, plan));
}

/** A score that vanishes in the softmax: PyTorch's least int32, as float32. */
const vanishing = 2147483647;

/**
 * Softmax over each row's positions, [rows, longest]. A row without positions is even over the padding, as in
 * TorchEasyRec.
 */
function attention(feeds: Feeds, { view }: EncoderPlan, scores: tf.Tensor2D): tf.Tensor2D {
  const mask = feeds.tensor(`mask.${view.name}`);
  return tf.softmax(tf.add(tf.mul(scores, mask), tf.mul(tf.sub(mask, 1), vanishing))) as tf.Tensor2D;
}

/**
 * Weighted means over windows of positions, then the query, filled with zeros to a position's width. A window without
 * positions counts as one position.
 */
function windows(feeds: Feeds, plan: EncoderPlan, sizes: readonly number[], weights: tf.Tensor2D): tf.Tensor2D {
  const { view, name } = plan;
  const members = feeds.tensor<tf.Tensor2D>(`windows.${name}`);
  const length = feeds.tensor(`length.${view.name}`);
  let start = 0;
  const means = sizes.map((size, window) => {
    const inside = tf.mul(weights, tf.slice(members, [window, 0], [1, members.shape[1]])) as tf.Tensor2D;
    const count = tf.maximum(tf.minimum(tf.sub(length, start), size), 1);
    start += size;
    return tf.div(weightedSum(byRow(feeds, plan), inside), count) as tf.Tensor2D;
  });
  const query = feeds.tensor<tf.Tensor2D>(`query.${view.name}`);
  const missing = view.width - view.queryWidth;
  return tf.concat(
    [
      ...means,
      missing === 0
        ? query
        : tf.pad(query, [
            [0, 0],
            [0, missing],
          ]),
    ],
    1,
  );
}
