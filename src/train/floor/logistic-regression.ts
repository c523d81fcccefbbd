/**
 * A logistic regression per binary task on the model's own features: the floor that every evaluation names beside AUC,
 * to tell bad data from a bad model. One weight per id, and one per number after standardisation; L2 regularised like
 * scikit-learn's `LogisticRegression()` (strength 1); trained by AdaGrad on at most four million values.
 */
import {
  type BagColumn,
  batchesInOrder,
  type EncodedData,
  type EncodedRows,
  type IdColumn,
  rowsDigest,
  takeRows,
} from "../../data/encoded/index.js";
import { isBinary, type ModelSpec, type TowerSpec, usedFeatures } from "../../spec/index.js";
import { permutation, random } from "../../util/random.js";
import { atOnce, inTurns, type Work } from "../../util/turns.js";
import { taskSpaceName } from "../measure/task-rows.js";

/** The weight of each id of a feature, and of each of its numbers. */
export interface LinearColumn {
  /** The feature. */
  readonly name: string;
  /** The position of each id's weight; empty for numbers. */
  readonly positions: ReadonlyMap<number, number>;
  /** For numbers: the position of the first weight, and each number's mean and standard deviation. */
  readonly numbers: { readonly position: number; readonly means: number[]; readonly deviations: number[] } | null;
}

/** Fitted regressions, one per binary task. */
export interface LogisticRegression {
  readonly columns: readonly LinearColumn[];
  /** By tower; the last weight is the intercept. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** Rows as sparse vectors: row r has the entries `starts[r] … starts[r + 1] − 1`. */
interface SparseRows {
  readonly starts: Int32Array;
  readonly positions: Int32Array;
  readonly values: Float32Array;
}

/** Largest number of values to train on; more rows are sampled evenly. */
const mostValues = 4_000_000;
/** Rows of a run that is read at once when rows are sampled. */
const runLength = 256;
const passes = 10;
const stepSize = 0.1;
const rowsPerTurn = 512;
/** Rows of {@link regressionSeconds}. */
const timedRows = 16_384;

/** The last regression, since a model is often trained again on the same rows. */
let last: { readonly key: string; readonly fitted: LogisticRegression | null } | null = null;

/** Fits the regressions; `null` without binary tasks, features or rows. */
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
    weights.set(tower.name, Float32Array.from(await inTurns(descending(inputs, labels, used, size), signal)));
  }
  return { columns, weights };
}

/**
 * Seconds that {@link fitLogisticRegression} takes for this number of rows like these: as long for each value as on
 * a part of them.
 */
export async function regressionSeconds(spec: ModelSpec, data: EncodedData, rows: number): Promise<number> {
  const towers = spec.towers.filter((tower) => isBinary(tower));
  const part = Int32Array.from({ length: Math.min(timedRows, data.rows) }, (_, row) => row);
  if (towers.length === 0 || part.length === 0) return 0;
  const start = performance.now();
  await fitTowers(spec, towers, data, part, undefined);
  const perRow = (performance.now() - start) / 1000 / part.length;
  return perRow * Math.min(rows, mostRows(spec));
}

/** The probability of each row for one tower, in row order. */
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

/** All rows, or evenly spaced runs of rows if there are many. */
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

/** Gives a position to every id and number of the features in the model's groups. */
function* linearColumns(spec: ModelSpec, data: EncodedData, rows: Int32Array): Work<LinearColumn[]> {
  const used = usedFeatures(spec);
  const columns: LinearColumn[] = [];
  let next = 0;
  for (const [name, column] of data.features) {
    if (!used.has(name)) continue;
    yield;
    if (column.kind === "dense") {
      columns.push({ name, positions: new Map(), numbers: { position: next, ...columnMoments(column, rows) } });
      next += column.dim;
      continue;
    }
    const positions = new Map<number, number>();
    for (const row of rows) {
      const [start, end] = idRange(column, row);
      for (let at = start; at < end; at++) {
        const id = column.ids[at]!;
        if (id >= 0 && !positions.has(id)) positions.set(id, next++);
      }
    }
    columns.push({ name, positions, numbers: null });
  }
  return columns;
}

function columnMoments({ dim, values }: { readonly dim: number; readonly values: Float32Array }, rows: Int32Array) {
  const means: number[] = [];
  const deviations: number[] = [];
  for (let at = 0; at < dim; at++) {
    let [count, sum, squares] = [0, 0, 0];
    for (const row of rows) {
      const value = values[row * dim + at]!;
      if (!Number.isFinite(value)) continue;
      count++;
      sum += value;
      squares += value * value;
    }
    const mean = count === 0 ? 0 : sum / count;
    means.push(Math.fround(mean));
    deviations.push(Math.fround(Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean))));
  }
  return { means, deviations };
}

function weightCount(columns: readonly LinearColumn[]): number {
  return columns.reduce((total, { positions, numbers }) => total + positions.size + (numbers?.means.length ?? 0), 1);
}

function idRange(column: IdColumn | BagColumn, row: number): readonly [start: number, end: number] {
  return column.kind === "ids" ? [row, row + 1] : [column.offsets[row]!, column.offsets[row + 1]!];
}

/** These rows of `data`, in order. */
function* sparseRows(columns: readonly LinearColumn[], data: EncodedData, rows: Int32Array): Work<SparseRows> {
  const starts = new Int32Array(rows.length + 1);
  const positions: number[] = [];
  const values: number[] = [];
  for (const [at, row] of rows.entries()) {
    if (at % rowsPerTurn === 0) yield;
    for (const column of columns) addEntries(column, data, row, positions, values);
    starts[at + 1] = positions.length;
  }
  return { starts, positions: Int32Array.from(positions), values: Float32Array.from(values) };
}

function addEntries(column: LinearColumn, data: EncodedData, row: number, positions: number[], values: number[]): void {
  const source = data.features.get(column.name)!;
  if (source.kind === "dense") {
    const { position, means, deviations } = column.numbers!;
    for (let at = 0; at < source.dim; at++) {
      const value = source.values[row * source.dim + at]!;
      if (!Number.isFinite(value) || deviations[at] === 0) continue;
      positions.push(position + at);
      values.push((value - means[at]!) / deviations[at]!);
    }
    return;
  }
  const [start, end] = idRange(source, row);
  for (let at = start; at < end; at++) {
    const position = column.positions.get(source.ids[at]!);
    if (position === undefined) continue; // unseen in training
    positions.push(position);
    values.push((source.kind === "bag" ? (source.weights?.[at] ?? 1) : 1) / (end - start));
  }
}

/** AdaGrad on Σ log loss + ½‖w‖²: each touch of a weight carries its share of the penalty. */
function* descending(inputs: SparseRows, labels: Float32Array, rows: Int32Array, size: number): Work<Float64Array> {
  const weights = new Float64Array(size);
  const squares = new Float64Array(size);
  const touches = new Float64Array(size);
  for (const row of rows) {
    for (let at = inputs.starts[row]!; at < inputs.starts[row + 1]!; at++) touches[inputs.positions[at]!]!++;
  }
  const source = random(1);
  for (let pass = 0; pass < passes; pass++) {
    for (const [at, index] of permutation(rows.length, source).entries()) {
      if (at % rowsPerTurn === 0) yield;
      const row = rows[index]!;
      const error = sigmoid(logit(inputs, row, weights)) - (labels[row]! > 0 ? 1 : 0);
      for (let entry = inputs.starts[row]!; entry < inputs.starts[row + 1]!; entry++) {
        const position = inputs.positions[entry]!;
        const penalty = weights[position]! / touches[position]!;
        descend(weights, squares, position, error * inputs.values[entry]! + penalty);
      }
      descend(weights, squares, size - 1, error);
    }
  }
  return weights;
}

function descend(weights: Float64Array, squares: Float64Array, position: number, gradient: number): void {
  squares[position]! += gradient * gradient;
  weights[position]! -= (stepSize * gradient) / (Math.sqrt(squares[position]!) + 1e-8);
}

function logit({ starts, positions, values }: SparseRows, row: number, weights: Float32Array | Float64Array): number {
  let sum = weights[weights.length - 1]!;
  for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += weights[positions[at]!]! * values[at]!;
  return sum;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
