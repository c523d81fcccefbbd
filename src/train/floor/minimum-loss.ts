/** Fits one logistic regression: L-BFGS (Nocedal & Wright, algorithm 7.4), preconditioned by the Hessian's diagonal. */
import type { Work } from "../../util/turns.js";
import { logit, rowsPerTurn, type SparseRows, sigmoid } from "./sparse-rows.js";

/** Steps whose curvature is kept. */
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

/**
 * The weights that minimise Σ log loss + ½‖w‖² over `rows`; the last one is the intercept, which has no penalty.
 * @param labels positive numbers are 1
 */
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

/** The diagonal of the Hessian at weights of 0. */
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
