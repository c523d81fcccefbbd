/** What the modes of the feature generator mean: which columns are read, and what of a feature still applies. */
import { describe, expect, it } from "vitest";
import { configText } from "../../../src/core/config/config-from-spec.js";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import type { FeatureColumn } from "../../../src/core/data/encoded/encoded.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { modelSize } from "../../../src/core/nn/plan/size.js";
import { modelStructure } from "../../../src/core/nn/plan/structure.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";

const generated = `
  feature_configs { lookup_feature { feature_name: "rate" map: "user:m" key: "item:k" boundaries: [0, 1] embedding_dim: 4 normalizer: "method=log10" } }
  feature_configs { expr_feature { feature_name: "sum" expression: "a+b" variables: ["user:a", "item:b"] value_dim: 2 } }
  feature_configs { match_feature { feature_name: "pair" nested_map: "user:m" pkey: "item:p" skey: "item:s" hash_bucket_size: 10 embedding_dim: 8 } }
  feature_configs { overlap_feature { feature_name: "share" query: "user:a" title: "item:b" method: "query_common_ratio" } }`;
const computed = `
  feature_configs { raw_feature { feature_name: "price" expression: "item:cost" normalizer: "method=log10" } }
  feature_configs { combo_feature { feature_name: "cross" expression: ["user:a", "item:b"] hash_bucket_size: 10 embedding_dim: 4 } }
  feature_configs { id_feature { feature_name: "word" expression: "item:w" vocab_list: ["x", "y"] default_value: "unknown" embedding_dim: 4 } }`;

function specOf(mode: string, features: string): ModelSpec {
  return specFromConfig(`data_config { fg_mode: ${mode} label_fields: "y" }${features}
    model_config { pepnet { task_towers { tower_name: "t" label_name: "y" losses { binary_cross_entropy {} } } }
      feature_groups { group_name: "all" feature_names: ${JSON.stringify([...features.matchAll(/feature_name: "(\w+)"/g)].map((name) => name[1]))} } }`);
}

async function encoded(spec: ModelSpec, columns: Record<string, unknown[]>): Promise<Map<string, readonly number[]>> {
  const { features } = await encode(await openTable(columns as never), spec, { labels: false });
  return new Map([...features].map(([name, column]): [string, readonly number[]] => [name, numbersOf(column)]));
}

function numbersOf(column: FeatureColumn): readonly number[] {
  return [...(column.kind === "dense" ? column.values : column.ids)];
}

describe("FG_BUCKETIZE: columns hold computed features", () => {
  it("nothing is normalised or crossed again, and values still become rows of their tables", async () => {
    const columns = { price: [2, 3], cross: ["1_2", "3_4"], word: ["y", null], cost: [1000, 1], a: [1, 2], b: [1, 2] };
    const rows = await encoded(specOf("FG_BUCKETIZE", computed), columns);
    expect(rows.get("price")).toEqual([2, 3]);
    expect(rows.get("word")).toEqual([3, 0]);
    const crossed = await encoded(specOf("FG_NORMAL", computed), { ...columns, a: [1, 3], b: [2, 4], w: ["y", "y"] });
    expect(rows.get("cross")).toEqual(crossed.get("cross"));
  });

  it("generated features are cut or hashed", async () => {
    const spec = specOf("FG_BUCKETIZE", generated);
    expect(validateSpec(spec)).toEqual([]);
    const columns = {
      rate: [-1, 0.5],
      sum: [
        [1, 2],
        [3, 4],
      ],
      pair: ["a", "b"],
      share: [0.5, 1],
    };
    const rows = await encoded(spec, columns);
    expect(rows.get("rate")).toEqual([0, 1]);
    expect(rows.get("sum")).toEqual([1, 2, 3, 4]);
    expect(rows.get("pair")?.every((id) => id >= 0 && id < 10)).toBe(true);
  });
});

describe("FG_NONE: columns hold rows of the tables", () => {
  it("generated features are columns like any other, and count in the model's size", async () => {
    const spec = specOf("FG_NONE", generated);
    expect(validateSpec(spec)).toEqual([]);
    const rows = await encoded(spec, {
      rate: [2, 0],
      sum: [
        [1, 2],
        [3, 4],
      ],
      pair: [9, null],
      share: [0.5, 1],
    });
    expect([...rows.values()]).toEqual([
      [2, 0],
      [1, 2, 3, 4],
      [9, -1],
      [0.5, 1],
    ]);
    expect(modelSize(spec).groupDims.all).toBe(4 + 2 + 8 + 1);
    expect(modelStructure(spec).tables).toMatchObject({ count: 2, parameters: 3 * 4 + 10 * 8 });
  });

  it("a column is named after its feature only", async () => {
    const columns = { cost: [1, 2], cross: [1, 2], word: [1, 2] };
    await expect(encoded(specOf("FG_NONE", computed), columns)).rejects.toThrow(/price/);
  });
});

describe("configs of generated and encoded features", () => {
  it.each(["FG_NONE", "FG_BUCKETIZE", "FG_NORMAL", "FG_DAG"])("are written as they were read in %s", (mode) => {
    const spec = specOf(mode, generated + computed);
    const [before] = [specOf(mode, generated + computed)];
    expect(specFromConfig(configText(spec))).toEqual(before);
    const configs = openConfig(configText(spec)).message["feature_configs"] as Record<string, object>[];
    expect(configs[0]).toMatchObject({ lookup_feature: { map: "user:m", key: "item:k", normalizer: "method=log10" } });
    expect(configs[6]).toMatchObject({ id_feature: { default_value: "unknown" } });
    expect(configs[6]?.["id_feature"]).not.toHaveProperty("fg_encoded_default_value");
  });

  it("are refused where the feature generator would have to run", () => {
    const problems = validateSpec(specOf("FG_NORMAL", generated)).map(({ path }) => path);
    expect(problems).toEqual(["features.rate", "features.sum", "features.pair", "features.share"]);
  });

  it("an empty default of encoded columns stays, since use_mask needs it", () => {
    const text =
      'feature_configs { id_feature { feature_name: "u" num_buckets: 3 embedding_dim: 4 use_mask: true fg_encoded_default_value: "" } }';
    const spec = specOf("FG_NONE", text);
    expect(configText(spec)).toContain('fg_encoded_default_value: ""');
    expect(specFromConfig(configText(spec))).toEqual(spec);
  });
});
