/**
 * Long work that shares its thread. The work is a generator that yields where it may pause. It runs either without
 * pauses or in slices of the event loop, so that a notebook's messages, an engine's answers and an interrupt are
 * handled between slices.
 */
import { setImmediate } from "node:timers/promises";

/** Work that yields between units of at most a few milliseconds each. */
export type Work<Result> = Generator<undefined, Result>;

/** The longest slice of work before the event loop runs, in milliseconds. */
const turnMillis = 4;

let turnBegan = 0;

/** Lets pending timers and messages run. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
  turnBegan = performance.now();
}

/**
 * Runs work in slices of a few milliseconds; timers and messages run in between. Rejects with the signal's reason
 * once it is aborted.
 */
export async function inTurns<Result>(work: Work<Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    const unit = work.next();
    if (unit.done === true) return unit.value;
    if (performance.now() - turnBegan >= turnMillis) await nextTurn();
    signal?.throwIfAborted();
  }
}

/** Runs work without pauses. */
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
