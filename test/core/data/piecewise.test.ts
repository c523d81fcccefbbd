/** Piecewise-linear encodings: edges of the training rows, and the shares of pieces against the paper's formula. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable } from "../../../src/core/data/table/open.js";
import type { RawFeatureSpec } from "../../../src/core/spec/feature/feature.js";
import { random } from "../../../src/core/util/random.js";
import { type AnyModel, dataset, type Feature, pepnet, rawFeature } from "../../../src/index.js";

const modelWith = (...features: Feature<string>[]): AnyModel =>
  (pepnet() as unknown as AnyModel)
    .features(...(features as never[]))
    .labels("clk")
    .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc()) as AnyModel;

/** Equation 1 of Gorishniy et al. (2022): edges b_0 … b_T. */
function encoding(x: number, b: readonly number[]): number[] {
  const T = b.length - 1;
  return Array.from({ length: T }, (_, at) => at + 1).map((t) => {
    if (x < b[t - 1]! && t > 1) return 0;
    if (x >= b[t]! && t < T) return 1;
    return (x - b[t - 1]!) / (b[t]! - b[t - 1]!);
  });
}

const source = random(5);
const train = {
  age: Array.from({ length: 400 }, () => 40 + 12 * source.normal()),
  gain: Array.from({ length: 400 }, (_, row) => (row % 5 === 0 ? 1 + source.integer(1000) : 0)),
  clk: Array.from({ length: 400 }, () => source.integer(2)),
};

async function piecesOf(feature: Feature<string>, name: "age" | "gain", values: readonly (number | null)[]) {
  const { spec } = await modelWith(feature).fitFeatures(train);
  const raw = spec.features[0] as RawFeatureSpec;
  const encoded = await encode(await openTable({ [name]: values } as never), spec, { labels: false });
  const column = encoded.features.get(feature.name) as { readonly dim: number; readonly values: Float32Array };
  const rows = values.map((_, row) => [...column.values.subarray(row * column.dim, (row + 1) * column.dim)]);
  return { raw, rows };
}

describe("a piecewise number", () => {
  test("is the paper's encoding, inside and beyond the training rows", async () => {
    const values = [...train.age.slice(0, 100), -50, 500, 40];
    const { raw, rows } = await piecesOf(rawFeature("age").piecewise(20, 8), "age", values);
    expect(raw).toMatchObject({ valueDim: 20, embeddingDim: 8, projection: { kind: "mlp" }, boundaries: [] });
    const edges = raw.pieces!;
    expect(edges).toHaveLength(21);
    expect([edges[0], edges[20]]).toEqual([Math.fround(Math.min(...train.age)), Math.fround(Math.max(...train.age))]);
    for (let piece = 0; piece < 20; piece++) {
      const inside = train.age.filter((age) => age >= edges[piece]! && (piece === 19 || age < edges[piece + 1]!));
      expect(Math.abs(inside.length - 20)).toBeLessThanOrEqual(1);
    }
    for (const [row, value] of values.entries()) {
      for (const [piece, share] of encoding(value, edges).entries()) expect(rows[row]![piece]).toBeCloseTo(share, 4);
    }
    expect(rows[100]![0]).toBeLessThan(-1);
    expect(rows[101]![19]).toBeGreaterThan(2);
  });

  test("keeps frequent values together, and splits the rest", async () => {
    const { raw, rows } = await piecesOf(rawFeature("gain").piecewise(6, 2), "gain", [0, 1000]);
    expect(raw.pieces!.slice(0, 1)).toEqual([0]);
    expect(raw.valueDim).toBe(raw.pieces!.length - 1);
    expect(raw.valueDim).toBeGreaterThan(3);
    expect(rows).toEqual([0, 1000].map((value) => encoding(value, raw.pieces!).map(Math.fround)));
    const two = { ...train, gain: train.gain.map((gain) => (gain > 0 ? 1 : 0)) };
    const { spec } = await modelWith(rawFeature("gain").piecewise(6, 2)).fitFeatures(two);
    expect(spec.features[0]).toMatchObject({ pieces: [0, 1], valueDim: 1 });
  });

  test("is all zeros without a value, unless there is a default; the normaliser comes before the edges", async () => {
    const plain = await piecesOf(rawFeature("gain").piecewise(6, 2), "gain", [null]);
    expect(plain.rows[0]!.every((share) => share === 0)).toBe(true);
    const logs = rawFeature("gain").log1p().piecewise(6, 2).default(3);
    const { raw, rows } = await piecesOf(logs, "gain", [null, 5]);
    const edges = raw.pieces!;
    expect(edges.at(-1)).toBeCloseTo(Math.log1p(Math.max(...train.gain)), 5);
    for (const [piece, share] of encoding(3, edges).entries()) expect(rows[0]![piece]).toBeCloseTo(share, 5);
    for (const [piece, share] of encoding(Math.log1p(5), edges).entries())
      expect(rows[1]![piece]).toBeCloseTo(share, 5);
  });

  test("is replaced by what is set later, and replaces what was set before", () => {
    const age = rawFeature("age");
    expect(age.piecewise(20, 8).quantiles(5).embedding(4).toSpec()).toEqual(age.quantiles(5).embedding(4).toSpec());
    expect(age.piecewise(20, 8).mlp(4).toSpec()).toEqual(age.mlp(4).toSpec());
    expect(age.boundaries([1, 2]).piecewise(20, 8).toSpec()).toEqual(age.piecewise(20, 8).toSpec());
  });

  test("is refused where it cannot be", async () => {
    const age = rawFeature("age");
    expect(() => age.dims(3).piecewise(20, 8).toSpec()).toThrow(/one number per row[\s\S]*leave out \.dims\(3\)/);
    expect(() => age.piecewise(1, 8).toSpec()).toThrow("features.age.quantiles");
    expect(() => age.piecewise(20, 8).sequence({ length: 3 }).toSpec()).toThrow("a sequence has no piecewise encoding");
    const same = { age: [1e8, 1e8 + 1], clk: [0, 1] };
    await expect(modelWith(age.piecewise(5, 2)).fitFeatures(same)).rejects.toThrow("cannot be split into pieces");
  });

  test("is exported as numbers for TorchEasyRec's mlp", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-piecewise-"));
    const model = await modelWith(rawFeature("age").piecewise(20, 8)).fitFeatures(train);
    await model.exportTorchEasyRec(train, { folder: path.join(folder, "out"), validation: null, shuffle: false });
    const config = await readFile(path.join(folder, "out", "pipeline.config"), "utf8");
    const [feature] = /raw_feature \{[\s\S]*?mlp \{\}/.exec(config)!;
    for (const setting of ['feature_name: "age"', "value_dim: 20", "embedding_dim: 8"])
      expect(feature).toContain(setting);
    expect(feature).not.toMatch(/normalizer|boundaries/);
    const edges = (model.spec.features[0] as RawFeatureSpec).pieces!;
    const written = await (await dataset(path.join(folder, "out", "train.parquet"))).toRows();
    expect(written).toHaveLength(400);
    for (const [row, { age }] of (written as { age: number[] }[]).entries()) {
      const expected = encoding(train.age[row]!, edges);
      expect([...age].every((share, piece) => Math.abs(share - expected[piece]!) < 1e-4)).toBe(true);
    }
    await rm(folder, { recursive: true });
  });

  test("of a config is refused if its edges do not fit", async () => {
    const model = await modelWith(rawFeature("age").piecewise(4, 2)).fitFeatures(train);
    const text = model.toConfig();
    expect(() => pepnet.fromConfig(text.replace("value_dim: 4", "value_dim: 3"))).toThrow("one number per row");
    expect(() => pepnet.fromConfig(text.replace('"pieces":{"age"', '"pieces":{"aga"'))).toThrow("aga");
    expect(() => pepnet.fromConfig(text.replace(/"pieces":\{.*?\}/, '"pieces":{"age":["a"]}'))).toThrow("edges");
  });
});
