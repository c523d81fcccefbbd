/** Features learn vocabularies, scales and boundaries from the training rows, and keep them. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import { comboFeature } from "../../../src/core/builder/combo-feature.js";
import type { Feature } from "../../../src/core/builder/feature.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { missingFeature, rawFeature } from "../../../src/core/builder/raw-feature.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { parseNormalizer } from "../../../src/core/data/encode/normalizer.js";
import type { IdColumn } from "../../../src/core/data/encoded/encoded.js";
import { equalBuckets } from "../../../src/core/data/fit-features.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { makeEncoders } from "../../../src/core/serve/encoders.js";
import { encodingSpec } from "../../../src/core/serve/encoders-shape.js";
import type { FeatureSpec, IdFeatureSpec, RawFeatureSpec } from "../../../src/core/spec/feature/feature.js";
import { idSpec, modelSpec } from "./specs.js";

const rows = {
  city: ["oslo", "rome", "oslo", null, "bonn", "rome", "oslo", "lima"],
  price: [1, 2, 3, 4, 5, 6, 7, null],
  amount: [0, 0, 0, 0, 0, 10, 100, 1000],
  tags: ["a|b", "b", "", "b|c", "a", null, "b", "c"],
  flat: [3, 3, 3, 3, 3, 3, 3, 3],
  clk: [1, 0, 1, 0, 1, 0, 1, 0],
};

const modelWith = (...features: Feature<string>[]) =>
  pepnet()
    .features(...features)
    .labels("clk")
    .tower("ctr", (t) => t.label("clk").mlp(4).bce());

async function fitted(...features: Feature<string>[]): Promise<readonly FeatureSpec[]> {
  return (await modelWith(...features).fitFeatures(rows)).spec.features;
}

const words = (feature: FeatureSpec | undefined) => (feature as IdFeatureSpec).encoding;

describe("a vocabulary of the rows", () => {
  test("lists the values, most frequent first, equally frequent ones by text", async () => {
    const [city] = await fitted(idFeature("city").vocab().embedding(4));
    expect(words(city)).toEqual({ kind: "vocabList", values: ["oslo", "rome", "bonn", "lima"] });
  });

  test("leaves out rare values, and keeps the most frequent ones", async () => {
    const [common, two] = await fitted(
      idFeature("city").vocab({ minCount: 2 }).embedding(4),
      idFeature("place").expression("user:city").vocab({ most: 1 }).embedding(4),
    );
    expect(words(common)).toEqual({ kind: "vocabList", values: ["oslo", "rome"] });
    expect(words(two)).toEqual({ kind: "vocabList", values: ["oslo"] });
  });

  test("counts each of several values, whole numbers by their digits, and crosses", async () => {
    const [tags, amount, cross] = await fitted(
      idFeature("tags").vocab().multiValue("|").embedding(4),
      idFeature("amount").vocab({ minCount: 2 }).embedding(4),
      comboFeature("cross", ["city", "clk"]).vocab({ most: 1 }).embedding(4),
    );
    expect(words(tags)).toEqual({ kind: "vocabList", values: ["b", "a", "c"] });
    expect(words(amount)).toEqual({ kind: "vocabList", values: ["0"] });
    expect(words(cross)).toEqual({ kind: "vocabList", values: ["oslo_1"] });
  });

  test("does not list the default value, which has row 0", async () => {
    const [city] = await fitted(idFeature("city").vocab().default("none").embedding(4));
    expect(words(city)).toEqual({ kind: "vocabList", values: ["oslo", "rome", "bonn", "lima"] });
    const [lima] = await fitted(idFeature("city").vocab().default("lima").embedding(4));
    expect(words(lima)).toEqual({ kind: "vocabList", values: ["oslo", "rome", "bonn"] });
  });

  test("is one vocabulary for features that share a table", async () => {
    const data = { item: ["a", "b"], history: ["c|b", "b"], clk: [0, 1] };
    const model = modelWith(
      idFeature("item").vocab().embedding(4, { sharedAs: "items" }),
      idFeature("history").vocab().multiValue("|").embedding(4, { sharedAs: "items" }),
    );
    const { spec } = await model.fitFeatures(data);
    expect(spec.features.map(words)).toEqual(Array(2).fill({ kind: "vocabList", values: ["b", "a", "c"] }));
  });

  test("comes from other rows if the feature names them", async () => {
    const all = await dataset({ city: ["x", "y", "y"], clk: [0, 1, 0] });
    const [city] = await fitted(idFeature("city").vocab({ from: all }).embedding(4));
    expect(words(city)).toEqual({ kind: "vocabList", values: ["y", "x"] });
  });
});

describe("numbers of the rows", () => {
  test("zscore divides by the deviation of the rows with a value", async () => {
    const [price] = (await fitted(rawFeature("price").zscore())) as RawFeatureSpec[];
    expect(price!.normalizer).toBe("method=zscore,mean=4,standard_deviation=2");
    expect(price!.fit).toBeUndefined();
  });

  test("zscore after log1p scales the logarithms", async () => {
    const [amount] = (await fitted(rawFeature("amount").log1p().zscore())) as RawFeatureSpec[];
    const logs = rows.amount.map(Math.log1p);
    const mean = logs.reduce((sum, value) => sum + value, 0) / 8;
    const deviation = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 8);
    const normalizer = parseNormalizer(amount!.normalizer!) as { apply: (value: number) => number };
    for (const value of [0, 5, 1e6]) {
      expect(normalizer.apply(value)).toBeCloseTo((Math.log1p(value) - mean) / deviation, 10);
    }
    expect(normalizer.apply(-5) + normalizer.apply(5)).toBeCloseTo(2 * normalizer.apply(0), 10);
  });

  test("quantiles split rows equally, and frequent values stay together", async () => {
    const [price, amount] = (await fitted(
      rawFeature("price").quantiles(3).embedding(4),
      rawFeature("amount").quantiles(4).embedding(4),
    )) as RawFeatureSpec[];
    expect(price!.boundaries).toEqual([3, 6]);
    expect(amount!.boundaries).toEqual([10, 100, 1000]);
    const uniform = equalBuckets(
      Float64Array.from({ length: 1000 }, (_, row) => (row * 7) % 1000),
      10,
    );
    expect(uniform).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900]);
  });

  test("a missing value is the mean after zscore, a zero vector after quantiles, and 1 as an indicator", async () => {
    const model = modelWith(
      rawFeature("price").zscore(),
      rawFeature("bucket").expression("item:price").quantiles(3).embedding(4),
      missingFeature("price"),
    );
    const { features } = await encode(await openTable(rows), (await model.fitFeatures(rows)).spec);
    expect(features.get("price")).toMatchObject({ values: Float32Array.of(-1.5, -1, -0.5, 0, 0.5, 1, 1.5, 0) });
    expect(features.get("bucket")).toMatchObject({ ids: Int32Array.of(0, 0, 1, 1, 1, 2, 2, -1) });
    expect(features.get("price_missing")).toMatchObject({ values: Float32Array.of(0, 0, 0, 0, 0, 0, 0, 1) });
  });
});

describe("the numbers belong to the model that trained", () => {
  const features = [
    idFeature("city").vocab({ minCount: 2 }).default("none").embedding(2),
    rawFeature("price").zscore(),
    rawFeature("amount").log1p().zscore(),
    rawFeature("bucket").expression("item:price").quantiles(3).embedding(2),
    missingFeature("price"),
  ];

  test("fit computes them on the training rows only, and the run's config has them", async () => {
    const train = { ...rows, price: [1, 2, 3, 4, 5, 6, 7, null] };
    const validation = { ...rows, price: [100, 200, 300, 4, 5, 6, 7, null], city: Array(8).fill("paris") };
    const model = modelWith(...features);
    const run = await model.fit(await dataset(train), { validation, epochs: 1, quiet: true });
    const config = run.model.toConfig();
    expect(config).toContain('normalizer: "method=zscore,mean=4,standard_deviation=2"');
    expect(config).toContain('vocab_list: ["oslo", "rome"]');
    expect(config).not.toContain("paris");
    expect(config).toContain("boundaries: [3, 6]");
    await run.evaluate(await dataset(validation));
  });

  test("the config, read back, and the encoders of the served model encode alike", async () => {
    const model = await modelWith(...features).fitFeatures(rows);
    const { spec } = model;
    const again = pepnet.fromConfig(model.toConfig()).spec;
    const served = encodingSpec(makeEncoders(spec, false), false);
    const table = await openTable({ ...rows, city: ["oslo", "nowhere", null, "rome", "bonn", "x", "oslo", "y"] });
    const here = await encode(table, spec, { labels: false });
    for (const other of [again, served]) {
      const there = await encode(table, other, { labels: false });
      expect([...there.features]).toEqual([...here.features]);
    }
  });
});

describe("what cannot be fitted is refused with its column", () => {
  test("a missing column, a constant column and a column without values, all at once", async () => {
    const model = modelWith(
      idFeature("town").vocab().embedding(4),
      rawFeature("flat").zscore(),
      idFeature("city").vocab({ minCount: 9 }).embedding(4),
    );
    const failed = await model.fitFeatures(rows).catch((error: Error) => error.message);
    expect(failed).toContain('feature "town" needs a column that does not exist');
    const constant = await modelWith(rawFeature("flat").zscore(), idFeature("city").vocab({ minCount: 9 }).embedding(4))
      .fitFeatures(rows)
      .catch((error: Error) => error.message);
    expect(constant).toMatchInlineSnapshot(`
      "columns in memory: column "flat": feature "flat" cannot be scaled: the column is constant
        received: 3 in all rows with a value
        expected: at least two different numbers
        fix: remove the feature "flat"

      columns in memory: column "city": no value for the vocabulary of feature "city"
        received: 4 values, each in at most 3 rows
        expected: values in at least 9 rows
        fix: .vocab({ minCount: 3 })"
    `);
  });

  test("text in a column of numbers, a fraction in a column of ids", async () => {
    await expect(fitted(rawFeature("city").zscore())).rejects.toThrow('not a finite number, in raw feature "city"');
    const fractions = modelWith(idFeature("share").vocab().embedding(4));
    await expect(fractions.fitFeatures({ share: [0.5, 1], clk: [0, 1] })).rejects.toThrow(
      'not an id of feature "share"',
    );
  });

  test("a model that is not fitted has no config", () => {
    const model = modelWith(rawFeature("price").zscore());
    expect(() => model.toConfig()).toThrow("await model.fitFeatures(train)");
  });

  test("rows to fit on that are not a data set, and misspelt options", () => {
    expect(() => idFeature("a").vocab({ from: "train.csv" as never })).toThrow('from: await dataset("train.csv")');
    expect(() => rawFeature("a").zscore({ form: 1 } as never)).toThrow("did you mean");
    expect(() => rawFeature("a").quantiles(10).toSpec()).toThrow("quantiles without an embedding dim");
    expect(() => rawFeature("a").normalize({ method: "log10" }).zscore().toSpec()).toThrow("log1p().zscore()");
  });

  test("check reports it as a finding, and checks the other features", async () => {
    const data = await dataset(rows);
    const found = await data.check(modelWith(rawFeature("flat").zscore(), idFeature("city").vocab().embedding(4)));
    expect(found.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('feature "flat" cannot be scaled: the column is constant'),
    ]);
  });
});

describe("expressions of normalizers", () => {
  const value = (expression: string, x: number) => {
    const parsed = parseNormalizer(`method=expression,expr=${expression}`);
    return "apply" in parsed ? parsed.apply(x) : parsed.fault;
  };

  test.each([
    ["x", 3],
    ["1+2*x^2", 19],
    ["-x^2", -9],
    ["(x-1)/4 - -1", 1.5],
    ["max(x, 5, 2)", 5],
    ["sign(x)*ln(1+abs(x))", Math.log(4)],
    ["1e1*x", 30],
    ["2^-1", 0.5],
  ])("%s", (text, expected) => expect(value(text, 3)).toBeCloseTo(expected, 12));

  test.each(["y+1", "x+", "sin x", "(x", "x x", "ln(x,1)", "x>1", "(".repeat(200)])("%s is refused", (text) => {
    expect(value(text, 1)).toBeTypeOf("string");
  });

  test("a number without a value under the normalizer is an error of its row", async () => {
    const model = modelWith(rawFeature("price").normalize("method=expression,expr=ln(x)"));
    const table = await openTable({ price: [1, -1], clk: [0, 1] });
    await expect(encode(table, model.spec)).rejects.toThrow('the normalizer of raw feature "price" returns no number');
  });
});

test("a vocabulary of a CSV file has the text of its cells", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "pepnet-fit-")), "rows.csv");
  writeFileSync(file, "code,clk\n0012,1\n7,0\n0012,1\n");
  const { spec } = await modelWith(idFeature("code").vocab().embedding(2)).fitFeatures(file);
  expect(words(spec.features[0])).toEqual({ kind: "vocabList", values: ["0012", "7"] });
});

describe("more ids than are remembered", () => {
  const rows = 600_000;
  const known = 280_000;
  /** Each id twice, in two parts of the table; every third one is outside the vocabulary. */
  const ids = Int32Array.from({ length: rows }, (_, row) => (row % (rows / 2)) * 3);
  const values = Array.from({ length: known }, (_, index) => String(index * 3));

  test.each([
    ["a vocabulary", { kind: "vocabList", values } as const],
    ["hash buckets", { kind: "hash", size: 1000 } as const],
  ])("%s gives numbers the rows of their texts", async (_, encoding) => {
    const spec = modelSpec({ features: [idSpec("user", encoding)] });
    const numbers = await encode(await openTable({ user: ids }), spec);
    const texts = await encode(await openTable({ user: Array.from(ids, String) }), spec);
    expect(numbers.features.get("user")).toEqual(texts.features.get("user"));
    expect(numbers.warnings.map(({ rows }) => rows)).toEqual(texts.warnings.map(({ rows }) => rows));
    if (encoding.kind === "hash") return;
    const found = numbers.features.get("user") as IdColumn;
    expect([...found.ids.subarray(known - 1, known + 2)]).toEqual([known + 1, 1, 1]);
    expect(numbers.warnings.map(({ rows }) => rows)).toEqual([2 * (rows / 2 - known)]);
  });
});
