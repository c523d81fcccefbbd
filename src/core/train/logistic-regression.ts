/** scikit-learn's `LogisticRegression(C)` per binary task, with a weight per id: the floor of a model's AUC. */

import { batchesInOrder } from "../data/encoded/batches.js";
import type { BagColumn, DenseColumn, EncodedData, FeatureColumn, IdColumn } from "../data/encoded/encoded.js";
import { rowsDigest } from "../data/encoded/hashes.js";
import { type EncodedRows, takeRows } from "../data/encoded/streamed.js";
import type { Weight, Weights } from "../engine/engine.js";
import { findFeature } from "../spec/feature/feature.js";
import { isBinary, type ModelSpec, type TowerSpec, usedFeatures } from "../spec/model.js";
import { everyRow, logitLoss, mean, sampleVariance, sigmoid } from "../util/numbers.js";
import { atOnce, inTurns, type Work } from "../util/turns.js";
import { leastGain, logit, Objective, rowsPerTurn, type SparseRows } from "./logistic-objective.js";
import { taskSpaceName } from "./measure/task-rows.js";

export interface LogisticRegression {
  readonly columns: readonly LinearColumn[];
  /** By tower; the last weight is the intercept. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** C by tower: the penalty, which is added to the sum of the log losses, is ½‖w‖²/C; the intercept has none. */
  readonly strengths: ReadonlyMap<string, number>;
}

/** The strengths to choose from: C of 1, scikit-learn's default, and smaller ones. */
const usualStrengths = [1, 0.1, 0.01];
/** Every fifth row is held out to choose the strength. */
const heldOut = 5;
/** With at least this number of rows per weight, the strength hardly matters. */
const manyRows = 50;

/** Largest number of values to train on; more rows are sampled evenly. */
const mostValues = 4_000_000;
const runLength = 256;
const timedRows = 16_384;

/** The last regression, since a model is often trained again on the same rows. */
let last: { readonly key: string; readonly fitted: LogisticRegression | null } | null = null;

export async function fitLogisticRegression(spec: ModelSpec, rows: EncodedRows): Promise<LogisticRegression | null> {
  const towers = spec.towers.filter(isBinary);
  if (towers.length === 0 || rows.rows === 0) return null;
  const { data, rows: chosen } = await sampled(spec, rows);
  const tasks = towers.map((tower) => [tower.name, tower.label, taskSpaceName(tower)]);
  const key = JSON.stringify([await rowsDigest(data), rows.rows, [...usedFeatures(spec)].sort(), tasks]);
  if (last?.key === key) return last.fitted;
  const fitted = await fitTowers(spec, towers, data, chosen);
  last = { key, fitted };
  return fitted;
}

async function fitTowers(
  spec: ModelSpec,
  towers: readonly TowerSpec[],
  data: EncodedData,
  chosen: Int32Array,
): Promise<LogisticRegression | null> {
  const columns = await inTurns(linearColumns(spec, data, chosen));
  if (columns.length === 0) return null;
  const size = columns.reduce((all, { positions, numbers }) => all + positions.size + (numbers?.means.length ?? 0), 1);
  const inputs = await inTurns(sparseRows(columns, data, chosen));
  const weights = new Map<string, Float32Array>();
  const strengths = new Map<string, number>();
  for (const tower of towers) {
    const space = taskSpaceName(tower);
    const inside = space === null ? null : data.labels.get(space)!;
    const labels = Float32Array.from(chosen, (row) => data.labels.get(tower.label)![row]!);
    const used = Int32Array.from(chosen.keys()).filter((at) => inside === null || inside[chosen[at]!]! > 0);
    const shares = new Float64Array(chosen.length);
    const minimum = (strength: number, rows: Int32Array, least: number): Work<Float64Array> =>
      new Objective(inputs, labels, rows, size, strength, shares).minimum(least);
    const isCertain = used.length >= manyRows * size;
    const strength = isCertain ? usualStrengths[0]! : await inTurns(chosenStrength(minimum, inputs, labels, used));
    weights.set(tower.name, Float32Array.from(await inTurns(minimum(strength, used, leastGain.fitting))));
    strengths.set(tower.name, strength);
  }
  return { columns, weights, strengths };
}

/** Chooses a smaller C if the log losses of every fifth row, from a fit on the others, are certainly lower. */
function* chosenStrength(
  minimum: (strength: number, rows: Int32Array, least: number) => Work<Float64Array>,
  inputs: SparseRows,
  labels: Float32Array,
  rows: Int32Array,
): Work<number> {
  const held = rows.filter((_, at) => at % heldOut === heldOut - 1);
  const fitted = rows.filter((_, at) => at % heldOut !== heldOut - 1);
  let best: { strength: number; losses: readonly number[] } | null = null;
  for (const strength of usualStrengths) {
    const weights = yield* minimum(strength, fitted, leastGain.comparing);
    const losses = Array.from(held, (row) => logitLoss(logit(inputs, row, weights), labels[row]! > 0));
    if (best !== null && !isLower(losses, best.losses)) break;
    best = { strength, losses };
  }
  return best!.strength;
}

/** Whether the mean is lower by more than two standard errors of the paired differences. */
function isLower(losses: readonly number[], than: readonly number[]): boolean {
  const gains = losses.map((loss, at) => than[at]! - loss);
  return mean(gains) > 2 * Math.sqrt(sampleVariance(gains) / gains.length);
}

export async function regressionSeconds(spec: ModelSpec, data: EncodedData, rows: number): Promise<number> {
  const towers = spec.towers.filter((tower) => isBinary(tower));
  const part = everyRow(Math.min(timedRows, data.rows));
  if (towers.length === 0 || part.length === 0) return 0;
  const start = performance.now();
  await fitTowers(spec, towers, data, part);
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
  if (rows.rows <= most) return takeRows(rows, everyRow(rows.rows));
  const runs = Math.floor(most / runLength);
  const startOf = (run: number): number => Math.floor((run * (rows.rows - runLength)) / Math.max(1, runs - 1));
  const chosen = everyRow(runs * runLength).map((at) => startOf(Math.floor(at / runLength)) + (at % runLength));
  return takeRows(rows, chosen);
}

function mostRows(spec: ModelSpec): number {
  return Math.max(runLength, Math.floor(mostValues / Math.max(1, spec.features.length)));
}

export interface LinearColumn {
  readonly name: string;
  /** The position of the weight of each id, or of each bucket of a number in pieces; empty for numbers. */
  readonly positions: ReadonlyMap<number, number>;
  /** For numbers: the position of the first weight, and each number's mean and standard deviation. */
  readonly numbers: { readonly position: number; readonly means: number[]; readonly deviations: number[] } | null;
}

function* linearColumns(spec: ModelSpec, data: EncodedData, rows: Int32Array): Work<LinearColumn[]> {
  const used = usedFeatures(spec);
  const columns: LinearColumn[] = [];
  let next = 0;
  for (const [name, column] of data.features) {
    if (!used.has(name)) continue;
    yield;
    const feature = findFeature(spec, name);
    const inPieces = feature?.kind === "raw" && feature.pieces !== undefined;
    if (column.kind === "dense" && !inPieces) {
      columns.push({ name, positions: new Map(), numbers: { position: next, ...columnMoments(column, rows) } });
      next += column.dim;
      continue;
    }
    const positions = new Map<number, number>();
    const place = (id: number): void => {
      if (id >= 0 && !positions.has(id)) positions.set(id, next++);
    };
    for (const row of rows) {
      if (column.kind === "dense") {
        place(bucketAt(column, row));
        continue;
      }
      const [start, end] = idRange(column, row);
      for (let at = start; at < end; at++) place(column.ids[at]!);
    }
    columns.push({ name, positions, numbers: null });
  }
  return columns;
}

function columnMoments({ dim, values }: { readonly dim: number; readonly values: Float32Array }, rows: Int32Array) {
  const means: number[] = [];
  const deviations: number[] = [];
  for (let at = 0; at < dim; at++) {
    // Welford's method: the difference of two sums would lose the deviation of large numbers, such as times.
    let [count, mean, squares] = [0, 0, 0];
    for (const row of rows) {
      const value = values[row * dim + at]!;
      if (!Number.isFinite(value)) continue;
      const difference = value - mean;
      mean += difference / ++count;
      squares += difference * (value - mean);
    }
    means.push(Math.fround(mean));
    deviations.push(Math.fround(Math.sqrt(squares / Math.max(1, count))));
  }
  return { means, deviations };
}

/** The bucket of a number in pieces, whose shares would be as many dense columns: the number of pieces below it. */
function bucketAt({ dim, values }: DenseColumn, row: number): number {
  let bucket = 0;
  while (bucket < dim && values[row * dim + bucket]! >= 1) bucket++;
  return bucket;
}

function idRange(column: IdColumn | BagColumn, row: number): readonly [start: number, end: number] {
  return column.kind === "ids" ? [row, row + 1] : [column.offsets[row]!, column.offsets[row + 1]!];
}

/** Some rows of `data` as sparse vectors, in order. Ids without a weight are left out. */
function* sparseRows(columns: readonly LinearColumn[], data: EncodedData, rows: Int32Array): Work<SparseRows> {
  const sources = columns.map((column) => ({ ...column, source: data.features.get(column.name)! }));
  const most = sources.reduce((sum, { source, numbers }) => sum + mostEntries(source, numbers !== null, rows), 0);
  const entries = { positions: new Int32Array(most), values: new Float32Array(most), count: 0 };
  const starts = new Int32Array(rows.length + 1);
  for (let from = 0; from < rows.length; from += rowsPerTurn) {
    yield;
    const turn = rows.subarray(from, from + rowsPerTurn);
    for (let at = 0; at < turn.length; at++) {
      for (const column of sources) addEntries(column, turn[at]!, entries);
      starts[from + at + 1] = entries.count;
    }
  }
  const { positions, values, count } = entries;
  return { starts, positions: positions.subarray(0, count), values: values.subarray(0, count) };
}

function mostEntries(source: FeatureColumn, areNumbers: boolean, rows: Int32Array): number {
  if (source.kind === "dense" && areNumbers) return source.dim * rows.length;
  if (source.kind !== "bag") return rows.length;
  return rows.reduce((sum, row) => sum + source.offsets[row + 1]! - source.offsets[row]!, 0);
}

function addEntries(
  { source, positions, numbers }: LinearColumn & { readonly source: FeatureColumn },
  row: number,
  to: { readonly positions: Int32Array; readonly values: Float32Array; count: number },
): void {
  const add = (position: number, value: number): void => {
    to.positions[to.count] = position;
    to.values[to.count++] = value;
  };
  if (source.kind === "dense" && numbers === null) {
    const position = positions.get(bucketAt(source, row));
    if (position !== undefined) add(position, 1);
    return;
  }
  if (source.kind === "dense") {
    const { position, means, deviations } = numbers!;
    for (let at = 0; at < source.dim; at++) {
      const value = source.values[row * source.dim + at]!;
      if (!Number.isFinite(value) || deviations[at] === 0) continue;
      add(position + at, (value - means[at]!) / deviations[at]!);
    }
    return;
  }
  const [start, end] = idRange(source, row);
  for (let at = start; at < end; at++) {
    const position = positions.get(source.ids[at]!);
    if (position === undefined) continue; // unseen in training
    add(position, (source.kind === "bag" ? (source.weights?.[at] ?? 1) : 1) / (end - start));
  }
}

/** A whole number is written as two halves that are exact in 32-bit floats. */
const half = 65_536;

/**
 * `{feature}.ids`: place of the first weight, ids; or `.moments`: place, means and deviations; `{tower}.weights`,
 * `.strength`.
 */
export function floorWeights({ columns, weights, strengths }: LogisticRegression): Weights {
  const arrays = new Map<string, Weight>();
  for (const { name, positions, numbers } of columns) {
    const [first = 0] = positions.values();
    const pairs =
      numbers === null
        ? [first, ...positions.keys()].map(halves)
        : [halves(numbers.position), ...numbers.means.map((mean, at) => [mean, numbers.deviations[at]!] as const)];
    const data = Float32Array.from(pairs.flat());
    arrays.set(`${name}.${numbers === null ? "ids" : "moments"}`, { shape: [pairs.length, 2], data });
  }
  for (const [tower, data] of weights) arrays.set(`${tower}.weights`, { shape: [data.length], data });
  for (const [tower, strength] of strengths) {
    arrays.set(`${tower}.strength`, { shape: [1], data: Float32Array.of(strength) });
  }
  return arrays;
}

export function floorFromWeights(arrays: Weights): LogisticRegression {
  const named = [...arrays].map(([key, { data }]) => {
    const dot = key.lastIndexOf(".");
    return { name: key.slice(0, dot), kind: key.slice(dot + 1), data };
  });
  const [weights, strengths] = ["weights", "strength"].map((kind) => named.filter((each) => each.kind === kind));
  const columns = named.filter(({ kind }) => kind === "ids" || kind === "moments");
  return {
    columns: columns.map(({ name, kind, data }): LinearColumn => {
      const pairs = Array.from({ length: data.length / 2 }, (_, at) => [data[at * 2]!, data[at * 2 + 1]!] as const);
      const [first = [0, 0], ...rest] = pairs;
      const position = whole(first);
      const ids = new Map(kind === "ids" ? rest.map((pair, at) => [whole(pair), position + at]) : []);
      const [means, deviations] = [rest.map(([mean]) => mean), rest.map(([, deviation]) => deviation)];
      return { name, positions: ids, numbers: kind === "ids" ? null : { position, means, deviations } };
    }),
    weights: new Map(weights!.map(({ name, data }) => [name, data])),
    strengths: new Map(strengths!.map(({ name, data }) => [name, Number(data[0]!.toPrecision(6))])),
  };
}

function halves(value: number): readonly [number, number] {
  return [Math.floor(value / half), value % half];
}

function whole([high, low]: readonly [number, number]): number {
  return high * half + low;
}
