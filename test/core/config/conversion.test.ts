import { describe, expect, it } from "vitest";
import { configFromSpec, configText } from "../../../src/core/config/config-from-spec.js";
import { canonicalSpec } from "../../../src/core/config/convert/groups.js";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { denseTables } from "../../../src/core/spec/table-placement.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";
import type { JsonObject } from "../../../src/core/util/json.js";
import { changed, smallConfig } from "./small-config.js";

const spec = specFromConfig(smallConfig);
const messageOf = (given: ModelSpec): JsonObject => configFromSpec(given).message;

describe("what a config says becomes the spec's", () => {
  it("which optimiser trains the tables follows the constraints", () => {
    const placement = (constraints: string): string =>
      specFromConfig(changed("num_epochs: 1", `num_epochs: 1 ${constraints}`)).training.tablePlacement;
    const constraint = (text: string): string => placement(`global_embedding_constraints { ${text} }`);
    expect(placement("")).toBe("planner");
    expect(constraint('sharding_types: "table_wise" compute_kernels: "fused"')).toBe("sparse");
    expect(constraint('sharding_types: "row_wise" compute_kernels: "fused"')).toBe("sparse");
    expect(constraint('sharding_types: "data_parallel" compute_kernels: "dense"')).toBe("dense");
    expect(constraint('sharding_types: "data_parallel"')).toBe("dense");
    expect(constraint('sharding_types: ["data_parallel", "table_wise"]')).toBe("planner");
  });

  it("other constraints are printed as they were, until the placement is changed", () => {
    const text = changed(
      "num_epochs: 1",
      'num_epochs: 1 global_embedding_constraints { sharding_types: "row_wise" compute_kernels: "fused" }',
    );
    const opened = specFromConfig(text);
    const constraints = { sharding_types: ["row_wise"], compute_kernels: ["fused"] };
    expect(messageOf(opened)["train_config"]).toMatchObject({ global_embedding_constraints: constraints });
    const dense: ModelSpec = { ...opened, training: { ...opened.training, tablePlacement: "dense" } };
    expect(messageOf(dense)["train_config"]).toMatchObject({
      global_embedding_constraints: { sharding_types: ["data_parallel"], compute_kernels: ["dense"] },
    });
  });

  it("a feature's own constraints are kept with it, decide who trains its table, and are printed again", () => {
    const opened = specFromConfig(
      changed(
        "hash_bucket_size: 100",
        'hash_bucket_size: 100 embedding_constraints { sharding_types: "data_parallel" }',
      ),
    );
    const training = { ...opened.training, tablePlacement: "sparse" } as const;
    expect([...denseTables({ ...opened, training })]).toEqual(["brand_emb"]);
    expect(configText(opened)).toContain("embedding_constraints");
  });

  it("a part of the parameters follows the dense learning rate, unless it has one of its own", () => {
    const opened = specFromConfig(
      changed(
        "dense_optimizer { adam_optimizer { lr: 0.001 } constant_learning_rate {} }",
        `dense_optimizer {
          adam_optimizer { lr: 0.1 }
          cosine_annealing_learning_rate { T_max: 7 }
          part_optimizers { regex_pattern: "a" sgd_optimizer { lr: 1 } }
          part_optimizers { regex_pattern: "b" sgd_optimizer { lr: 1 } constant_learning_rate {} }
        }`,
      ),
    );
    const { partOptimizers, denseLearningRate } = opened.training;
    expect(denseLearningRate).toMatchObject({ kind: "cosine_annealing", tMax: 7 });
    expect(partOptimizers.map((part) => part.learningRate)).toEqual([denseLearningRate, { kind: "constant" }]);
    expect(specFromConfig(configText(opened)).training).toEqual(opened.training);
  });

  it("a group of every feature in order is the same as none, and is always printed", () => {
    expect(spec.groups.map((group) => group.name)).toEqual(["domain", "uia"]);
    const explicit: ModelSpec = {
      ...spec,
      groups: [{ name: "all", features: ["user", "brand", "scene"], extra: {} }, ...spec.groups],
    };
    expect(canonicalSpec(explicit)).toEqual(spec);
    expect(messageOf(explicit)).toEqual(messageOf(spec));
    expect(configText(spec)).toContain('group_name: "all"');
  });

  it("the domain column joins the label fields on export", () => {
    const without: ModelSpec = { ...spec, labels: ["clk", "buy"] };
    expect(messageOf(without)["data_config"]).toMatchObject({ label_fields: ["clk", "buy", "scene"] });
  });

  it("what TorchEasyRec has and the engine has not is kept and printed", () => {
    const text = changed(
      "binary_cross_entropy {} } mlp",
      'recon_loss { recon_type: "l1" } } pareto_min_loss_weight: 0.2 mlp',
    )
      .replace("adagrad_optimizer { lr: 0.05 }", "lars_sgd_optimizer { lr: 0.1 momentum: 0.5 }")
      .replace("  pepnet {", "  use_pareto_loss_weight: true pepnet {")
      .replace("adam_optimizer { lr: 0.001 }", "adam_optimizer { lr: 0.001 fused: true }");
    const opened = specFromConfig(text);
    expect(opened.towers[0]?.losses).toEqual([{ kind: "other", field: "recon_loss", config: { recon_type: "l1" } }]);
    expect(opened.training.sparse).toMatchObject({ kind: "other", field: "lars_sgd_optimizer" });
    const printed = configText(opened);
    for (const part of ["recon_loss", "pareto_min_loss_weight: 0.2", "lars_sgd_optimizer", "fused: true"]) {
      expect(printed).toContain(part);
    }
    expect(printed).toContain("use_pareto_loss_weight: true");
    expect(specFromConfig(printed)).toEqual(opened);
  });

  it("leftovers of an optimiser that was replaced are not printed beside the new one", () => {
    const opened = specFromConfig(changed("adam_optimizer { lr: 0.001 }", "adam_optimizer { lr: 0.001 fused: true }"));
    const dense = { kind: "adagrad", lr: 0.1, weightDecay: 0, initialAccumulator: 0, eps: 1e-10 } as const;
    const printed = configText({ ...opened, training: { ...opened.training, dense } });
    expect(printed).not.toContain("adam_optimizer");
    expect(specFromConfig(printed).training.dense).toEqual(dense);
  });

  it("seed and domain names travel in a line that TorchEasyRec skips as a comment", () => {
    const named: ModelSpec = {
      ...spec,
      training: { ...spec.training, seed: 7 },
      domains: { column: "scene", count: 3, names: ["home", "feed", "search"] },
    };
    const [first] = configText(named).split("\n");
    expect(first).toBe('# pepnet: {"seed":7,"domainNames":["home","feed","search"]}');
    expect(specFromConfig(configText(named))).toEqual(named);
    expect(configText(spec)).not.toContain("#");
  });

  it("domains that share a tower travel there too, unless the config was given towers per domain", () => {
    const apart: ModelSpec = { ...spec, domains: { column: "scene", count: 3, names: null } };
    const shared: ModelSpec = { ...apart, switches: { ...spec.switches, sharedTowers: true } };
    const text = configText(shared);
    expect(text).toContain('# pepnet: {"sharedTowers":{"column":"scene","count":3}}');
    expect(text).not.toMatch(/domain_input_name|task_domain_num/);
    expect(specFromConfig(text)).toEqual(shared);
    const edited = text.replace("pepnet {", 'pepnet { domain_input_name: "scene" task_domain_num: 3');
    expect(specFromConfig(edited)).toMatchObject({ domains: apart.domains, switches: { sharedTowers: false } });
  });

  it("features that take their columns as they are go out encoded, others through the feature generator", () => {
    const dataOf = (given: ModelSpec): unknown => messageOf(given)["data_config"];
    expect(dataOf(spec)).toMatchObject({ fg_mode: "FG_NORMAL" });
    const plain: ModelSpec = {
      ...spec,
      features: spec.features.map((feature) =>
        feature.kind === "id" ? { ...feature, encoding: { kind: "buckets", count: 3 } } : feature,
      ),
    };
    expect(dataOf(plain)).toMatchObject({ fg_mode: "FG_NONE", fg_encoded_multival_sep: "\x1d" });
    expect(configText(plain)).not.toContain("default_value");
    expect(specFromConfig(configText(plain))).toEqual(plain);
  });

  it("a config of encoded columns stays one", () => {
    const encoded = specFromConfig(changed("fg_mode: FG_NORMAL", "fg_encoded: true"));
    expect(encoded.extra["data_config"]).toEqual({ fg_mode: "FG_NONE" });
    expect(specFromConfig(configText(encoded))).toEqual(encoded);
  });

  it("a fragment without paths, data and training is read for its model", () => {
    const fragment = smallConfig.slice(smallConfig.indexOf("feature_configs"));
    const read = specFromConfig(fragment);
    expect(read.towers).toEqual(spec.towers);
    expect(read.labels).toEqual(["clk", "buy", "scene"]);
    expect(openConfig(configText(read)).message["train_input_path"]).toBe("train.parquet");
  });
});

describe("what a config asks for and the engine has not is refused by name when a model is built", () => {
  it.each([
    ["binary_cross_entropy {} } mlp", 'recon_loss { recon_type: "l1" } } mlp', "recon_loss"],
    ["adagrad_optimizer", "lamb_optimizer", "lamb_optimizer"],
    ["hash_bucket_size: 100", 'hash_bucket_size: 100 init_fn: "nn.init.orthogonal_"', "init_fn"],
  ])("%s → %s", (before, after, name) => {
    const read = specFromConfig(changed(before, after));
    expect(specFromConfig(configText(read))).toEqual(read);
    expect(
      validateSpec(read)
        .map((problem) => problem.message)
        .join(),
    ).toContain(name);
  });

  it("nothing is refused where nothing is asked for", () => {
    expect(validateSpec(spec)).toEqual([]);
    expect(
      validateSpec(specFromConfig(changed("hash_bucket_size: 100", "hash_bucket_size: 100 trainable: true"))),
    ).toEqual([]);
  });
});
