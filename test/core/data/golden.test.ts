/** Every case of golden/feature_bucketing.json that concerns id, raw and combo features. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import type { EncodeOptions } from "../../../src/core/data/encode/plan.js";
import { hashBucket, hashInto } from "../../../src/core/data/encode/rows-of-ids.js";
import type { EncodedData, FeatureColumn } from "../../../src/core/data/encoded/encoded.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { type FeatureSpec, tableRows } from "../../../src/core/spec/feature/feature.js";
import { hasShared, sharedPath } from "../../shared.js";
import { comboSpec, idSpec, modelSpec, rawSpec } from "./specs.js";

// biome-ignore lint/suspicious/noExplicitAny: cases of many shapes, read from JSON
const golden: any = hasShared ? JSON.parse(readFileSync(sharedPath("golden/feature_bucketing.json"), "utf8")) : {};

async function encoded(feature: FeatureSpec, inputs: unknown[], options?: EncodeOptions): Promise<EncodedData> {
  const table = await openTable({ [feature.name]: inputs, row: inputs.map((_, row) => row) });
  return encode(table, modelSpec({ features: [feature] }), options);
}

function hash64(text: string): string {
  const halves = new Uint32Array(2);
  hashInto(text, halves);
  return ((BigInt(halves[0] as number) << 32n) | BigInt(halves[1] as number)).toString();
}

/** Values and lengths, as TorchEasyRec lists them. */
function jagged(column: FeatureColumn | undefined): { values: number[]; lengths: number[] } {
  if (column?.kind === "ids") {
    return {
      values: [...column.ids].filter((id) => id >= 0),
      lengths: Array.from(column.ids, (id) => (id < 0 ? 0 : 1)),
    };
  }
  if (column?.kind !== "bag") throw new Error("expected ids");
  const lengths = Array.from(column.offsets.slice(1), (end, row) => end - (column.offsets[row] as number));
  return { values: [...column.ids], lengths };
}

describe.skipIf(!hasShared)("golden bucketing", () => {
  test("hashes are libstdc++'s", () => {
    for (const [text, bucket] of Object.entries(golden.hash_default.mod100))
      expect([text, hashBucket(text, 100)]).toEqual([text, bucket]);
    for (const [text, hash] of Object.entries(golden.hash_default["u64_from_g++"])) expect(hash64(text)).toBe(hash);
  });

  test("a hashed feature takes those buckets, numbers by their decimal text", async () => {
    const feature = idSpec("word", { kind: "hash", size: 100 });
    const words = Object.keys(golden.hash_default.mod100);
    const data = await encoded(feature, words);
    expect(jagged(data.features.get("word")).values).toEqual(Object.values(golden.hash_default.mod100));
    const numbers = await encoded(feature, [1, 2, 3, 4, 0]);
    expect(jagged(numbers.features.get("word")).values).toEqual([95, 70, 13, 56, 26]);
  });

  test("vocabulary lists", async () => {
    for (const item of golden.vocab_list) {
      const feature = idSpec("word", { kind: "vocabList", values: item.vocab_list }, fieldsOf(item));
      expect(tableRows(feature)).toBe(item.rows);
      const data = await encoded(feature, item.inputs);
      expect(jagged(data.features.get("word"))).toEqual({ values: item.values, lengths: item.lengths });
    }
  });

  test("vocabulary dictionaries", async () => {
    for (const item of golden.vocab_dict) {
      const feature = idSpec("word", { kind: "vocabDict", entries: item.vocab_dict }, fieldsOf(item));
      expect(tableRows(feature)).toBe(item.rows);
      const data = await encoded(feature, golden.vocab_list[0].inputs);
      expect(jagged(data.features.get("word"))).toEqual({ values: item.values, lengths: item.lengths });
    }
  });

  test("buckets", async () => {
    for (const item of golden.num_buckets) {
      const data = await encoded(idSpec("id", 10, fieldsOf(item)), item.inputs);
      expect(jagged(data.features.get("id"))).toEqual({ values: item.values, lengths: item.lengths });
    }
  });

  test("encoded ids (fg_mode: FG_NONE)", async () => {
    for (const item of golden.fg_none_id) {
      const defaultValue = item.fg_encoded_default_value ?? "";
      const feature = idSpec("id", { kind: "hash", size: 10 }, { defaultValue });
      const data = await encoded(feature, item.inputs, { encoded: true });
      expect(jagged(data.features.get("id"))).toEqual({ values: item.values, lengths: item.lengths });
    }
  });

  test("combinations, the first column outermost", async () => {
    const { a, b, order } = golden.combo;
    const table = await openTable({ a: [a.join("\x1d"), a[0], ""], b: [b.join("\x1d"), "", b[0]] });
    const cross = comboSpec("cross", ["user:a", "item:b"], { kind: "hash", size: 100 });
    const data = await encode(table, modelSpec({ features: [cross] }));
    const values = order.map((text: string) => golden.hash_default.mod100[text]);
    expect(jagged(data.features.get("cross"))).toEqual({ values, lengths: [4, 0, 0] });
  });

  test("raw values, normalised; the default value is not", async () => {
    for (const item of golden.raw_dense) {
      const dim = item.value_dim ?? 1;
      const feature = rawSpec("x", { normalizer: item.normalizer, valueDim: dim, ...fieldsOf(item) });
      const column = (await encoded(feature, item.inputs)).features.get("x");
      if (column?.kind !== "dense") throw new Error("expected values");
      for (const [at, value] of item.values.flat().entries()) expect(column.values[at]).toBeCloseTo(value, 6);
      expect(column.values.length).toBe(item.values.flat().length);
    }
  });

  test("boundaries, right-open, also of several values", async () => {
    for (const item of [...golden.boundaries.slice(0, 2), golden.raw_multi_dim_boundaries]) {
      const { boundaries } = item;
      const feature = rawSpec("x", { boundaries, valueDim: item.value_dim ?? 1, embeddingDim: 4, ...fieldsOf(item) });
      const data = await encoded(feature, item.inputs);
      expect(jagged(data.features.get("x"))).toEqual({ values: item.values, lengths: item.lengths });
    }
    const { boundaries, value, bucket } = golden.boundaries[2];
    const data = await encoded(rawSpec("x", { boundaries, embeddingDim: 4 }), [value]);
    expect(jagged(data.features.get("x")).values).toEqual([bucket]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: as above
function fieldsOf(item: any): { defaultValue?: string; defaultBucket?: number } {
  return {
    ...(item.default_value === undefined ? {} : { defaultValue: item.default_value }),
    ...(item.default_bucketize_value === undefined ? {} : { defaultBucket: item.default_bucketize_value }),
  };
}
