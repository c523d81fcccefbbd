/**
 * Sums over the positions of sequences with gradients of their own: TF.js's gradient of a sum makes a tensor of ones
 * with the shape of its input, in tracing too, where shapes are large.
 */
import * as tf from "../../tfjs/index.js";

type Arguments = (tf.Tensor | tf.GradSaveFunc)[];

/** Σ weight · position: [rows, longest, width] and [rows, longest] → [rows, width]. */
export function weightedSum(sequence: tf.Tensor3D, weights: tf.Tensor2D): tf.Tensor2D {
  const sum = tf.customGrad((...args: Arguments) => {
    const [s, w, save] = args as [tf.Tensor3D, tf.Tensor2D, tf.GradSaveFunc];
    save([s, w]);
    return {
      value: tf.sum(tf.mul(s, tf.expandDims(w, 2)), 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [positions, factors] = saved as [tf.Tensor, tf.Tensor];
        const delta = tf.expandDims(dy, 1);
        return [tf.mul(delta, tf.expandDims(factors, 2)), tf.sum(tf.mul(positions, delta), 2)];
      },
    };
  });
  return sum(sequence, weights) as tf.Tensor2D;
}

/** query · position: [rows, longest, width] and [rows, 1, width] → [rows, longest]. */
export function products(sequence: tf.Tensor3D, query: tf.Tensor3D): tf.Tensor2D {
  const sum = tf.customGrad((...args: Arguments) => {
    const [s, q, save] = args as [tf.Tensor3D, tf.Tensor3D, tf.GradSaveFunc];
    save([s, q]);
    return {
      value: tf.sum(tf.mul(s, q), 2),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [positions, factor] = saved as [tf.Tensor, tf.Tensor];
        const delta = tf.expandDims(dy, 2);
        return [tf.mul(delta, factor), tf.sum(tf.mul(delta, positions), 1, true)];
      },
    };
  });
  return sum(sequence, query) as tf.Tensor2D;
}

/** The sum of positions: [rows, longest, width] → [rows, width]. */
export function sumPositions(sequence: tf.Tensor3D): tf.Tensor2D {
  const sum = tf.customGrad((...args: Arguments) => {
    const [s, save] = args as [tf.Tensor3D, tf.GradSaveFunc];
    save([s]);
    return {
      value: tf.sum(s, 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [
        tf.add(tf.expandDims(dy, 1), tf.zerosLike(saved[0] as tf.Tensor)),
      ],
    };
  });
  return sum(sequence) as tf.Tensor2D;
}
