/** Evaluation: every tower's predictions over a data set, then metrics by task and domain. */

import type { EncodedData } from "../data/encoded/index.js";
import { batchesInOrder, type EncodedRows, measuredColumns } from "../data/encoded/index.js";
import type { RowGroups } from "../data/index.js";
import type { Engine, TowerOutput } from "../engine/index.js";
import type { Evaluation } from "../metrics/index.js";
import { domainName, type ModelSpec } from "../spec/index.js";
import { atOnce } from "../util/turns.js";
import { measuring } from "./measure/measure.js";
import { measureAside } from "./measure/measure-aside.js";
import type { AucMethod, IntervalOptions, MeasureRequest } from "./measure/measure-request.js";
import type { UserColumn } from "./measure/users.js";

/** A tower's predictions for every row of a data set, in row order. */
export interface Predictions {
  /** Name of the task's tower. */
  readonly tower: string;
  /** `[rows, numClass]`: probabilities, or values for an L2 loss. */
  readonly probabilities: Float32Array;
  /** [rows, numClass] */
  readonly logits: Float32Array;
}

/** How evaluation and prediction run. */
export interface EvaluateOptions {
  /** Rows a call of the engine. Default: the spec's `evalBatchSize`, else 4,096. */
  readonly batchSize?: number;
  /** Aborted: the call throws after the batch at hand. */
  readonly signal?: AbortSignal;
  /**
   * How AUCs are computed: by sorting (`exact`), or in bounded memory within a bound that each result carries
   * (`streaming`). Default: exact up to 50,000,000 rows, streaming above.
   */
  readonly auc?: AucMethod;
  /** Bootstrap intervals, too. Default: none. */
  readonly intervals?: IntervalOptions | null;
  /** Whose row each is: for a grouped AUC, and so that intervals draw whole users. */
  readonly users?: UserColumn | null;
  /** Rows by another column instead of by domain. */
  readonly by?: RowGroups;
}

/** What a measurement reads of them. */
type MeasureOptions = Pick<EvaluateOptions, "auc" | "intervals" | "users" | "by">;

/** Up to so many rows AUC is exact where nothing is asked for: its sort takes 4 bytes a row and, then, seconds. */
export const exactAucRows = 50_000_000;

/** Every tower's predictions over all rows, each by the tower of the row's own domain. */
export async function predict(
  engine: Engine,
  data: EncodedRows,
  options: EvaluateOptions = {},
): Promise<readonly Predictions[]> {
  const batchSize = options.batchSize ?? engine.spec.training.evalBatchSize ?? 4096;
  const results = engine.spec.towers.map((tower) => ({
    tower: tower.name,
    probabilities: new Float32Array(data.rows * tower.numClass),
    logits: new Float32Array(data.rows * tower.numClass),
  }));
  for await (const { batch, start: firstRow } of batchesInOrder(data, batchSize)) {
    options.signal?.throwIfAborted();
    const outputs: readonly TowerOutput[] = await engine.predict(batch);
    engine.spec.towers.forEach((tower, index) => {
      const start = firstRow * tower.numClass;
      const output = outputs[index]!;
      results[index]?.probabilities.set(output.probabilities, start);
      results[index]?.logits.set(output.logits, start);
    });
  }
  return results;
}

/**
 * Predicts all rows and measures them, by a thread of its own where they are many: this one is never kept for long. Exact
 * AUCs need every score and label, some 20 bytes a row and task.
 */
export async function evaluate(engine: Engine, data: EncodedRows, options: EvaluateOptions = {}): Promise<Evaluation> {
  const predictions = await predict(engine, data, options);
  const columns = await measuredColumns(data, groupingFeatures(engine.spec));
  const made = predictions.map(({ probabilities }) => probabilities.buffer as ArrayBuffer);
  return measureAside("evaluation", measurement(engine.spec, columns, predictions, options), {
    ...options,
    moves: made,
  });
}

/** Metrics of given predictions by task × domain. A task with a space of its own is measured within it, too. */
export function evaluatePredictions(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
  options: MeasureOptions = {},
): Evaluation {
  return atOnce(measuring(measurement(spec, data, predictions, options)));
}

/** {@link evaluatePredictions}, by a thread of its own where rows are many. */
export function measurePredictions(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
  options: MeasureOptions & Pick<EvaluateOptions, "signal"> = {},
): Promise<Evaluation> {
  return measureAside("evaluation", measurement(spec, data, predictions, options), options);
}

/** What there is to measure: of the data, what metrics read. */
function measurement(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
  { auc = aucMethodOf(data.rows), intervals = null, users = null, by }: MeasureOptions,
): MeasureRequest {
  const { towers } = spec;
  const grouping = groupingFeatures(spec);
  const features = new Map([...data.features].filter(([name]) => grouping.has(name)));
  return {
    towers,
    domainNames: by?.names ?? domainNamesOf(spec),
    columns: { rows: data.rows, features, labels: data.labels, domains: by?.codes ?? data.domains },
    probabilities: predictions.map(({ probabilities }) => probabilities),
    auc,
    users,
    intervals,
  };
}

/** The names of a model's domains; empty where it has none. */
export function domainNamesOf(spec: ModelSpec): string[] {
  return Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => domainName(spec, domain));
}

/** The features that metrics group rows by. */
function groupingFeatures({ towers }: ModelSpec): ReadonlySet<string> {
  const metrics = towers.flatMap((tower) => tower.metrics);
  return new Set(metrics.flatMap((metric) => (metric.kind === "grouped_auc" ? [metric.groupingKey] : [])));
}

/** How AUC over so many rows is computed where nothing is asked for. */
export function aucMethodOf(rows: number): AucMethod {
  return rows > exactAucRows ? "streaming" : "exact";
}
