/**
 * Long work that shares its thread. It is written as a generator that yields where it may pause, and runs either at once
 * or in turns of the event loop: then a notebook's messages, an engine's answers and an interrupt have their turn between
 * two units of work.
 */
import { setImmediate } from "node:timers/promises";

/** Work that yields between its units, each of a few milliseconds at most, however small. */
export type Work<Result> = Generator<undefined, Result>;

/** Work goes on so long before others have their turn, in milliseconds. */
const turnMillis = 4;

let turnBegan = 0;

/** Lets timers and messages have their turn. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
  turnBegan = performance.now();
}

/**
 * Runs work; where its units have taken some milliseconds, timers and messages have their turn. Rejects with the signal's
 * reason once it is aborted.
 */
export async function inTurns<Result>(work: Work<Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    const unit = work.next();
    if (unit.done === true) return unit.value;
    if (performance.now() - turnBegan >= turnMillis) await nextTurn();
    signal?.throwIfAborted();
  }
}

/** Runs work without a pause. */
export function atOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const unit = work.next();
    if (unit.done === true) return unit.value;
  }
}

/** Calls `visit` on runs of 0 … `count` − 1, as `start` and `end`, and yields between them. */
export function* inRuns(count: number, length: number, visit: (start: number, end: number) => void): Work<void> {
  for (let start = 0; start < count; start += length) {
    if (start > 0) yield;
    visit(start, Math.min(count, start + length));
  }
}
