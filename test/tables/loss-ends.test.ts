import { expect, it } from "vitest";
import type { HistoryPoint } from "../../src/train/loop/recorder.js";
import { lossEnds } from "../../src/views/history.js";

/** Points of one step each, with these losses and rows. */
function points(...steps: readonly (readonly [loss: number, rows: number])[]): HistoryPoint[] {
  let all = 0;
  return steps.map(([loss, rows], at) => {
    all += rows;
    return { step: at + 1, epoch: 0, rows: all, seconds: 0, rowsPerSecond: 0, loss, taskLosses: {} };
  });
}

it("the loss at the end is the mean of the last rows, not a small last batch", () => {
  const steady = Array.from({ length: 199 }, () => [1, 1024] as const);
  const { last } = lossEnds(points(...steady, [1.4, 128]))!;
  expect(last.steps).toBe(10);
  expect(last.loss).toBeCloseTo((9 * 1024 + 1.4 * 128) / (9 * 1024 + 128), 12);
});

it("both ends of a short training are at most a quarter of it", () => {
  const { first, last } = lossEnds(points([4, 8], [3, 8], [2, 8], [1, 8]))!;
  expect([first, last]).toEqual([
    { loss: 4, steps: 1, points: 1 },
    { loss: 1, steps: 1, points: 1 },
  ]);
  expect(lossEnds(points([2, 8]))!.first).toMatchObject({ loss: 2, steps: 1 });
  expect(lossEnds([])).toBeNull();
});
