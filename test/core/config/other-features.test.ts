/** Features that only TorchEasyRec computes: a config with them opens with their widths, and says why it cannot be trained here. */
import { describe, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { modelNotes } from "../../../src/api/model/summary.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { groupDim } from "../../../src/core/spec/sizes.js";
import { unsupportedProblems } from "../../../src/core/spec/validate/unsupported.js";

const features = `
  feature_configs { lookup_feature { feature_name: "found" map: "user:m" key: "item:k" } }
  feature_configs { lookup_feature { feature_name: "three" map: "user:m" key: "item:k" value_dim: 3 } }
  feature_configs { match_feature { feature_name: "met" nested_map: "user:m" pkey: "item:p" skey: "item:s" hash_bucket_size: 9 embedding_dim: 8 } }
  feature_configs { custom_feature { feature_name: "far" operator_name: "EditDistance" operator_lib_file: "pyfg/lib/x.so" expression: ["user:q", "item:t"] embedding_dim: 5 autodis { num_channels: 3 } } }
  feature_configs { id_feature { feature_name: "shop" expression: "item:shop" embedding_dim: 4 zch { zch_size: 50 lru {} } } }
  feature_configs { sequence_feature { sequence_name: "clicks" sequence_length: 20 sequence_delim: "|"
    features { id_feature { feature_name: "item" expression: "item:item" num_buckets: 30 embedding_dim: 4 } }
    features { custom_feature { feature_name: "age" operator_name: "SeqExpr" operator_lib_file: "pyfg/lib/y.so" expression: ["user:now", "item:time"] boundaries: [1, 2] embedding_dim: 8 } } } }
  feature_configs { id_feature { feature_name: "item" expression: "item:item" num_buckets: 30 embedding_dim: 12 } }`;
const text = (mode: string): string => `
  data_config { fg_mode: ${mode} label_fields: "clk" }
  ${features}
  model_config {
    feature_groups { group_name: "all" feature_names: ["found", "three", "met", "far", "shop"] group_type: DEEP
      sequence_groups { group_name: "s" feature_names: ["item", "clicks__item", "clicks__age"] }
      sequence_encoders { din_encoder { input: "s" attn_mlp { hidden_units: [8] } } } }
    pepnet { task_towers { tower_name: "t" label_name: "clk" losses { binary_cross_entropy {} } } }
  }`;

describe.each(["FG_DAG", "FG_NORMAL", "FG_BUCKETIZE", "FG_NONE"])("%s", (mode) => {
  it("opens with the widths that TorchEasyRec gives these features, so that a query fits its sequence", () => {
    expect(groupDim(specFromConfig(text(mode)), "all")).toBe(1 + 3 + 8 + 5 + 4 + 12);
  });

  it("names each feature that cannot be trained here, with the reason, and the summary repeats them", () => {
    const spec = specFromConfig(text(mode));
    const paths = unsupportedProblems(spec).map(({ path }) => path.replace("features.", ""));
    const inputs = ["found", "three", "met", "far", "clicks__age"];
    expect(paths.sort()).toEqual(mode.match(/NONE|BUCKETIZE/) ? [] : inputs.sort());
    const notes = modelNotes(spec).join("\n");
    for (const path of paths) expect(notes).toContain(`features.${path}`);
    expect(notes).toContain("features.shop.zch: a vocabulary of the training rows stands in");
  });

  it("prints as it was", () => {
    const printed = pepnet.fromConfig(text(mode)).toConfig();
    expect(pepnet.fromConfig(printed).toConfig()).toBe(printed);
    expect(printed).toContain('operator_name: "SeqExpr"');
  });
});
