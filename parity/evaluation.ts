/** The evaluation line of a whole run: configured metrics over all rows, and losses averaged over batches. */
import type { EncodedData } from "../src/core/data/encoded/encoded.js";
import { sessionNumbers } from "../src/core/engine/core/inference.js";
import type { Engine } from "../src/core/engine/engine.js";
import type { LossSpec } from "../src/core/spec/losses.js";
import type { TowerSpec } from "../src/core/spec/model.js";
import { measurePredictions, type Predictions, predict } from "../src/core/train/evaluate.js";

/**
 * Metrics as `{metric}_{tower}`, losses as `{loss}_{tower}`, as TorchEasyRec names and computes them: a loss is that of
 * each batch, weighted by its rows.
 */
export async function evaluationLine(
  engine: Engine,
  data: EncodedData,
  batchSize: number,
): Promise<ReadonlyMap<string, number>> {
  const { spec } = engine;
  const predictions = await predict(engine, data, { batchSize });
  const line = new Map<string, number>();
  const { tasks } = await measurePredictions(spec, data, predictions);
  tasks.forEach((task, index) => {
    const tower = spec.towers[index] as TowerSpec;
    for (const [metric, value] of Object.entries(task.allRows.configured)) {
      if (value !== null) line.set(`${metric}_${tower.name}`, value);
    }
    for (const loss of tower.losses) {
      line.set(
        `${loss.kind}_${tower.name}`,
        batchedLoss(loss, tower, data, predictions[index] as Predictions, batchSize),
      );
    }
  });
  return line;
}

/** A loss over batches in order, each batch weighing as many as its rows. */
function batchedLoss(
  loss: LossSpec,
  tower: TowerSpec,
  data: EncodedData,
  { logits }: Predictions,
  batchSize: number,
): number {
  const labels = data.labels.get(tower.label) as Float32Array;
  let total = 0;
  for (let from = 0; from < data.rows; from += batchSize) {
    const to = Math.min(from + batchSize, data.rows);
    const weights = rowWeights(tower, data, from, to);
    const sum = weights.reduce((all, weight) => all + weight, 0);
    for (let row = from; row < to && sum !== 0; row++) {
      const own = logits.subarray(row * tower.numClass, (row + 1) * tower.numClass);
      // Mean over the batch's rows of w / mean(w), times the batch's rows.
      const value =
        loss.kind === "jrc_loss"
          ? jrcLoss(loss, logits, labels, sessionNumbers(data, loss.sessionName, rowsOf(from, to)), from, row)
          : rowLoss(loss, own, labels[row] as number);
      total += (((weights[row - from] as number) * (to - from)) / sum) * value;
    }
  }
  return (total * tower.weight) / data.rows;
}

function rowWeights(tower: TowerSpec, data: EncodedData, from: number, to: number): number[] {
  const own = tower.sampleWeight === null ? null : data.sampleWeights.get(tower.sampleWeight);
  const space = tower.taskSpace;
  const indicator = space === null ? null : data.labels.get(space.indicatorLabel);
  return Array.from({ length: to - from }, (_, i) => {
    const inside = (indicator?.[from + i] as number) > 0;
    return (own?.[from + i] ?? 1) * (space === null ? 1 : inside ? space.inWeight : space.outWeight);
  });
}

function rowsOf(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, place) => from + place);
}

/** @param sessions of the rows from `from` on */
function jrcLoss(
  { alpha }: Extract<LossSpec, { kind: "jrc_loss" }>,
  logits: Float32Array,
  labels: Float32Array,
  sessions: Float32Array,
  from: number,
  row: number,
): number {
  const label = labels[row]!;
  const own = logits[row * 2 + label]!;
  const rivals = [...sessions.keys()].filter(
    (place) => sessions[place] === sessions[row - from] && labels[from + place] !== label,
  );
  const sum = rivals.reduce((total, place) => total + Math.exp(logits[(from + place) * 2 + label]! - own), 1);
  const entropy = Math.log1p(Math.exp(logits[row * 2 + 1 - label]! - own));
  return alpha * entropy + (1 - alpha) * Math.log(sum);
}

function rowLoss(loss: Exclude<LossSpec, { kind: "jrc_loss" }>, logits: Float32Array, label: number): number {
  const logit = logits[0] as number;
  switch (loss.kind) {
    case "binary_cross_entropy":
      return crossEntropy(logit, label * (1 - loss.labelSmoothing) + loss.labelSmoothing / 2);
    case "binary_focal_loss": {
      const p = 1 / (1 + Math.exp(-logit));
      const positive = loss.alpha * label * (1 - p) ** loss.gamma;
      return (positive + (1 - loss.alpha) * (1 - label) * p ** loss.gamma) * crossEntropy(logit, label);
    }
    case "l2_loss":
      return (logit - label) ** 2;
    case "softmax_cross_entropy": {
      const largest = Math.max(...logits);
      const logSum = largest + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - largest), 0));
      const smooth = loss.labelSmoothing / logits.length;
      return logits.reduce(
        (sum, z, k) => sum + (logSum - z) * (smooth + (k === label ? 1 - loss.labelSmoothing : 0)),
        0,
      );
    }
    case "other":
      return Number.NaN;
  }
}

function crossEntropy(logit: number, label: number): number {
  return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
}
