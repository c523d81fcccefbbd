/**
 * A logistic regression per binary task on the model's own features: the floor beside AUC, to tell bad data from a bad
 * model. One weight per id and per standardised number; the objective of scikit-learn's `LogisticRegression(C=1)`, the
 * sum of the log losses + ½‖w‖² without the intercept, minimised by L-BFGS (Nocedal & Wright, algorithm 7.4).
 */

import { batchesInOrder } from "../data/encoded/batches.js";
import type { EncodedData } from "../data/encoded/encoded.js";
import { rowsDigest } from "../data/encoded/hashes.js";
import { type EncodedRows, takeRows } from "../data/encoded/streamed.js";
import { isBinary, type ModelSpec, type TowerSpec, usedFeatures } from "../spec/model.js";
import { atOnce, inTurns, type Work } from "../util/turns.js";
import { taskSpaceName } from "./measure/task-rows.js";
import {
  type LinearColumn,
  linearColumns,
  logit,
  rowsPerTurn,
  type SparseRows,
  sigmoid,
  sparseRows,
  weightCount,
} from "./sparse-rows.js";

const memory = 10;
const mostSteps = 100;
/** Stops if the next step is expected to lower the loss by less than this per row. */
const leastGain = 1e-7;
/** An expected gain below this share of the loss is rounding. */
const rounding = 1e-14;

interface Point {
  readonly weights: Float64Array;
  readonly loss: number;
  readonly gradient: Float64Array;
}

/** The last weight is the intercept. Positive labels are 1. */
export function* minimumLoss(
  inputs: SparseRows,
  labels: Float32Array,
  rows: Int32Array,
  size: number,
): Work<Float64Array> {
  const scale = curvatureAtZero(inputs, rows, size);
  const pairs: { readonly step: Float64Array; readonly change: Float64Array; readonly product: number }[] = [];
  let at = yield* evaluated(inputs, labels, rows, new Float64Array(size));
  for (let step = 0; step < mostSteps; step++) {
    const direction = descent(at.gradient, scale, pairs);
    const slope = dot(at.gradient, direction);
    if (-slope <= Math.max(leastGain * rows.length, rounding * at.loss)) break;
    const next = yield* alongLine(inputs, labels, rows, at, direction, slope);
    if (next === null) break;
    const moved = plus(next.weights, at.weights, -1);
    const change = plus(next.gradient, at.gradient, -1);
    const product = dot(moved, change);
    if (product > 0) pairs.push({ step: moved, change, product });
    if (pairs.length > memory) pairs.shift();
    at = next;
    yield;
  }
  return at.weights;
}

/** The first of the steps 1, ½, ¼ … that lowers the loss enough (Armijo's rule); `null`: none does. */
function* alongLine(
  inputs: SparseRows,
  labels: Float32Array,
  rows: Int32Array,
  { weights, loss }: Point,
  direction: Float64Array,
  slope: number,
): Work<Point | null> {
  for (let length = 1; length > 1e-9; length /= 2) {
    const next = yield* evaluated(inputs, labels, rows, plus(weights, direction, length));
    if (next.loss <= loss + 1e-4 * length * slope) return next;
  }
  return null;
}

/** −H⁻¹ · gradient, with the inverse Hessian that the last steps imply. */
function descent(
  gradient: Float64Array,
  scale: Float64Array,
  pairs: readonly { readonly step: Float64Array; readonly change: Float64Array; readonly product: number }[],
): Float64Array {
  const direction = plus(new Float64Array(gradient.length), gradient, -1);
  const shares = new Float64Array(pairs.length);
  for (let pair = pairs.length - 1; pair >= 0; pair--) {
    const { step, change, product } = pairs[pair]!;
    shares[pair] = dot(step, direction) / product;
    addTimes(direction, change, -shares[pair]!);
  }
  for (let i = 0; i < direction.length; i++) direction[i]! /= scale[i]!;
  for (const [pair, { step, change, product }] of pairs.entries()) {
    addTimes(direction, step, shares[pair]! - dot(change, direction) / product);
  }
  return direction;
}

function* evaluated(inputs: SparseRows, labels: Float32Array, rows: Int32Array, weights: Float64Array): Work<Point> {
  const gradient = Float64Array.from(weights);
  gradient[gradient.length - 1] = 0;
  let loss = dot(weights, gradient) / 2;
  for (let from = 0; from < rows.length; from += rowsPerTurn) {
    yield;
    loss += addLoss(inputs, labels, rows.subarray(from, from + rowsPerTurn), weights, gradient);
  }
  return { weights, loss, gradient };
}

/** Outside the generator, whose loops V8 compiles badly. */
function addLoss(
  inputs: SparseRows,
  labels: Float32Array,
  rows: Int32Array,
  weights: Float64Array,
  gradient: Float64Array,
): number {
  const { starts, positions, values } = inputs;
  const intercept = weights.length - 1;
  let loss = 0;
  for (const row of rows) {
    const odds = logit(inputs, row, weights);
    const isPositive = labels[row]! > 0;
    const error = sigmoid(odds) - (isPositive ? 1 : 0);
    loss += Math.max(0, isPositive ? -odds : odds) + Math.log1p(Math.exp(-Math.abs(odds)));
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      gradient[positions[entry]!]! += error * values[entry]!;
    }
    gradient[intercept]! += error;
  }
  return loss;
}

function curvatureAtZero({ starts, positions, values }: SparseRows, rows: Int32Array, size: number): Float64Array {
  const diagonal = new Float64Array(size).fill(1);
  diagonal[size - 1] = rows.length / 4;
  for (const row of rows) {
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      diagonal[positions[entry]!]! += values[entry]! ** 2 / 4;
    }
  }
  return diagonal;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function plus(values: Float64Array, more: Float64Array, factor: number): Float64Array {
  const sum = values.slice();
  addTimes(sum, more, factor);
  return sum;
}

function addTimes(to: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * values[i]!;
}

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
