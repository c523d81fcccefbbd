/** Long work that shares its thread: a generator that yields where it may pause, run in slices of the event loop. */
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
