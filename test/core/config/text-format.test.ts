import { describe, expect, it } from "vitest";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { printConfig } from "../../../src/core/config/pipeline/print-config.js";
import type { JsonObject } from "../../../src/core/util/json.js";

const read = (text: string, path?: string): JsonObject => openConfig(text, { path }).message;

describe("the text format as it is in use", () => {
  it("either quotes, adjacent strings, escapes of bytes and characters", () => {
    expect(read(`model_dir: 'a"b' "c\\'d" '\\x1d\\035\\n\\t\\\\'`)).toEqual({ model_dir: `a"bc'd\x1d\x1d\n\t\\` });
    expect(read(`model_dir: "\\346\\227\\245\\xe6\\x9c\\xac \\u65e5 \\U0001f600 日"`)).toEqual({
      model_dir: "日本 日 😀 日",
    });
    expect(read(`model_dir: "# no comment" # a comment`)).toEqual({ model_dir: "# no comment" });
  });

  it("lists, repeated fields and both together; blocks with and without colon, in braces or angle brackets", () => {
    const expected = {
      data_config: { label_fields: ["a", "b", "c"], input_fields: [{ input_name: "x" }, { input_name: "y" }] },
    };
    expect(
      read(
        `data_config { label_fields: ["a", "b"], label_fields: "c"; input_fields { input_name: "x" } input_fields: <input_name: "y"> }`,
      ),
    ).toEqual(expected);
    expect(
      read(
        `data_config: { label_fields: ["a"] input_fields: [{ input_name: "x" }, { input_name: "y" }] label_fields: ["b", "c"] }`,
      ),
    ).toEqual(expected);
    expect(
      read(`data_config { label_fields: ["a", "b", "c"] input_fields [{ input_name: "x" }, <input_name: "y">] }`),
    ).toEqual(expected);
    expect(() => read('data_config { label_fields ["a"] }')).toThrow(/expected: ":" or "\{"/);
  });

  it("numbers in every notation, infinities, booleans and enums by number", () => {
    const text = `train_config { num_steps: 0x10 num_epochs: 010 is_profiling: t use_tensorboard: 0
      grad_scaler { init_scale: 1.5f growth_factor: -.5 backoff_factor: 1e-3 } grad_clipping { max_gradient: inf norm_type: - 2 } }
      model_config { kernel: 0 }`;
    const message = read(text);
    expect(message).toEqual({
      train_config: {
        num_steps: 16,
        num_epochs: 8,
        is_profiling: true,
        use_tensorboard: false,
        grad_scaler: { init_scale: 1.5, growth_factor: -0.5, backoff_factor: 0.001 },
        grad_clipping: { max_gradient: "Infinity", norm_type: -2 },
      },
      model_config: { kernel: "TRITON" },
    });
    expect(read(printConfig(openConfig(text)))).toEqual(message);
  });

  it("maps, whole 64-bit integers and messages written in two parts", () => {
    const text = `feature_configs { id_feature { feature_name: "f" vocab_dict { key: "b" value: 2 } vocab_dict: [{ key: "1", value: 3 }]
      hash_bucket_size: 18446744073709551615 } }
      model_config { num_class: 2 } model_config { pepnet { epnet_gamma: 1 } }`;
    const message = read(text);
    expect(message).toEqual({
      feature_configs: [
        { id_feature: { feature_name: "f", hash_bucket_size: "18446744073709551615", vocab_dict: { 1: 3, b: 2 } } },
      ],
      model_config: { num_class: 2, pepnet: { epnet_gamma: 1 } },
    });
    expect(read(printConfig(openConfig(text)))).toEqual(message);
  });

  it("proto JSON: either spelling of names, null, numbers as text, and Struct as plain JSON", () => {
    const json = `{ "trainInputPath": "a", "eval_input_path": null,
      "dataConfig": { "fgMode": "FG_DAG", "batchSize": "64" },
      "modelConfig": { "dlrm": { "denseMlp": { "hiddenUnits": [8] } } },
      "featureConfigs": [{ "customFeature": { "featureName": "c", "operatorParams": { "k": [1, "two", { "three": null }] } } }] }`;
    const config = openConfig(json, { path: "pipeline.json" });
    expect(config.message).toMatchObject({
      train_input_path: "a",
      data_config: { fg_mode: "FG_DAG", batch_size: 64 },
      model_config: { dlrm: { dense_mlp: { hidden_units: [8] } } },
    });
    const printed = printConfig(config);
    expect(printed).toContain('string_value: "two"');
    expect(read(printed)).toEqual(config.message);
    const again = printConfig(config, { path: "pipeline.json" });
    expect(JSON.parse(again)["feature_configs"][0].custom_feature.operator_params).toEqual({
      k: [1, "two", { three: null }],
    });
    expect(read(again, "pipeline.json")).toEqual(config.message);
  });

  it("an empty text is an empty fragment", () => {
    expect(read("# nothing\n")).toEqual({});
    expect(printConfig(openConfig(""))).toBe("");
  });
});
