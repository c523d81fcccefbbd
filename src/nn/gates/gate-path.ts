/**
 * The gradient path from a gate into its main input: cut if the model stops it.
 */
import * as tf from "../../tfjs/index.js";
import type { Feeds } from "../plan/feeds.js";

/**
 * The main input as a gate reads it; in the `gradients` program with zeros added, whose gradient is that of this
 * path.
 */
export function gatePath(feeds: Feeds, name: string, main: tf.Tensor2D): tf.Tensor2D {
  return feeds.has(name) ? tf.add(main, feeds.tensor<tf.Tensor2D>(name)) : main;
}
