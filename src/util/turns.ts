/**
 * Long work that shares its thread. It is written as a generator that yields where it may pause, and runs either at once
 * or in turns of the event loop: then a notebook's messages, an engine's answers and an interrupt have their turn between
 * two units of work.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

export { nextTurn };

/** Work that yields between its units, each of a few milliseconds. */
export type Work<Result> = Generator<undefined, Result>;

/** Runs work; timers and messages have their turn after each unit. Rejects with the signal's reason once it is aborted. */
export async function inTurns<Result>(work: Work<Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    const unit = work.next();
    if (unit.done === true) return unit.value;
    await nextTurn();
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
