/** Every kind of feature, as a user writes it, from a column of the data to rows of its table or values. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import { comboFeature } from "../../../src/core/builder/combo-feature.js";
import type { Feature } from "../../../src/core/builder/feature.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { hashBucket } from "../../../src/core/data/encode/rows-of-ids.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { modelSpec } from "./specs.js";

const vocabulary = join(mkdtempSync(join(tmpdir(), "pepnet-features-")), "brands.txt");
writeFileSync(vocabulary, "nike\nadidas\n");

interface Case {
  readonly name: string;
  readonly feature: Feature<string>;
  readonly columns: Readonly<Record<string, unknown[]>>;
  /** Ids by row, or values by row. */
  readonly expected: readonly (readonly number[])[];
  readonly weights?: readonly number[];
  /** Rows in the one warning. */
  readonly warned?: number;
}

const h = (text: string): number => hashBucket(text, 1000);
const x = () => idFeature("x");
const cases: readonly Case[] = [
  {
    name: "buckets: the number itself",
    feature: x().buckets(5).embedding(4),
    columns: { x: [0, 4, 2] },
    expected: [[0], [4], [2]],
  },
  {
    name: "buckets: numbers in text",
    feature: x().buckets(5).embedding(4),
    columns: { x: ["0", " 4", "02"] },
    expected: [[0], [4], [2]],
  },
  {
    name: "buckets with a default bucket for what is outside",
    feature: x().buckets(5).defaultBucket(3).embedding(4),
    columns: { x: [7, 1] },
    expected: [[3], [1]],
    warned: 1,
  },
  {
    name: "hash: text and numbers alike",
    feature: x().hash(1000).embedding(4),
    columns: { x: [12, -3] },
    expected: [[h("12")], [h("-3")]],
  },
  {
    name: "hash: any letters",
    feature: x().hash(1000).embedding(4),
    columns: { x: ["über", "日本"] },
    expected: [[h("über")], [h("日本")]],
  },
  {
    name: "vocabulary: rows 0 and 1 are the default's and the unknown's",
    feature: x().vocab(["a", "b"]).embedding(4),
    columns: { x: ["a", "b", "c"] },
    expected: [[2], [3], [1]],
    warned: 1,
  },
  {
    name: "vocabulary with a default bucket begins at row 0",
    feature: x().vocab(["a", "b"]).defaultBucket(1).embedding(4),
    columns: { x: ["a", "b", "c"] },
    expected: [[0], [1], [1]],
    warned: 1,
  },
  {
    name: "vocabulary of numbers",
    feature: x().vocab([10, 20]).embedding(4),
    columns: { x: [20, 10] },
    expected: [[3], [2]],
  },
  {
    name: "dictionary: several words may share a row",
    feature: x().vocabDict({ a: 2, b: 2, c: 5 }).embedding(4),
    columns: { x: ["a", "b", "c"] },
    expected: [[2], [2], [5]],
  },
  {
    name: "vocabulary file",
    feature: x().vocabFile(vocabulary).embedding(4),
    columns: { x: ["adidas", "nike"] },
    expected: [[3], [2]],
  },
  {
    name: "a default value for a missing one",
    feature: x().vocab(["a"]).default("a").embedding(4),
    columns: { x: [null, "a"] },
    expected: [[2], [2]],
  },
  {
    name: "several values in text",
    feature: x().buckets(9).multiValue("|").embedding(4, { pooling: "mean" }),
    columns: { x: ["1|2|2", "", "8"] },
    expected: [[1, 2, 2], [], [8]],
  },
  {
    name: "several values in lists",
    feature: x().hash(1000).multiValue("|").embedding(4),
    columns: { x: [["a", "b"], [], ["a"]] },
    expected: [[h("a"), h("b")], [], [h("a")]],
  },
  {
    name: "weights",
    feature: x().buckets(9).multiValue("|").weighted().embedding(4),
    columns: { x: ["1:0.5|2:2", "3"] },
    expected: [[1, 2], [3]],
    weights: [0.5, 2, 1],
  },
  { name: "raw: as it is", feature: rawFeature("x"), columns: { x: [0.5, -2] }, expected: [[0.5], [-2]] },
  {
    name: "raw: normalised",
    feature: rawFeature("x").normalize({ method: "zscore", mean: 10, standardDeviation: 2 }),
    columns: { x: [14, 9] },
    expected: [[2], [-0.5]],
  },
  {
    name: "raw: logarithm with a floor",
    feature: rawFeature("x").normalize({ method: "log10", threshold: 1, default: -1 }),
    columns: { x: [1000, 0.5] },
    expected: [[3], [-1]],
  },
  {
    name: "raw: at boundaries, which go up",
    feature: rawFeature("x").boundaries([1, 10]).embedding(4),
    columns: { x: [0.99, 1, 10, 11] },
    expected: [[0], [1], [2], [2]],
  },
  {
    name: "raw: several dims in lists",
    feature: rawFeature("x").dims(2),
    columns: {
      x: [
        [1, 2],
        [3, 4],
      ],
    },
    expected: [
      [1, 2],
      [3, 4],
    ],
  },
  {
    name: "raw: several dims in text",
    feature: rawFeature("x").dims(2).multiValue(","),
    columns: { x: ["1,2", "3,4"] },
    expected: [
      [1, 2],
      [3, 4],
    ],
  },
  {
    name: "raw: a default for a missing one",
    feature: rawFeature("x").default(7),
    columns: { x: [null, 1] },
    expected: [[7], [1]],
  },
  {
    name: "combo: values joined with _",
    feature: comboFeature("x", ["user:a", "item:b"]).hash(1000).embedding(4),
    columns: { a: [1, 2], b: ["p", "q"] },
    expected: [[h("1_p")], [h("2_q")]],
  },
  {
    name: "combo: every pair of several",
    feature: comboFeature("x", ["user:a", "item:b"]).hash(1000).embedding(4),
    columns: { a: [["u", "v"]], b: [["p", "q"]] },
    expected: [[h("u_p"), h("u_q"), h("v_p"), h("v_q")]],
  },
];

test.each(cases)("$name", async ({ feature, columns, expected, weights, warned }) => {
  const data = await encode(await openTable(columns), modelSpec({ features: [feature.toSpec()].flat() }));
  const column = data.features.get("x")!;
  const rows = expected.map((_, row) => {
    if (column.kind === "dense") return [...column.values.subarray(row * column.dim, (row + 1) * column.dim)];
    if (column.kind === "ids") return column.ids[row] === -1 ? [] : [column.ids[row]];
    return [...column.ids.subarray(column.offsets[row], column.offsets[row + 1])];
  });
  expect(rows).toEqual(expected);
  if (weights) expect([...((column as { weights: Float32Array }).weights ?? [])]).toEqual(weights);
  expect(data.warnings.map((warning) => warning.rows)).toEqual(warned === undefined ? [] : [warned]);
});

describe("features that share a table by name", () => {
  const shared = (name: string) => idFeature(name).vocab(["a", "b"]).embedding(4, { sharedAs: "brand" });
  const model = pepnet()
    .features(shared("brand"), shared("favourite"), idFeature("other").vocab(["a", "b"]).embedding(4))
    .labels("clk")
    .tower("ctr", (t) => t.label("clk").mlp(4).bce());

  test("are one table, which both train", async () => {
    const rows = 40;
    const word = (row: number): string => (row % 3 === 0 ? "a" : "b");
    const data = await dataset({
      brand: Array.from({ length: rows }, (_, row) => word(row)),
      favourite: Array.from({ length: rows }, (_, row) => word(row + 1)),
      other: Array.from({ length: rows }, (_, row) => word(row)),
      clk: Array.from({ length: rows }, (_, row) => row % 2),
    });
    const run = await model.fit(data, { engine: "cpu", quiet: true, steps: 2, validation: null });
    const tables = [...(await run.weights()).keys()].filter((name) => name.includes("embedding_bags"));
    expect(tables.length).toBe(2);
    expect(tables.filter((name) => name.includes("brand")).length).toBe(1);
    await run.dispose();
  });
});
