/** The way back into the tables: whose gradients are summed, and what is clipped before. */
import { describe, expect, test } from "vitest";
import type { BagColumn, EncodedData, IdColumn } from "../../src/data/encoded/encoded.js";
import { scatterGradients } from "../../src/engine/core/crew/scatter.js";
import { EmbeddingTable } from "../../src/engine/core/weights/table.js";
import type { GroupName } from "../../src/spec/index.js";

const limit = 0.5;

function scattered(column: IdColumn | BagColumn, gradients: Partial<Record<GroupName, number[]>>, rows: number) {
  const table = new EmbeddingTable("t", 8, 1, new Float32Array(8));
  const places = (Object.keys(gradients) as GroupName[]).map((group) => ({ group, dim: 1, offset: 0 }));
  const data: EncodedData = {
    rows,
    features: new Map([["f", column]]),
    labels: new Map(),
    sampleWeights: new Map(),
    domains: null,
    warnings: [],
  };
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const matrices = new Map(
    Object.entries(gradients).map(([group, values]) => [group as GroupName, Float32Array.from(values)]),
  );
  const rule = { pooling: "mean", firstOnly: false, weighted: true } as const;
  scatterGradients([{ feature: "f", table, rule, places }], { data, rows: all }, all, matrices, () => limit);
  return Object.fromEntries(
    Array.from(table.touched.subarray(0, table.touchedCount), (row, i) => [row, table.gradient[i] as number]),
  );
}

describe("a limit for the gradient of a row (FBGEMM's gradient clipping)", () => {
  const ids: IdColumn = { kind: "ids", ids: Int32Array.of(3, 3, 5, -1) };

  test("clips each row's gradient before rows of the same id are summed", () => {
    expect(scattered(ids, { all: [2, 0.25, -7, 9] }, 4)).toEqual({ 3: 0.75, 5: -0.5 });
  });

  test("clips what a row's groups give together", () => {
    expect(scattered(ids, { all: [2, 0.25, -7, 9], uia: [-2, 0.125, 7.25, 9] }, 4)).toEqual({ 3: 0.375, 5: 0.25 });
  });

  test("clips before a mean over several ids is taken", () => {
    const bag: BagColumn = {
      kind: "bag",
      offsets: Int32Array.of(0, 2, 4),
      ids: Int32Array.of(1, 2, 1, -1),
      weights: null,
    };
    expect(scattered(bag, { all: [3, -0.25] }, 2)).toEqual({ 1: 0.25 - 0.25, 2: 0.25 });
  });
});
