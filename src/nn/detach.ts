/** Stop-gradient. TF.js has none: the data is aliased by a tensor that the gradient tape has not recorded. */
import * as tf from "@tensorflow/tfjs-core";

/** A tensor with the same values that blocks gradients. Nothing is copied. */
export function detach<T extends tf.Tensor>(tensor: T): T {
  const engine = tf.engine();
  engine.backend.incRef(tensor.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype }) as T;
}
