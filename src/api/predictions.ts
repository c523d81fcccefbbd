/** Predictions as columns under TorchEasyRec's output names. */
import type { ModelSpec } from "../spec/index.js";
import type { Predictions } from "../train/index.js";

/**
 * Of each row's own tower, or of a domain's tower for every row, then with `_{domain}` behind the tower's name:
 * `logits_{tower}` and `probs_{tower}`, [rows]; `_k` for class k of several; `y_{tower}` for an L2 loss.
 */
export function predictionColumns(
  spec: ModelSpec,
  predictions: readonly Predictions[],
  domain: number | null = null,
): Record<string, Float32Array> {
  const columns: Record<string, Float32Array> = {};
  spec.towers.forEach((tower, index) => {
    const output = predictions[index]!;
    const name = domain === null ? tower.name : `${tower.name}_${domain}`;
    if (tower.losses.some((loss) => loss.kind === "l2_loss")) {
      columns[`y_${name}`] = output.logits;
      return;
    }
    for (let k = 0; k < tower.numClass; k++) {
      const suffix = tower.numClass === 1 ? "" : `_${k}`;
      columns[`logits_${name}${suffix}`] = classColumn(output.logits, tower.numClass, k);
      columns[`probs_${name}${suffix}`] = classColumn(output.probabilities, tower.numClass, k);
    }
  });
  return columns;
}

function classColumn(values: Float32Array, classes: number, k: number): Float32Array {
  if (classes === 1) return values;
  return Float32Array.from({ length: values.length / classes }, (_, row) => values[row * classes + k] as number);
}
