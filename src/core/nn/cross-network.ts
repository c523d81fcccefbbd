/** The layers of a low-rank cross network: x₀ ⊙ (U Vᵀ x + b) + x. */
import type { CrossNetwork } from "../spec/cross-network.js";
import * as tf from "../tfjs/index.js";
import { linear } from "./layers.js";
import type { Feeds } from "./plan/plan.js";

/** @param start x₀, [rows, width] @returns [rows, width] */
export function crossLayers(feeds: Feeds, { name, layers }: CrossNetwork, start: tf.Tensor2D): tf.Tensor2D {
  let x = start;
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `model.layers.${name}.${layer}`;
    const inner = linear(feeds, `${prefix}.up`, linear(feeds, `${prefix}.down`, x));
    x = tf.add(tf.mul(start, inner), x);
  }
  return x;
}
