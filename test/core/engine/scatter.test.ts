/** The way back into the tables: whose gradients are summed, and what is clipped before. */
import { describe, expect, test } from "vitest";
import type { BagColumn, EncodedData, IdColumn } from "../../../src/core/data/encoded/encoded.js";
import { scatterGradients } from "../../../src/core/engine/core/scatter.js";
import { EmbeddingTable } from "../../../src/core/engine/core/weight-store.js";
import type { GroupName } from "../../../src/core/spec/model.js";
import { random } from "../../../src/core/util/random.js";

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

describe("a table's gradient is the sum over its rows", () => {
  const [rows, ids, dim] = [300, 40, 6];
  const source = random(3);
  const order = Int32Array.from({ length: rows }, (_, row) => (row * 7) % rows); // 7 and 300 have no common factor
  const matrix = () => Float32Array.from({ length: rows * dim }, () => source.integer(64));
  const groups = new Map([
    ["all", matrix()],
    ["uia", matrix()],
    ["domain", matrix()],
  ]);
  /** The gradient of a row of the batch: the groups' numbers where it is arranged. */
  const gradient = (row: number, names: readonly string[]) =>
    Array.from({ length: dim }, (_, j) =>
      names.reduce((sum, name) => sum + groups.get(name)![order.indexOf(row) * dim + j]!, 0),
    );
  const single: IdColumn = { kind: "ids", ids: Int32Array.from({ length: rows }, () => source.integer(ids + 1) - 1) };
  const counts = Array.from({ length: rows }, () => source.integer(30));
  const offsets = Int32Array.from([0, ...counts], (_, row) => counts.slice(0, row).reduce((sum, n) => sum + n, 0));
  const several: BagColumn = {
    kind: "bag",
    offsets,
    ids: Int32Array.from({ length: offsets[rows]! }, () => source.integer(ids + 1) - 1),
    weights: Float32Array.from({ length: offsets[rows]! }, () => source.integer(4)),
  };
  const itemsIn = (column: IdColumn | BagColumn, row: number) =>
    column.kind === "ids"
      ? [{ id: column.ids[row]!, weight: 1 }]
      : Array.from(column.ids.subarray(offsets[row]!, offsets[row + 1]!), (id, i) => ({
          id,
          weight: column.weights![offsets[row]! + i]!,
        }));

  test.each([
    ["one id, one group", single, ["all"]],
    ["one id, two groups", single, ["all", "uia"]],
    ["one id, three groups", single, ["all", "uia", "domain"]],
    ["several ids, one group", several, ["all"]],
    ["several ids, three groups", several, ["all", "uia", "domain"]],
  ])("%s", (_, column, names) => {
    const table = new EmbeddingTable("t", ids, dim, new Float32Array(ids * dim));
    const rule = { pooling: "sum", firstOnly: false, weighted: true } as const;
    const places = names.map((group) => ({ group, dim, offset: 0 }));
    const data = { rows, features: new Map([["f", column]]) } as unknown as EncodedData;
    const all = Int32Array.from({ length: rows }, (_, row) => row);
    const expected = new Map<number, number[]>();
    for (let row = 0; row < rows; row++) {
      const own = gradient(row, names);
      for (const { id, weight } of itemsIn(column, row)) {
        if (id < 0) continue;
        expected.set(
          id,
          (expected.get(id) ?? new Array<number>(dim).fill(0)).map((sum, j) => sum + weight * own[j]!),
        );
      }
    }

    for (let step = 0; step < 2; step++) {
      scatterGradients([{ feature: "f", table, rule, places }], { data, rows: all }, order, groups);
      const sums = Array.from(table.touched.subarray(0, table.touchedCount), (id, i): [number, number[]] => [
        id,
        [...table.gradient.subarray(i * dim, (i + 1) * dim)],
      ]);
      expect(new Map(sums)).toEqual(expected);
      table.clear();
    }
  });
});
