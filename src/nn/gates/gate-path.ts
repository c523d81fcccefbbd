/** What flows back from a gate into the main input that it reads: nothing, where the model stops it. */
import * as tf from "@tensorflow/tfjs";
import type { Feeds } from "../plan/feeds.js";

/** The main input as a gate reads it; in the `gradients` program with zeros added, whose gradient is this path's. */
export function gatePath(feeds: Feeds, name: string, main: tf.Tensor2D): tf.Tensor2D {
  return feeds.has(name) ? tf.add(main, feeds.tensor<tf.Tensor2D>(name)) : main;
}
