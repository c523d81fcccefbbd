/** What encoded columns hold, beside the golden cases. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { resolveVocabularies } from "../../../src/core/data/encode/vocabulary.js";
import type { BagColumn, IdColumn } from "../../../src/core/data/encoded/encoded.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { comboSpec, idSpec, modelSpec, rawSpec, towerSpec } from "./specs.js";

describe("several ids a row", () => {
  const tags = idSpec("tags", 10, { separator: "|", pooling: "mean" });

  test("from text, lists of numbers and lists of text, the same", async () => {
    const expected = { kind: "bag", offsets: Int32Array.of(0, 2, 2, 3), ids: Int32Array.of(1, 2, 3), weights: null };
    const text = await encode(await openTable({ tags: ["1|2", "", "3"] }), modelSpec({ features: [tags] }));
    const numbers = await encode(await openTable({ tags: [[1, 2], [], [3]] }), modelSpec({ features: [tags] }));
    const words = await encode(await openTable({ tags: [["1", "2"], [], ["3"]] }), modelSpec({ features: [tags] }));
    for (const data of [text, numbers, words]) {
      expect(data.features.get("tags")).toEqual(expected);
      expect(data.warnings).toEqual([]);
    }
  });

  test("from a Parquet list column", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "pepnet-list-")), "tags.parquet");
    await (await openTable({ tags: [[1, 2], null, [3]] })).toParquet(path);
    const data = await encode(await openTable(path), modelSpec({ features: [tags] }));
    expect(data.features.get("tags")).toMatchObject({
      offsets: Int32Array.of(0, 2, 2, 3),
      ids: Int32Array.of(1, 2, 3),
    });
    expect(data.warnings).toMatchObject([{ path: 'column "tags"', rows: 1, message: "no value: a zero vector" }]);
  });

  test("a list of words is not cut at the separator, nor into letters", async () => {
    const feature = idSpec("tags", { kind: "vocabList", values: ["ab", "c|d"] }, { separator: "|" });
    const data = await encode(await openTable({ tags: [["ab", "c|d"]] }), modelSpec({ features: [feature] }));
    expect(data.features.get("tags")).toMatchObject({ ids: Int32Array.of(2, 3) });
  });

  test("rows of a long table are encoded alike in whichever part they are, and faults keep their rows", async () => {
    const rows = 50_000;
    const words = Array.from({ length: rows }, (_, row) => (row === 40_000 ? "1|x" : `${row % 10}|${row % 7}`));
    const numbers = Array.from({ length: rows }, (_, row) => row * 31);
    const hashed = idSpec("number", { kind: "hash", size: 97 });
    await expect(
      encode(await openTable({ tags: words, number: numbers }), modelSpec({ features: [tags, hashed] })),
    ).rejects.toThrow(/row 40000|40,000/);
    words[40_000] = "0|2";
    const spec = modelSpec({ features: [tags, hashed] });
    const data = await encode(await openTable({ tags: words, number: numbers }), spec);
    const bag = data.features.get("tags") as BagColumn;
    const ids = data.features.get("number") as IdColumn;
    const known = new Map<number, number>();
    for (let row = 0; row < rows; row++) {
      const expected = row === 40_000 ? [0, 2] : [row % 10, row % 7];
      expect([...bag.ids.subarray(bag.offsets[row], bag.offsets[row + 1])]).toEqual(expected);
      known.set(row, ids.ids[row] as number);
    }
    const last = await encode(await openTable({ tags: ["1"], number: [(rows - 1) * 31] }), spec);
    expect(known.get(rows - 1)).toBe((last.features.get("number") as IdColumn).ids[0]);
  });

  test("a separator makes a bag even where every row holds one", async () => {
    const data = await encode(await openTable({ tags: [1, 2] }), modelSpec({ features: [tags] }));
    expect(data.features.get("tags")?.kind).toBe("bag");
  });

  test("weights are the part behind the last colon; 1 where there is none", async () => {
    const feature = idSpec("tags", { kind: "vocabList", values: ["a:b", "c"] }, { separator: "|", weighted: true });
    const data = await encode(await openTable({ tags: ["a:b:0.5|c:2", "c", ""] }), modelSpec({ features: [feature] }));
    expect(data.features.get("tags")).toEqual({
      kind: "bag",
      offsets: Int32Array.of(0, 2, 3, 3),
      ids: Int32Array.of(2, 3, 3),
      weights: Float32Array.of(0.5, 2, 1),
    });
  });
});

describe("columns", () => {
  test("a feature reads the column of its own name, else its expression's", async () => {
    const table = await openTable({ age: [1, 2], user_age: [3, 4] });
    const own = idSpec("user_age", 10, { expression: "user:age" });
    const other = idSpec("years", 10, { expression: "user:age" });
    const data = await encode(table, modelSpec({ features: [own, other] }));
    expect(data.features.get("user_age")).toMatchObject({ ids: Int32Array.of(3, 4) });
    expect(data.features.get("years")).toMatchObject({ ids: Int32Array.of(1, 2) });
  });

  test("combinations of numbers and text", async () => {
    const table = await openTable({ a: [1, 2, null], b: ["x", "y", "x"] });
    const cross = comboSpec("cross", ["user:a", "item:b"], { kind: "vocabList", values: ["1_x", "2_y"] });
    const data = await encode(table, modelSpec({ features: [cross] }));
    expect(data.features.get("cross")).toMatchObject({ kind: "ids", ids: Int32Array.of(2, 3, -1) });
  });

  test("raw lists take one column each", async () => {
    const feature = rawSpec("vector", { valueDim: 2 });
    const data = await encode(
      await openTable({
        vector: [
          [1, 2],
          [3, 4],
        ],
      }),
      modelSpec({ features: [feature] }),
    );
    expect(data.features.get("vector")).toEqual({ kind: "dense", dim: 2, values: Float32Array.of(1, 2, 3, 4) });
  });

  test("boundaries are compared as float32", async () => {
    const feature = rawSpec("price", { boundaries: [0.1], embeddingDim: 4 });
    const column = Float32Array.of(0.1, 0.099999);
    const data = await encode(await openTable({ price: column }), modelSpec({ features: [feature] }));
    expect(data.features.get("price")).toMatchObject({ ids: Int32Array.of(1, 0) });
  });

  test("labels, indicator labels and sample weights come by name; the domain apart", async () => {
    const table = await openTable({ clk: [0, 1], buy: [0, 1], dom: [1, 0], w: [0.5, 2] });
    const taskSpace = { indicatorLabel: "clk", inWeight: 1, outWeight: 0 };
    const spec = modelSpec({
      labels: ["buy", "dom"],
      towers: [towerSpec("cvr", "buy", { taskSpace, sampleWeight: "w" })],
      sampleWeights: ["w"],
      domains: { column: "dom", count: 2, names: null },
    });
    const data = await encode(table, spec);
    expect([...data.labels.keys()]).toEqual(["buy", "clk"]);
    expect([...(data.domains ?? [])]).toEqual([1, 0]);
    expect([...(data.sampleWeights.get("w") ?? [])]).toEqual([0.5, 2]);
    expect(data.labels.get("clk")?.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test("a config that says FG_NONE holds rows of tables and normalised numbers already", async () => {
    const spec = modelSpec({
      features: [idSpec("word", { kind: "hash", size: 10 }), rawSpec("price", { normalizer: "method=log10" })],
      extra: { data_config: { fg_mode: "FG_NONE" } },
    });
    const data = await encode(await openTable({ word: [3, 4], price: [1, 100] }), spec);
    expect(data.features.get("word")).toMatchObject({ ids: Int32Array.of(3, 4) });
    expect(data.features.get("price")).toMatchObject({ values: Float32Array.of(1, 100) });
  });
});

describe("vocabulary files", () => {
  test("become lists", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "pepnet-vocab-")), "words.txt");
    writeFileSync(path, "abc\nefg\n");
    const spec = modelSpec({ features: [idSpec("word", { kind: "vocabFile", path }, { defaultBucket: 0 })] });
    expect(resolveVocabularies(spec).features[0]).toMatchObject({
      encoding: { kind: "vocabList", values: ["abc", "efg"] },
    });
    const data = await encode(await openTable({ word: ["efg", "abc", "?"] }), spec);
    expect(data.features.get("word")).toMatchObject({ ids: Int32Array.of(1, 0, 0) });
  });

  test("that are not there are named with their feature", () => {
    const spec = modelSpec({ features: [idSpec("word", { kind: "vocabFile", path: "absent.txt" })] });
    expect(() => resolveVocabularies(spec)).toThrow(/absent.txt: the vocabulary file of feature "word" cannot be read/);
  });
});
