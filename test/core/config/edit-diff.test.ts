import { describe, expect, it } from "vitest";
import { diffConfigs } from "../../../src/core/config/pipeline/diff-configs.js";
import { editConfig } from "../../../src/core/config/pipeline/edit-config.js";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { ConfigError, type Problem } from "../../../src/core/errors/index.js";
import type { Json } from "../../../src/core/util/json.js";
import { smallConfig } from "./small-config.js";

const config = openConfig(smallConfig);

function changesOf(edits: Readonly<Record<string, Json>>): unknown[] {
  return diffConfigs(config, editConfig(config, edits)).map(({ path, before, after }) => [path, before, after]);
}

function problemsOf(edits: Readonly<Record<string, Json>>): readonly Problem[] {
  try {
    editConfig(config, edits);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("a config is edited by path, and the difference is listed by path", () => {
  it("a field, one that is absent and one deep in a list", () => {
    expect(
      changesOf({
        "model_config.pepnet.epnet_gamma": 1,
        "model_config.pepnet.task_towers[1].mlp.hidden_units": [8, 4],
        "train_config.grad_clipping.clipping_type": "norm",
      }),
    ).toEqual([
      ["train_config.grad_clipping", undefined, { clipping_type: "norm" }],
      ["model_config.pepnet.task_towers[1].mlp.hidden_units[0]", 4, 8],
      ["model_config.pepnet.task_towers[1].mlp.hidden_units[1]", undefined, 4],
      ["model_config.pepnet.epnet_gamma", undefined, 1],
    ]);
  });

  it("every item, the last, some, and those that a field picks", () => {
    expect(changesOf({ "feature_configs[:].id_feature.embedding_dim": 4 })).toHaveLength(3);
    expect(changesOf({ "feature_configs[1:3].id_feature.embedding_dim": 4 })).toHaveLength(2);
    expect(changesOf({ "feature_configs[-1].id_feature.num_buckets": 5 })).toEqual([
      ["feature_configs[2].id_feature.num_buckets", 3, 5],
    ]);
    expect(changesOf({ "model_config.pepnet.task_towers[tower_name=cvr].weight": 0.5 })).toEqual([
      ["model_config.pepnet.task_towers[1].weight", undefined, 0.5],
    ]);
    expect(changesOf({ "feature_configs[feature_name=brand].id_feature.embedding_dim": 2 })).toEqual([
      ["feature_configs[1].id_feature.embedding_dim", 8, 2],
    ]);
  });

  it("items are added and removed, and a oneof holds one member", () => {
    expect(changesOf({ "data_config.label_fields[3]": "like" })).toEqual([
      ["data_config.label_fields[3]", undefined, "like"],
    ]);
    expect(changesOf({ "model_config.pepnet.task_towers[0].mlp": null })).toEqual([
      ["model_config.pepnet.task_towers[0].mlp", { hidden_units: [4] }, undefined],
    ]);
    expect(changesOf({ "train_config.dense_optimizer.sgd_optimizer.lr": 0.1 })).toEqual([
      ["train_config.dense_optimizer.adam_optimizer", { lr: 0.001 }, undefined],
      ["train_config.dense_optimizer.sgd_optimizer", undefined, { lr: 0.1 }],
    ]);
  });

  it("the original stays as it was", () => {
    editConfig(config, { model_dir: "other" });
    expect(config.message["model_dir"]).toBe("model");
    expect(Object.isFrozen(config.message)).toBe(true);
  });

  it("wrong paths suggest near names, all at once", () => {
    expect(
      problemsOf({
        "model_config.pepnet.epnet_gama": 1,
        "modelconfig.pepnet": 1,
        "model_config.pepnet.task_towers[7].weight": 1,
        "model_config.pepnet.task_towers[tower_name=xvr].weight": 1,
        "model_config.pepnet.task_towers.weight": 1,
        "model..dir": "x",
      }),
    ).toMatchObject([
      { path: "model_config.pepnet.epnet_gama", fix: expect.stringContaining('"epnet_gamma"') },
      { path: "modelconfig", fix: 'did you mean "model_config"?' },
      { path: "model_config.pepnet.task_towers", expected: "an index from 0 to 2" },
      { path: "model_config.pepnet.task_towers", expected: "tower_name one of ctr, cvr" },
      { path: "model_config.pepnet.task_towers.weight", expected: expect.stringContaining("task_towers[0]") },
      { path: "model..dir", message: "not a valid path" },
    ]);
  });

  it("values of the wrong type are refused", () => {
    expect(problemsOf({ "model_config.pepnet.epnet_gamma": "much", "data_config.fg_mode": "FG_NONEE" })).toMatchObject([
      { path: "data_config.fg_mode", fix: "did you mean FG_NONE?" },
      { path: "model_config.pepnet.epnet_gamma", expected: "a number" },
    ]);
    expect(problemsOf({ "data_config.batchsize": 1, "model_config.pepnet.epnet_gamma": "much" })).toMatchObject([
      { path: "data_config.batchsize", fix: expect.stringContaining("batch_size") },
      { path: "model_config.pepnet.epnet_gamma", expected: "a number" },
    ]);
  });

  it("a path can be taken out, since TorchEasyRec also takes it as an argument", () => {
    expect(editConfig(openConfig(smallConfig), { model_dir: null }).message).not.toHaveProperty("model_dir");
  });
});
