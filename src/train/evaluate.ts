/** Evaluation: every tower's predictions over a data set, then metrics by task and domain. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { batchesInOrder } from "../data/batches.js";
import type { EncodedData } from "../data/encoded.js";
import { type EncodedRows, measuredColumns } from "../data/streamed.js";
import type { Engine, TowerOutput } from "../engine/engine.js";
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../metrics/types.js";
import { domainName, type ModelSpec } from "../spec/index.js";
import { type AucMethod, taskMetrics } from "./task-metrics.js";
import { allRows, rowsByDomain, rowsInside } from "./task-rows.js";

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
  /**
   * How AUCs are computed: by sorting (`exact`), or in bounded memory within a bound that each result carries
   * (`streaming`). Default: exact up to {@link exactAucRows} rows, streaming above.
   */
  readonly auc?: AucMethod;
}

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
      const output = outputs[index] as TowerOutput;
      results[index]?.probabilities.set(output.probabilities, start);
      results[index]?.logits.set(output.logits, start);
    });
  }
  return results;
}

/**
 * Predicts all rows and measures them; timers and messages have their turn between two metrics' rows. Exact AUCs need
 * every score and label, some 20 bytes a row and task.
 */
export async function evaluate(engine: Engine, data: EncodedRows, options: EvaluateOptions = {}): Promise<Evaluation> {
  const predictions = await predict(engine, data, options);
  const columns = await measuredColumns(data, groupingFeatures(engine.spec));
  const parts = measured(engine.spec, columns, predictions, options.auc ?? aucMethodOf(data.rows));
  for (;;) {
    const part = parts.next();
    if (part.done === true) return part.value;
    await nextTurn();
    options.signal?.throwIfAborted();
  }
}

/** The features that metrics group rows by. */
function groupingFeatures({ towers }: ModelSpec): ReadonlySet<string> {
  const metrics = towers.flatMap((tower) => tower.metrics);
  return new Set(metrics.flatMap((metric) => (metric.kind === "grouped_auc" ? [metric.groupingKey] : [])));
}

/** Metrics of given predictions by task × domain. A task with a space of its own is measured within it, too. */
export function evaluatePredictions(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
  options: Pick<EvaluateOptions, "auc"> = {},
): Evaluation {
  const parts = measured(spec, data, predictions, options.auc ?? aucMethodOf(data.rows));
  for (;;) {
    const part = parts.next();
    if (part.done === true) return part.value;
  }
}

/** Measures one task on one set of rows after another, and yields between them. */
function* measured(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
  auc: AucMethod,
): Generator<undefined, Evaluation> {
  const domainCount = spec.domains?.count ?? 0;
  const tasks: TaskEvaluation[] = [];
  for (const [index, tower] of spec.towers.entries()) {
    const { probabilities } = predictions[index] as Predictions;
    const within = tower.taskSpace?.outWeight === 0 ? tower.taskSpace.indicatorLabel : null;
    const everywhere = allRows(tower, data, probabilities);
    const inside = within === null ? null : rowsInside(data, within);
    const overall = taskMetrics(tower, inside === null ? everywhere : everywhere.pick(inside), auc);
    yield;
    const domains: TaskMetrics[] = [];
    for (const rows of rowsByDomain(data, inside, domainCount)) {
      domains.push(taskMetrics(tower, everywhere.pick(rows), auc));
      yield;
    }
    const anywhere = inside === null ? overall : taskMetrics(tower, everywhere, auc);
    yield;
    tasks.push({ tower: tower.name, label: tower.label, within, overall, domains, allRows: anywhere });
  }
  return {
    rows: data.rows,
    domainNames: Array.from({ length: domainCount }, (_, domain) => domainName(spec, domain)),
    tasks,
  };
}

/** How AUC over so many rows is computed where nothing is asked for. */
export function aucMethodOf(rows: number): AucMethod {
  return rows > exactAucRows ? "streaming" : "exact";
}
