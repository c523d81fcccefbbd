/**
 * Inverted dropout with the mask as an input: randomness inside a program would be traced as a constant.
 */
import * as tf from "../../tfjs/index.js";
import type { Feeds } from "../plan/feeds.js";

/**
 * x ⊙ mask ⊙ scale if the program has the input `{name}.mask`; otherwise x. The mask has the shape of x.
 * @param ownMask the rows of the mask that belong to `x`, if `x` is a part of the rows
 */
export function dropout<T extends tf.Tensor>(feeds: Feeds, name: string, x: T, ownMask?: tf.Tensor | null): T {
  if (!feeds.has(`${name}.mask`)) return x;
  const mask = tf.cast(ownMask ?? feeds.tensor(`${name}.mask`), "float32");
  return tf.mul(x, tf.mul(mask, feeds.tensor(`${name}.scale`)));
}
