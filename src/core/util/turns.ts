/** Long work that shares its thread: a generator that yields where it may pause, run in slices of the event loop. */
import { totalmem } from "node:os";
import { setImmediate } from "node:timers/promises";
import { interruptible } from "./interrupt.js";

/** Work that yields between units of at most a few milliseconds each. */
export type Work<Result> = Generator<undefined, Result>;

const turnMillis = 4;

let turnBegan = 0;

export async function nextTurn(): Promise<void> {
  await setImmediate();
  turnBegan = performance.now();
}

/** Runs work in slices of a few milliseconds, until it is interrupted. */
export function inTurns<Result>(work: Work<Result>): Promise<Result> {
  return interruptible(async (signal) => {
    for (;;) {
      const unit = work.next();
      if (unit.done === true) return unit.value;
      if (performance.now() - turnBegan >= turnMillis) await nextTurn();
      signal?.throwIfAborted();
    }
  });
}

export function atOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const unit = work.next();
    if (unit.done === true) return unit.value;
  }
}

/** Calls `visit(start, end)` on ranges of 0 … `count` − 1 and yields between them. */
export function* inRuns(count: number, length: number, visit: (start: number, end: number) => void): Work<void> {
  for (let start = 0; start < count; start += length) {
    if (start > 0) yield;
    visit(start, Math.min(count, start + length));
  }
}

/** The memory available in bytes: the machine's, or the container's limit. */
export function availableMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at]!;
  return total;
}

export function everyRow(count: number): Int32Array {
  const rows = new Int32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}

/** The number of rows whose label is above 0. */
export function countPositives(labels: ArrayLike<number>, rows: Int32Array): number {
  let positives = 0;
  for (const row of rows) if (labels[row]! > 0) positives++;
  return positives;
}

/** Whether two arrays exist and have the same numbers; −0 differs from 0, NaN equals NaN. */
export function sameNumbers(a: ArrayLike<number> | undefined, b: ArrayLike<number> | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return false;
  return true;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < a.length; at++) total += a[at]! * b[at]!;
  return total;
}

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** The log loss of a logit, in nats. */
export function logitLoss(logit: number, isPositive: boolean): number {
  return Math.max(0, isPositive ? -logit : logit) + Math.log1p(Math.exp(-Math.abs(logit)));
}

/** The inverse of the sigmoid; finite for 0 and 1, which become the nearest other float32 probabilities. */
export function logOdds(probability: number): number {
  const inside = Math.min(1 - 2 ** -25, Math.max(2 ** -150, probability));
  return Math.log(inside / (1 - inside));
}

/** The mean; NaN for an empty list. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length;
}

/** The variance, n − 1 in the denominator; 0 for fewer than two values. */
export function sampleVariance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((total, value) => total + (value - centre) ** 2, 0) / (values.length - 1);
}

/** The mean weighted by `weight`; NaN for an empty list. */
export function weightedMean<Item>(
  items: readonly Item[],
  weight: (item: Item) => number,
  value: (item: Item) => number,
): number {
  let [total, weights] = [0, 0];
  for (const item of items) {
    total += weight(item) * value(item);
    weights += weight(item);
  }
  return total / weights;
}

/** What `work` returns; `otherwise` if it throws. */
export function attempt<T, U>(work: () => T, otherwise: U): T | U {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

export function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
