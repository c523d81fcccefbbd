/**
 * Selects part of the rows for a branch.
 */
import * as tf from "../tfjs/index.js";
import type { Feeds } from "./plan/feeds.js";

/**
 * Selects rows, each at most once: [rows, dim] → [picked, dim]. Its gradient is a gather by the inverse map; TF.js's
 * (unsortedSegmentSum) loops over all rows on the CPU and wasm backends.
 * @param branch the prefix of the inputs `{branch}.rows` [picked], `{branch}.inverse` [rows] (0 if a row is not
 * picked) and `{branch}.inside` [rows, 1] (1 if it is, else 0)
 */
export function selectRows(feeds: Feeds, branch: string, x: tf.Tensor2D): tf.Tensor2D {
  const rows = feeds.tensor<tf.Tensor1D>(`${branch}.rows`);
  const inverse = feeds.tensor<tf.Tensor1D>(`${branch}.inverse`);
  const inside = feeds.tensor<tf.Tensor2D>(`${branch}.inside`);
  const pick = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => ({
    value: tf.gather(args[0] as tf.Tensor, rows),
    gradFunc: (dy: tf.Tensor) => [tf.mul(tf.gather(dy, inverse), inside)],
  }));
  return pick(x) as tf.Tensor2D;
}
