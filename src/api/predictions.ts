/** Predictions as columns under TorchEasyRec's output names. */
import type { ModelSpec } from "../spec/index.js";
import type { Predictions } from "../train/index.js";

/** `logits_{tower}` and `probs_{tower}`, [rows]; `_k` for class k of several; `y_{tower}` for an L2 loss. */
export function predictionColumns(spec: ModelSpec, predictions: readonly Predictions[]): Record<string, Float32Array> {
  const columns: Record<string, Float32Array> = {};
  spec.towers.forEach((tower, index) => {
    const output = predictions[index]!;
    if (tower.losses.some((loss) => loss.kind === "l2_loss")) {
      columns[`y_${tower.name}`] = output.logits;
      return;
    }
    for (let k = 0; k < tower.numClass; k++) {
      const suffix = tower.numClass === 1 ? "" : `_${k}`;
      columns[`logits_${tower.name}${suffix}`] = classColumn(output.logits, tower.numClass, k);
      columns[`probs_${tower.name}${suffix}`] = classColumn(output.probabilities, tower.numClass, k);
    }
  });
  return columns;
}

function classColumn(values: Float32Array, classes: number, k: number): Float32Array {
  if (classes === 1) return values;
  return Float32Array.from({ length: values.length / classes }, (_, row) => values[row * classes + k] as number);
}
