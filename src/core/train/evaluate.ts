/** Predicts and evaluates rows with an engine, and compares predictions. */
import { batchesInOrder } from "../data/encoded/batches.js";
import type { EncodedData } from "../data/encoded/encoded.js";
import { type EncodedRows, measuredColumns } from "../data/encoded/streamed.js";
import type { RowGroups } from "../data/summary/row-groups.js";
import type { Engine, TowerOutput } from "../engine/engine.js";
import type { CalibrationOptions, CalibrationReport } from "../metrics/calibration-curve.js";
import type { Comparison } from "../metrics/comparison-verdict.js";
import type { Evaluation } from "../metrics/types.js";
import { listDomainNames, type ModelSpec, type TowerSpec } from "../spec/model.js";
import { mostBatchRows } from "../spec/training.js";
import { interruptible } from "../util/interrupt.js";
import { inTurns } from "../util/turns.js";
import type { CompareRequest } from "./measure/measure.js";
import { measureAside } from "./measure/measure-aside.js";
import type { IntervalOptions, MeasureRequest, UserColumn } from "./measure/task-rows.js";
import { type UserMetrics, withUserMetrics } from "./measure/user-metrics.js";

/** A tower's predictions for every row of a data set, in row order. */
export interface Predictions extends TowerOutput {}

export type PredictingEngine = Pick<Engine, "spec" | "predict">;

/** Options of evaluation and prediction. `intervals` and `curves`, for charts: by default none. */
export interface EvaluateOptions extends Partial<Pick<MeasureRequest, "intervals" | "users" | "curves">> {
  /** Rows per call of the engine. Default: the spec's `evalBatchSize`, else 4,096. */
  readonly batchSize?: number;
  readonly by?: RowGroups;
  /** The user's metrics, by name. */
  readonly metrics?: UserMetrics | undefined;
}

type MeasureOptions = Pick<EvaluateOptions, "intervals" | "users" | "by" | "curves">;

/** Ends after the current batch if it is interrupted. */
export async function predict(
  engine: PredictingEngine,
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
    const outputs: readonly TowerOutput[] = await interruptible(() => engine.predict(batch));
    engine.spec.towers.forEach((tower, index) => {
      const start = firstRow * tower.numClass;
      const output = outputs[index]!;
      results[index]?.probabilities.set(output.probabilities, start);
      results[index]?.logits.set(output.logits, start);
    });
  }
  return results;
}

/** Evaluates rows; many rows in a thread. Needs every score and label, some 20 bytes per row and task. */
export async function evaluate(
  engine: PredictingEngine,
  data: EncodedRows,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const predictions = await predict(engine, data, options);
  const columns = await measuredColumns(data, groupingFeatures(engine.spec));
  const request = measurement(engine.spec, columns, predictions, options);
  const { metrics } = options;
  if (metrics !== undefined) {
    const evaluation = await measureAside("evaluation", request);
    return inTurns(withUserMetrics(evaluation, { ...request, sampleWeights: columns.sampleWeights }, metrics));
  }
  const moves = predictions.map(({ probabilities }) => probabilities.buffer as ArrayBuffer);
  return measureAside("evaluation", request, moves);
}

export function measurePredictions(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
  options: MeasureOptions = {},
): Promise<Evaluation> {
  return measureAside("evaluation", measurement(spec, data, predictions, options));
}

export function measurement(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
  { intervals = null, users = null, by, curves = false }: MeasureOptions = {},
): MeasureRequest {
  const { towers } = spec;
  const grouping = groupingFeatures(spec);
  const features = new Map([...data.features].filter(([name]) => grouping.has(name)));
  return {
    towers,
    domainNames: by?.names ?? listDomainNames(spec),
    columns: { rows: data.rows, features, labels: data.labels, domains: by?.codes ?? data.domains },
    probabilities: predictions.map(({ probabilities }) => probabilities),
    values: predictions.map(({ logits }, index) => (hasBothOutputs(towers[index]!) ? logits : null)),
    batchSize: spec.training.evalBatchSize ?? mostBatchRows(spec.training),
    users,
    intervals,
    curves,
  };
}

function hasBothOutputs({ losses }: TowerSpec): boolean {
  return losses.some(({ kind }) => kind === "l2_loss") && losses.some(({ kind }) => kind !== "l2_loss");
}

function groupingFeatures({ towers }: ModelSpec): ReadonlySet<string> {
  const metrics = towers.flatMap((tower) => tower.metrics);
  return new Set(metrics.flatMap((metric) => ("groupingKey" in metric ? [metric.groupingKey] : [])));
}

export async function measureCalibration(
  engine: Engine,
  data: EncodedRows,
  options: CalibrationOptions = {},
  users: UserColumn | null = null,
): Promise<CalibrationReport> {
  const predictions = await predict(engine, data);
  const columns = await measuredColumns(data, new Set());
  return measureAside("calibration", { ...measurement(engine.spec, columns, predictions, { users }), options });
}

export interface ComparePredictionsOptions extends IntervalOptions {
  readonly names?: readonly [string, string];
  readonly users?: UserColumn | null;
  readonly ranksOnly?: readonly string[];
  /** Predictions of further trainings of each model. */
  readonly more?: readonly [first: readonly (readonly Predictions[])[], second: readonly (readonly Predictions[])[]];
  readonly notes?: readonly string[];
}

/**
 * Compares two models by paired differences with corrected verdicts.
 * @param spec the first model's, for the towers of `first`
 */
export function comparePredictions(
  spec: ModelSpec,
  data: EncodedData,
  first: readonly Predictions[],
  second: readonly Predictions[],
  options: ComparePredictionsOptions = {},
): Promise<Comparison> {
  const {
    names = ["first", "second"],
    users = null,
    ranksOnly = [],
    more = [[], []],
    notes = [],
    ...intervals
  } = options;
  const towers = spec.towers
    .filter(({ name }) => first.some(({ tower }) => tower === name))
    .map((tower) => ({ ...tower, metrics: [] }));
  const ofTowers = (predictions: readonly Predictions[]): Predictions[] =>
    towers.map(({ name }) => predictions.find(({ tower }) => tower === name)!);
  const request: CompareRequest = {
    ...measurement({ ...spec, towers }, data, ofTowers(first), { users }),
    names,
    notes,
    intervals,
    others: [...more[0], second, ...more[1]].map((each) => ofTowers(each).map(({ probabilities }) => probabilities)),
    trainings: [1 + more[0].length, 1 + more[1].length],
    ranksOnly: towers.map(({ name }) => ranksOnly.includes(name)),
  };
  return measureAside("comparison", request);
}
