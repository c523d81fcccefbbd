/** Evaluation: every tower's predictions over a data set, then metrics by task and domain. */
import type { Batch, EncodedData } from "../data/encoded.js";
import type { Engine, TowerOutput } from "../engine/engine.js";
import {
  accuracy,
  calibration,
  exactAuc,
  groupedAuc,
  logLoss,
  meanAbsoluteError,
  meanSquaredError,
  normalizedEntropy,
  thresholdAuc,
  topKAccuracy,
} from "../metrics/index.js";
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../metrics/types.js";
import { domainName, type MetricSpec, type ModelSpec, type TowerSpec } from "../spec/index.js";

/** A tower's predictions for every row of a data set, in row order. */
export interface Predictions {
  readonly tower: string;
  /** [rows, numClass]: probabilities, or values for an L2 loss. */
  readonly probabilities: Float32Array;
  /** [rows, numClass] */
  readonly logits: Float32Array;
}

/** How evaluation and prediction run. */
export interface EvaluateOptions {
  /** Rows a call of the engine. Default: the spec's `evalBatchSize`, else 4,096. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** Every tower's predictions over all rows, each by the tower of the row's own domain. */
export async function predict(
  engine: Engine,
  data: EncodedData,
  options: EvaluateOptions = {},
): Promise<readonly Predictions[]> {
  const batchSize = options.batchSize ?? engine.spec.training.evalBatchSize ?? 4096;
  const results = engine.spec.towers.map((tower) => ({
    tower: tower.name,
    probabilities: new Float32Array(data.rows * tower.numClass),
    logits: new Float32Array(data.rows * tower.numClass),
  }));
  for (const batch of inOrder(data, batchSize)) {
    options.signal?.throwIfAborted();
    const outputs: readonly TowerOutput[] = await engine.predict(batch);
    engine.spec.towers.forEach((tower, index) => {
      const start = (batch.rows[0] as number) * tower.numClass;
      const output = outputs[index] as TowerOutput;
      results[index]?.probabilities.set(output.probabilities, start);
      results[index]?.logits.set(output.logits, start);
    });
  }
  return results;
}

/** Predicts all rows and measures them. */
export async function evaluate(engine: Engine, data: EncodedData, options: EvaluateOptions = {}): Promise<Evaluation> {
  return evaluatePredictions(engine.spec, data, await predict(engine, data, options));
}

/** Metrics of given predictions by task × domain. A task with a space of its own is measured within it, too. */
export function evaluatePredictions(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
): Evaluation {
  const domainCount = spec.domains?.count ?? 0;
  const tasks = spec.towers.map((tower, index): TaskEvaluation => {
    const output = predictions[index] as Predictions;
    const within = tower.taskSpace?.outWeight === 0 ? tower.taskSpace.indicatorLabel : null;
    const indicator = within === null ? null : (data.labels.get(within) as Float32Array);
    const inSpace = (row: number): boolean => indicator === null || (indicator[row] as number) > 0;
    const measure = (keep: (row: number) => boolean): TaskMetrics =>
      taskMetrics(tower, selectRows(tower, data, output.probabilities, keep));
    const overall = measure(inSpace);
    return {
      tower: tower.name,
      label: tower.label,
      within,
      overall,
      domains: Array.from({ length: domainCount }, (_, domain) =>
        measure((row) => inSpace(row) && data.domains?.[row] === domain),
      ),
      allRows: within === null ? overall : measure(() => true),
    };
  });
  return {
    rows: data.rows,
    domainNames: Array.from({ length: domainCount }, (_, domain) => domainName(spec, domain)),
    tasks,
  };
}

/** Batches of all rows in order. */
export function* inOrder(data: EncodedData, batchSize: number): Generator<Batch> {
  for (let start = 0; start < data.rows; start += batchSize) {
    const count = Math.min(batchSize, data.rows - start);
    yield { data, rows: Int32Array.from({ length: count }, (_, i) => start + i) };
  }
}

interface TaskRows {
  readonly labels: Float32Array;
  /** [rows, numClass] */
  readonly probabilities: Float32Array;
  /** Groups by the feature or label named in a `grouped_auc`. */
  group(name: string): Float64Array | null;
}

function selectRows(
  tower: TowerSpec,
  data: EncodedData,
  probabilities: Float32Array,
  keep: (row: number) => boolean,
): TaskRows {
  const kept: number[] = [];
  for (let row = 0; row < data.rows; row++) if (keep(row)) kept.push(row);
  const source = data.labels.get(tower.label) as Float32Array;
  const classes = tower.numClass;
  const selected = new Float32Array(kept.length * classes);
  kept.forEach((row, i) => {
    selected.set(probabilities.subarray(row * classes, (row + 1) * classes), i * classes);
  });
  return {
    labels: Float32Array.from(kept, (row) => source[row] as number),
    probabilities: selected,
    group: (name) => {
      const column = data.features.get(name);
      const values = column?.kind === "ids" ? column.ids : data.labels.get(name);
      return values ? Float64Array.from(kept, (row) => values[row] as number) : null;
    },
  };
}

function taskMetrics(tower: TowerSpec, rows: TaskRows): TaskMetrics {
  const { labels } = rows;
  const binary = isBinary(tower);
  const scores = positiveScores(tower, rows.probabilities);
  return {
    rows: labels.length,
    positives: binary ? labels.reduce((count, label) => count + (label > 0 ? 1 : 0), 0) : 0,
    auc: binary ? exactAuc(scores, labels) : null,
    logLoss: binary ? logLoss(scores, labels) : null,
    calibration: binary ? calibration(scores, labels) : null,
    configured: Object.fromEntries(
      tower.metrics.map((metric) => [metricName(metric), configuredMetric(metric, tower, rows, scores)]),
    ),
  };
}

/** Whether a tower predicts one of two classes. */
export function isBinary(tower: TowerSpec): boolean {
  return tower.numClass <= 2 && !tower.losses.some((loss) => loss.kind === "l2_loss");
}

/** The probability of the positive class (the value itself for regression), [rows]. */
export function positiveScores(tower: TowerSpec, probabilities: Float32Array): Float32Array {
  if (tower.numClass === 1) return probabilities;
  const rows = probabilities.length / tower.numClass;
  return Float32Array.from({ length: rows }, (_, row) => probabilities[row * tower.numClass + 1] as number);
}

function metricName(metric: MetricSpec): string {
  return metric.kind === "other" ? metric.field : metric.kind;
}

function configuredMetric(metric: MetricSpec, tower: TowerSpec, rows: TaskRows, scores: Float32Array): number | null {
  switch (metric.kind) {
    case "auc":
      return isBinary(tower) ? thresholdAuc(scores, rows.labels, metric.thresholds) : null;
    case "grouped_auc": {
      const groups = rows.group(metric.groupingKey);
      return groups && isBinary(tower) ? groupedAuc(scores, rows.labels, groups) : null;
    }
    case "accuracy":
      return isBinary(tower)
        ? accuracy(scores, rows.labels, metric.threshold)
        : topKAccuracy(rows.probabilities, rows.labels, metric.topK);
    case "mean_absolute_error":
      return meanAbsoluteError(scores, rows.labels);
    case "mean_squared_error":
      return meanSquaredError(scores, rows.labels);
    case "normalized_entropy":
      return isBinary(tower) ? normalizedEntropy(scores, rows.labels) : null;
    case "other":
      return null;
  }
}
