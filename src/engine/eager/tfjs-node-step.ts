/**
 * A faster `Step` for tfjs-node, which is ReLU's gradient: tfjs-node's creates four arrays of the input's size and
 * takes 21.7 ms on [8192, 512], compared with 3.8 ms for relu. For a slope of 0, cast(x > 0) returns the same
 * numbers (and 0 for NaN).
 */
import * as tf from "../../tfjs/index.js";

const backendName = "tensorflow";
let replaced = false;

/** Replaces the kernel, once; other slopes use tfjs-node's. */
export function replaceStepKernel(): void {
  const original = tf.getKernel(tf.Step, backendName);
  if (replaced || original === undefined) return;
  replaced = true;
  tf.unregisterKernel(tf.Step, backendName);
  tf.registerKernel({
    ...original,
    kernelFunc: (args) => {
      if ((args.attrs?.["alpha"] ?? 0) !== 0) return original.kernelFunc(args);
      const x = args.inputs["x"] as tf.Tensor;
      return tf.tidy(() => tf.cast(tf.greater(x, 0), x.dtype));
    },
  });
}
