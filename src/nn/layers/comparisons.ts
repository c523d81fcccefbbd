/**
 * Registers zero gradients for comparisons, as in PyTorch. TF.js has no gradients for them and rejects every
 * expression that contains one, such as `tf.where(tf.greater(x, 0), …)`.
 */
import * as tf from "../../tfjs/index.js";

const ofTwo = ["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr"];

for (const kernelName of ofTwo) {
  if (tf.getGradient(kernelName) !== undefined) continue;
  tf.registerGradient({
    kernelName,
    inputsToSave: ["a", "b"],
    gradFunc: (_, saved) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      return { a: () => noGradient(a), b: () => noGradient(b) };
    },
  });
}
if (tf.getGradient("LogicalNot") === undefined) {
  tf.registerGradient({
    kernelName: "LogicalNot",
    inputsToSave: ["x"],
    gradFunc: (_, saved) => ({ x: () => noGradient(saved[0]!) }),
  });
}

/** TF.js requires float32 gradients for every input type. */
function noGradient(x: tf.Tensor): tf.Tensor {
  return tf.zeros(x.shape, "float32");
}
