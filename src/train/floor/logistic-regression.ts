/**
 * A logistic regression per binary task on the model's own features: the floor that every evaluation names beside AUC,
 * to tell bad data from a bad model. One weight per id, and one per number after standardisation, on at most four
 * million values. The same objective as scikit-learn's `LogisticRegression(C=1)`: the sum of the log losses + ½‖w‖²,
 * without a penalty on the intercept.
 */
import { batchesInOrder, type EncodedData, type EncodedRows, rowsDigest, takeRows } from "../../data/encoded/index.js";
import { isBinary, type ModelSpec, type TowerSpec, usedFeatures } from "../../spec/index.js";
import { atOnce, inTurns } from "../../util/turns.js";
import { taskSpaceName } from "../measure/task-rows.js";
import { minimumLoss } from "./minimum-loss.js";
import { type LinearColumn, linearColumns, logit, sigmoid, sparseRows, weightCount } from "./sparse-rows.js";

export interface LogisticRegression {
  readonly columns: readonly LinearColumn[];
  /** By tower; the last weight is the intercept. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** Added to the sum of the log losses; the intercept has no penalty. */
export const floorPenalty = "½‖w‖²";

/** Largest number of values to train on; more rows are sampled evenly. */
const mostValues = 4_000_000;
const runLength = 256;
const timedRows = 16_384;

/** The last regression, since a model is often trained again on the same rows. */
let last: { readonly key: string; readonly fitted: LogisticRegression | null } | null = null;

export async function fitLogisticRegression(
  spec: ModelSpec,
  rows: EncodedRows,
  signal?: AbortSignal,
): Promise<LogisticRegression | null> {
  const towers = spec.towers.filter((tower) => isBinary(tower));
  if (towers.length === 0 || rows.rows === 0) return null;
  const { data, rows: chosen } = await sampled(spec, rows);
  const tasks = towers.map((tower) => [tower.name, tower.label, taskSpaceName(tower)]);
  const key = JSON.stringify([await rowsDigest(data), rows.rows, [...usedFeatures(spec)].sort(), tasks]);
  if (last?.key === key) return last.fitted;
  const fitted = await fitTowers(spec, towers, data, chosen, signal);
  last = { key, fitted };
  return fitted;
}

async function fitTowers(
  spec: ModelSpec,
  towers: readonly TowerSpec[],
  data: EncodedData,
  chosen: Int32Array,
  signal: AbortSignal | undefined,
): Promise<LogisticRegression | null> {
  const columns = await inTurns(linearColumns(spec, data, chosen), signal);
  if (columns.length === 0) return null;
  const size = weightCount(columns);
  const inputs = await inTurns(sparseRows(columns, data, chosen), signal);
  const weights = new Map<string, Float32Array>();
  for (const tower of towers) {
    const space = taskSpaceName(tower);
    const inside = space === null ? null : data.labels.get(space)!;
    const labels = Float32Array.from(chosen, (row) => data.labels.get(tower.label)![row]!);
    const used = Int32Array.from(chosen.keys()).filter((at) => inside === null || inside[chosen[at]!]! > 0);
    weights.set(tower.name, Float32Array.from(await inTurns(minimumLoss(inputs, labels, used, size), signal)));
  }
  return { columns, weights };
}

/** Seconds of {@link fitLogisticRegression}, estimated from a part of the values. */
export async function regressionSeconds(spec: ModelSpec, data: EncodedData, rows: number): Promise<number> {
  const towers = spec.towers.filter((tower) => isBinary(tower));
  const part = Int32Array.from({ length: Math.min(timedRows, data.rows) }, (_, row) => row);
  if (towers.length === 0 || part.length === 0) return 0;
  const start = performance.now();
  await fitTowers(spec, towers, data, part, undefined);
  const perRow = (performance.now() - start) / 1000 / part.length;
  return perRow * Math.min(rows, mostRows(spec));
}

export async function logisticScores(
  { columns, weights }: LogisticRegression,
  rows: EncodedRows,
): Promise<ReadonlyMap<string, Float32Array>> {
  const scores = new Map([...weights.keys()].map((tower) => [tower, new Float32Array(rows.rows)]));
  for await (const { batch, start } of batchesInOrder(rows, 8192)) {
    const inputs = atOnce(sparseRows(columns, batch.data, batch.rows));
    for (const [tower, values] of weights) {
      const into = scores.get(tower)!;
      for (let row = 0; row < batch.rows.length; row++) into[start + row] = sigmoid(logit(inputs, row, values));
    }
  }
  return scores;
}

async function sampled(spec: ModelSpec, rows: EncodedRows): Promise<{ data: EncodedData; rows: Int32Array }> {
  const most = mostRows(spec);
  if (rows.rows <= most)
    return takeRows(
      rows,
      Int32Array.from({ length: rows.rows }, (_, row) => row),
    );
  const runs = Math.floor(most / runLength);
  const chosen = new Int32Array(runs * runLength);
  for (let run = 0; run < runs; run++) {
    const start = Math.floor((run * (rows.rows - runLength)) / Math.max(1, runs - 1));
    for (let at = 0; at < runLength; at++) chosen[run * runLength + at] = start + at;
  }
  return takeRows(rows, chosen);
}

function mostRows(spec: ModelSpec): number {
  return Math.max(runLength, Math.floor(mostValues / Math.max(1, spec.features.length)));
}
