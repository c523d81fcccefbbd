/** A moving average of a dense array (TorchEasyRec `ema`, PyTorch `AveragedModel`), used for predictions. */
import { kernel } from "../simd/kernel.js";

/** PyTorch's lerp starts from the nearer end. */
const fromAverage = kernel({
  arrays: ["average", "value"],
  scalars: ["weight"],
  lines: ["average = average + weight * (value - average)"],
});
const fromValue = kernel({
  arrays: ["average", "value"],
  scalars: ["rest"],
  lines: ["average = value - (value - average) * rest"],
});

/** average + (1 − decay) · (values − average), in float32; the first of `updates` (1) copies. */
export function moveAverage(average: Float32Array, value: Float32Array, decay: number, updates: number): void {
  const weight = Math.fround(1 - decay);
  if (updates === 1) average.set(value);
  else if (weight < 0.5) fromAverage({ average, value }, { weight });
  else fromValue({ average, value }, { rest: 1 - weight });
}
