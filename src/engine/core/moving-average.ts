/** A moving average of a dense array (TorchEasyRec `ema`, PyTorch `AveragedModel`): predictions are made with it. */

/**
 * Moves an average towards the values: average + (1 − decay) · (values − average), in float32; the first update copies.
 * @param updates how many there were, this one included
 */
export function moveAverage(average: Float32Array, values: Float32Array, decay: number, updates: number): void {
  if (updates === 1) {
    average.set(values);
    return;
  }
  const weight = Math.fround(1 - decay);
  const fromValues = Math.fround(1 - weight);
  for (let i = 0; i < values.length; i++) {
    const [before, now] = [average[i] as number, values[i] as number];
    // PyTorch's lerp starts from the nearer end.
    average[i] =
      weight < 0.5
        ? before + Math.fround(weight * Math.fround(now - before))
        : now - Math.fround(Math.fround(now - before) * fromValues);
  }
}
