/** Fully connected layers with PyTorch's weights, [out, in]. */
import * as tf from "../../tfjs/index.js";
import type { Feeds } from "../plan/feeds.js";

/** x · Wᵀ (+ b if the layer has a bias): [rows, in] → [rows, out]. */
export function linear(feeds: Feeds, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const product = tf.matMul(x, feeds.tensor<tf.Tensor2D>(`${name}.weight`), false, true) as tf.Tensor2D;
  if (!feeds.has(`${name}.bias`)) return product;
  return tf.add(product, feeds.tensor(`${name}.bias`));
}

/**
 * A linear layer over [prior | stopgrad(rest)]: computes the gradient of its input for the prior's columns only;
 * autodiff would compute all columns and discard the others.
 * @param joined [prior | rest], already off the tape, [rows, in]
 * @param prior [rows, priorDim], on the tape
 */
export function priorLinear(feeds: Feeds, name: string, joined: tf.Tensor2D, prior: tf.Tensor2D): tf.Tensor2D {
  const layer = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [priorIn, weight, bias, save] = args as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.GradSaveFunc];
    const priorDim = priorIn.shape[1];
    save([joined, weight]);
    return {
      value: tf.add(tf.matMul(joined, weight, false, true), bias),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [input, matrix] = saved as [tf.Tensor2D, tf.Tensor2D];
        const delta = dy as tf.Tensor2D;
        const priorColumns = tf.slice(matrix, [0, 0], [matrix.shape[0], priorDim]);
        return [tf.matMul(delta, priorColumns), tf.matMul(delta, input, true, false), tf.sum(delta, 0)];
      },
    };
  });
  return layer(prior, feeds.tensor(`${name}.weight`), feeds.tensor(`${name}.bias`)) as tf.Tensor2D;
}
