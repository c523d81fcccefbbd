import type { ModelSpec } from "../spec/model.js";
import type { Predictions } from "../train/evaluate.js";

export type PredictionColumn = Float32Array | readonly Float32Array[];

/**
 * Outputs of each row's tower, or of one domain's tower for every row, with `_{domain}` after the tower's name:
 * `logits_{tower}` and `probs_{tower}`, [rows], a list of classes per row if there are several, with `probs1_{tower}`
 * for the second of two; `y_{tower}` for an L2 loss.
 */
export function predictionColumns(
  spec: ModelSpec,
  predictions: readonly Predictions[],
  domain: number | null = null,
): Record<string, PredictionColumn> {
  const columns: Record<string, PredictionColumn> = {};
  spec.towers.forEach((tower, index) => {
    const output = predictions[index]!;
    const name = domain === null ? tower.name : `${tower.name}_${domain}`;
    if (tower.losses.some((loss) => loss.kind === "l2_loss")) columns[`y_${name}`] = output.logits;
    if (tower.losses.every((loss) => loss.kind === "l2_loss")) return;
    columns[`logits_${name}`] = classLists(output.logits, tower.numClass);
    columns[`probs_${name}`] = classLists(output.probabilities, tower.numClass);
    if (tower.numClass === 2) columns[`probs1_${name}`] = output.probabilities.filter((_, at) => at % 2 === 1);
  });
  return columns;
}

export function classLists(values: Float32Array, classes: number): PredictionColumn {
  if (classes === 1) return values;
  return Array.from({ length: values.length / classes }, (_, row) =>
    values.subarray(row * classes, (row + 1) * classes),
  );
}

/** Options for writing predictions. */
export interface WritePredictionsOptions {
  readonly path: string;
  /** Columns of the rows to copy first. Default: none. */
  readonly reserve?: readonly string[];
  /** `true`: every domain's outputs for every row, with `_{domain}` after the tower's name. Default: `false`. */
  readonly everyDomain?: boolean;
}

/** A file of predictions. */
export interface WrittenPredictions {
  readonly path: string;
  readonly rowCount: number;
  readonly notes: readonly string[];
}
