/** Batches hold every row once, in an order that the seed and the epoch decide. */
import { describe, expect, test } from "vitest";
import { batchCount, batches, batchRuns } from "../../../src/core/data/encoded/batches.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";

const data: EncodedData = {
  rows: 103,
  features: new Map(),
  labels: new Map(),
  sampleWeights: new Map(),
  domains: null,
  warnings: [],
};
const rowsOf = (options: Parameters<typeof batches>[1]): number[][] =>
  [...batches(data, options)].map((batch) => [...batch.rows]);
const all = Array.from({ length: 103 }, (_, row) => row);

describe("batches", () => {
  test("file order, the last one short or left out", () => {
    const inOrder = rowsOf({ batchSize: 10 });
    expect(inOrder.flat()).toEqual(all);
    expect(inOrder.at(-1)).toEqual([100, 101, 102]);
    expect(rowsOf({ batchSize: 10, dropRemainder: true }).length).toBe(10);
    expect(batchCount(103, { batchSize: 10 })).toBe(11);
  });

  test("shuffled rows: every row once, another order each epoch and seed", () => {
    const first = rowsOf({ batchSize: 10, shuffle: true, seed: 7, epoch: 0 });
    expect(first.flat().sort((a, b) => a - b)).toEqual(all);
    expect(first.flat()).not.toEqual(all);
    expect(rowsOf({ batchSize: 10, shuffle: true, seed: 7, epoch: 0 })).toEqual(first);
    expect(rowsOf({ batchSize: 10, shuffle: true, seed: 7, epoch: 1 })).not.toEqual(first);
    expect(rowsOf({ batchSize: 10, shuffle: true, seed: 8, epoch: 0 })).not.toEqual(first);
  });

  test("an epoch goes on from any batch", () => {
    const whole = rowsOf({ batchSize: 10, shuffle: true, seed: 7, epoch: 2 });
    expect(rowsOf({ batchSize: 10, shuffle: true, seed: 7, epoch: 2, start: 4 })).toEqual(whole.slice(4));
  });
});

test("batches that are taken together are of the same data, in order, and as many as asked for", async () => {
  const [first, second] = [{ rows: 5 }, { rows: 5 }] as unknown as [EncodedData, EncodedData];
  const each = Array.from({ length: 9 }, (_, at) => ({ data: at < 4 ? first : second, rows: Int32Array.of(at) }));
  async function* read() {
    yield* each;
  }
  const runs: number[][] = [];
  for await (const run of batchRuns(read(), (batches) => batches === 3)) {
    expect(new Set(run.map(({ data }) => data)).size).toBe(1);
    runs.push(run.map(({ rows }) => rows[0]!));
  }
  expect(runs).toEqual([[0, 1, 2], [3], [4, 5, 6], [7, 8]]);
});
