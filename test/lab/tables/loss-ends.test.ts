import { expect, it } from "vitest";
import type { HistoryPoint } from "../../../src/core/train/loop/recorder.js";
import { splitmix32 } from "../../../src/core/util/random.js";
import { lossChart, lossEnds, smoothed } from "../../../src/lab/views/history.js";

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

const noise = (seed: number): number[] => {
  const draw = splitmix32(seed);
  // Sums of twelve uniform numbers are nearly normal, with variance 1.
  return Array.from({ length: 120 }, () =>
    Array.from({ length: 12 }, () => (draw() >>> 0) / 2 ** 32).reduce((a, b) => a + b, -6),
  );
};

it("a title says that a loss fell or rose in at most 3% of trainings on noise, and always where it did", () => {
  const verb = (losses: readonly number[]): string => {
    const history = { points: points(...losses.map((loss) => [loss, 64] as const)), evaluations: [], bestStep: null };
    return /Loss (\w+)/.exec(lossChart(history as never).title)![1]!;
  };
  const verbs = Array.from({ length: 300 }, (_, seed) => verb(noise(seed).map((each) => 0.7 + each / 50)));
  expect(verbs.filter((each) => each !== "went").length).toBeLessThanOrEqual(9);
  const falling = Array.from({ length: 50 }, (_, seed) =>
    verb(noise(seed).map((each, at) => 0.7 - at / 600 + each / 50)),
  );
  expect(new Set(falling)).toEqual(new Set(["fell"]));
});

it("a smoothed curve follows a line from its start and a steep fall, removes most noise to its end, and keeps gaps", () => {
  const line = Array.from({ length: 120 }, (_, at) => 3 - at / 50);
  for (const [at, value] of smoothed(line).slice(0, -8).entries()) expect(value).toBeCloseTo(line[at]!, 5);
  expect(smoothed([...Array(119).fill(1), 9]).at(-1)).toBeLessThan(2);
  const fall = line.map((_, at) => 0.5 + Math.exp(-at / 20));
  const mended = smoothed(fall.map((value, at) => value + noise(1)[at]! / 10));
  const left = mended.map((value, at) => (value! - fall[at]!) ** 2);
  expect(left.reduce((a, b) => a + b) / 120).toBeLessThan(0.01 / 4);
  expect(Math.max(...smoothed(fall).map((value, at) => Math.abs(value! - fall[at]!)))).toBeLessThan(0.025);
  expect(smoothed([null, ...line.slice(1)])[0]).toBeNull();
});
