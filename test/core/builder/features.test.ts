/** Feature builders give the frozen specs that they say, and refuse what is incomplete or unsound. */
import { describe, expect, test } from "vitest";
import { comboFeature, idFeature, rawFeature } from "../../../src/index.js";

describe("idFeature", () => {
  test("defaults are TorchEasyRec's", () => {
    expect(idFeature("user_id").buckets(100).embedding(8).toSpec()).toEqual({
      kind: "id",
      name: "user_id",
      expression: "context:user_id",
      encoding: { kind: "buckets", count: 100 },
      embeddingDim: 8,
      embeddingName: null,
      pooling: "sum",
      separator: null,
      defaultValue: "",
      defaultBucket: null,
      weighted: false,
      extra: {},
    });
  });

  test("every setting reaches the spec", () => {
    const spec = idFeature("tags")
      .vocab(["a", 7])
      .multiValue("|")
      .weighted()
      .default("a")
      .defaultBucket(1)
      .expression("item:tag_list")
      .embedding(16, { pooling: "mean", sharedAs: "tag_table" })
      .toSpec();
    expect(spec).toMatchObject({
      encoding: { kind: "vocabList", values: ["a", "7"] },
      separator: "|",
      weighted: true,
      defaultValue: "a",
      defaultBucket: 1,
      expression: "item:tag_list",
      pooling: "mean",
      embeddingName: "tag_table",
    });
    expect(idFeature("x").hash(5).embedding(1).toSpec().encoding).toEqual({ kind: "hash", size: 5 });
    expect(idFeature("x").vocabDict({ a: 2 }).embedding(1).toSpec().encoding).toEqual({
      kind: "vocabDict",
      entries: { a: 2 },
    });
    expect(idFeature("x").vocabFile("v.txt").embedding(1).toSpec().encoding).toEqual({
      kind: "vocabFile",
      path: "v.txt",
    });
  });

  test("builders and specs are immutable, and keep no hold of what they were given", () => {
    const words = ["a", "b"];
    const base = idFeature("word").vocab(words);
    const small = base.embedding(2);
    const large = base.embedding(64);
    words.push("c");
    expect([small.toSpec().embeddingDim, large.toSpec().embeddingDim]).toEqual([2, 64]);
    expect(small.toSpec().encoding).toEqual({ kind: "vocabList", values: ["a", "b"] });
    expect(Object.isFrozen(base)).toBe(true);
    expect(Object.isFrozen(small.toSpec().encoding)).toBe(true);
  });

  test("says all that is missing", () => {
    expect(() => idFeature("user_id").toSpec()).toThrowErrorMatchingInlineSnapshot(`
      [SpecError: features.user_id.encoding: the encoding of "user_id" is missing
        received: idFeature("user_id")
        expected: .buckets(count), .hash(size), .vocab(), .vocab([…]), .vocabDict({…}) or .vocabFile(path)
        fix: idFeature("user_id").hash(100_000).embedding(16)

      features.user_id.embeddingDim: "user_id" has no embedding dim
        received: idFeature("user_id")
        expected: .embedding(dim)
        fix: idFeature("user_id") … .embedding(16)]
    `);
  });

  test("refuses an unsound number where it stands", () => {
    expect(() => idFeature("user_id").buckets(-1).embedding(1.5).toSpec()).toThrowErrorMatchingInlineSnapshot(`
      [SpecError: features.user_id.encoding.count: number out of range
        received: -1
        expected: an integer ≥ 1

      features.user_id.embeddingDim: number out of range
        received: 1.5
        expected: an integer ≥ 1]
    `);
  });
});

describe("rawFeature", () => {
  test("is the value itself unless it is cut and embedded", () => {
    expect(rawFeature("price").toSpec()).toMatchObject({ embeddingDim: null, valueDim: 1, defaultValue: "0" });
    expect(rawFeature("price").boundaries([1.1, 2.2]).embedding(4).toSpec()).toMatchObject({
      boundaries: [1.1, 2.2],
      embeddingDim: 4,
    });
    expect(rawFeature("vector").dims(3).multiValue(",").toSpec()).toMatchObject({ valueDim: 3, separator: "," });
  });

  test("normalizers are written as TorchEasyRec reads them", () => {
    const text = (feature: ReturnType<typeof rawFeature>): string | null => feature.toSpec().normalizer;
    expect(text(rawFeature("p").normalize({ method: "log10", threshold: 0.05, default: -5 }))).toBe(
      "method=log10,threshold=0.05,default=-5",
    );
    expect(text(rawFeature("p").normalize({ method: "zscore", mean: 1, standardDeviation: 2 }))).toBe(
      "method=zscore,mean=1,standard_deviation=2",
    );
    expect(text(rawFeature("p").normalize({ method: "minmax", min: 0, max: 9 }))).toBe("method=minmax,min=0,max=9");
    expect(text(rawFeature("p").normalize("method=expression,expr=sign(x)"))).toBe("method=expression,expr=sign(x)");
  });

  test("boundaries that do not ascend are refused", () => {
    expect(() => rawFeature("price").boundaries([2, 1]).embedding(4).toSpec()).toThrow(/boundaries must be ascending/);
  });
});

describe("comboFeature", () => {
  test("crosses columns", () => {
    expect(comboFeature("cross", ["user:age", "item:brand"]).hash(100).embedding(8).toSpec()).toMatchObject({
      kind: "combo",
      expressions: ["user:age", "item:brand"],
      encoding: { kind: "hash", size: 100 },
    });
  });

  test("needs columns and an encoding", () => {
    expect(() => comboFeature("cross", []).hash(10).embedding(2).toSpec()).toThrow(/no columns to cross/);
    expect(() => comboFeature("cross", ["a", "b"]).embedding(2).toSpec()).toThrow(/the encoding of "cross"/);
  });
});
