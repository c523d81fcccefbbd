/**
 * Metrics of training batches, with the decay of TorchEasyRec's `train_metrics`. They are displayed, but influence nothing.
 */
import type { Batch } from "../../data/encoded/encoded.js";
import type { TowerOutput } from "../../engine/engine.js";
import { countedAuc, thresholdCounts } from "../../metrics/auc.js";
import { knownMetric, type TrainMetricSpec } from "../../spec/metrics.js";
import { ignoredClass, ignoresRows, isBinary, type TowerSpec } from "../../spec/model.js";
import { positiveScores } from "../measure/task-rows.js";

/** The progress of one metric: plain data. */
export interface TrainMetricState {
  /** Number of batches since the last value. */
  readonly batches: number;
  /** 0 until the first one. */
  readonly value: number;
  /** Sums over these batches: counts of rows by threshold for AUC, else of values and their weights. */
  readonly sums: readonly number[];
  /** For AUC, the mixed sums of earlier batches. */
  readonly mixed: readonly number[];
}

/** The states by `{metric}_{tower}`. */
export type TrainMetricStates = Readonly<Record<string, TrainMetricState>>;

const initial: TrainMetricState = { batches: 0, value: 0, sums: [], mixed: [] };

/** The states by `{metric}_{tower}` after a batch. */
export function trainMetricStates(
  towers: readonly TowerSpec[],
  { data, rows }: Batch,
  predictions: readonly TowerOutput[],
  before: TrainMetricStates,
): TrainMetricStates {
  const entries = predictions.flatMap((prediction) => {
    const tower = towers.find(({ name }) => name === prediction.tower)!;
    const labels = Float32Array.from(rows, (row) => data.labels.get(tower.label)![row]!);
    return tower.trainMetrics!.map((metric) => {
      const name = `${metric.kind}_${tower.name}`;
      return [name, advanced(before[name] ?? initial, metric, batchSums(tower, metric, labels, prediction))] as const;
    });
  });
  return Object.fromEntries(entries);
}

function batchSums(tower: TowerSpec, metric: TrainMetricSpec, labels: Float32Array, output: TowerOutput): number[] {
  const { numClass } = tower;
  const places = [...labels.keys()].filter((row) => !ignoresRows(tower) || labels[row] !== ignoredClass);
  const pick = (values: Float32Array, width: number): Float32Array =>
    places.length === labels.length
      ? values
      : Float32Array.from(places.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));
  const [targets, probabilities] = [pick(labels, 1), pick(output.probabilities, numClass)];
  const scores = positiveScores(tower, probabilities);
  if (metric.kind === "auc") return [...thresholdCounts(scores, targets, metric.thresholds)];
  const values = () => output.logits;
  const batch = {
    labels: targets,
    probabilities,
    scores,
    numClass,
    isBinary: isBinary(tower),
    values,
    group: () => null,
  };
  const all = { ...batch, batches: () => new Uint8Array(targets.length) };
  const value = metric.kind === "other" ? null : (knownMetric(metric)?.value(all, metric) ?? null);
  // Each batch has the same weight in a share of pairs, each row in a mean over rows.
  const weight = value === null ? 0 : metric.kind === "xauc" ? 1 : targets.length;
  return [weight * (value ?? 0), weight];
}

function advanced(
  { batches, value, sums, mixed }: TrainMetricState,
  { kind, decayRate, decayStep }: TrainMetricSpec,
  batch: readonly number[],
): TrainMetricState {
  const total = batch.map((each, at) => each + (sums[at] ?? 0));
  if (batches + 1 < decayStep) return { batches: batches + 1, value, sums: total, mixed };
  const mix = (old: number, fresh: number): number => decayRate * old + (1 - decayRate) * fresh;
  if (kind !== "auc") {
    const fresh = total[1] === 0 ? value : total[0]! / total[1]!;
    return { ...initial, value: value === 0 ? fresh : mix(value, fresh) };
  }
  const counts = mixed.length === 0 ? total : total.map((each, at) => mix(mixed[at]!, each));
  return { ...initial, value: countedAuc(counts) ?? 0, mixed: counts };
}
