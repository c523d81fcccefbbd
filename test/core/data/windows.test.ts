/** The order of rows in an epoch: every row once, from all over the data, the same from any window on. */
import { describe, expect, test } from "vitest";
import { epochOrder, windowRows } from "../../../src/core/data/encoded/batches.js";

const size = 1024;

/** The rows of a window in their order. */
function rowsOf(order: ReturnType<typeof epochOrder>, window: number): number[] {
  const rows = order.ranges(window).flatMap(([start, count]) => Array.from({ length: count }, (_, row) => start + row));
  return [...order.order(window)].map((place) => rows[place] as number);
}

function epoch(rows: number, options: { shuffle: boolean; seed?: number; epoch?: number }): number[] {
  const order = epochOrder(rows, { ...options, windowRows: size });
  return Array.from({ length: order.windows }, (_, window) => rowsOf(order, window)).flat();
}

describe("a shuffled epoch", () => {
  test.each([1, 31, 1024, 1025, 10_000, 10_016, 10_239])("of %i rows has every row once", (rows) => {
    const order = epoch(rows, { shuffle: true, seed: 3 });
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
  });

  test("depends on the seed and the epoch", () => {
    const first = epoch(5000, { shuffle: true, seed: 3, epoch: 1 });
    expect(epoch(5000, { shuffle: true, seed: 3, epoch: 1 })).toEqual(first);
    expect(epoch(5000, { shuffle: true, seed: 3, epoch: 2 })).not.toEqual(first);
    expect(epoch(5000, { shuffle: true, seed: 4, epoch: 1 })).not.toEqual(first);
  });

  test("takes the rows of each window from all over the data, and mixes them", () => {
    const rows = 64 * size;
    const order = epochOrder(rows, { shuffle: true, seed: 3, windowRows: size });
    for (const window of [0, 17, 63]) {
      const taken = rowsOf(order, window);
      const inTenths = Array.from({ length: 4 }, (_, part) =>
        taken.filter((row) => Math.floor((row / rows) * 4) === part),
      );
      // 32 runs of 32 rows: 8 a quarter, give or take.
      for (const part of inTenths) expect(part.length).toBeGreaterThan(32);
      const neighbours = taken.filter((row, place) => taken[place + 1] === row + 1).length;
      expect(neighbours).toBeLessThan(size / 50);
    }
  });
});

test("in order, windows follow each other", () => {
  expect(epoch(2500, { shuffle: false })).toEqual(Array.from({ length: 2500 }, (_, row) => row));
});

test("a window is whole batches; wide rows make it smaller", () => {
  expect(windowRows(80, 2048)).toBe(2 ** 18);
  expect(windowRows(80, 1000)).toBe(262_000);
  expect(windowRows(4096, 1024)).toBe(2 ** 14);
  expect(windowRows(80, 1_000_000)).toBe(1_000_000);
});
