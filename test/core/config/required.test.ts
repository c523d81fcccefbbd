/** Required fields: TorchEasyRec's text parser does not check them, so only what a mode needs may be refused. */
import { describe, expect, it } from "vitest";
import { configText } from "../../../src/core/config/config-from-spec.js";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { fieldMessage, isOpen, type MessageType, messageType } from "../../../src/core/config/schema.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { ConfigError } from "../../../src/core/errors/index.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";
import { changed, smallConfig } from "./small-config.js";

const encoded = smallConfig.replace("FG_NORMAL", "FG_NONE");

function pathsOf(text: string): readonly string[] {
  try {
    specFromConfig(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => problem.path);
    throw error;
  }
}

describe("fields that the schema calls required", () => {
  it("may all be missing where a config is opened", () => {
    for (const type of typesBelow(messageType("EasyRecConfig"))) {
      for (const [path, text] of emptyMessages(type)) {
        expect(() => openConfig(text), path).not.toThrow();
      }
    }
  });

  it("paths may be given as arguments, and are then not written", () => {
    const text = encoded.slice(encoded.indexOf("train_config"));
    const spec = specFromConfig(text);
    expect(specFromConfig(configText(spec))).toEqual(spec);
    const { message } = openConfig(configText(spec));
    expect([message["train_input_path"], message["eval_input_path"], message["model_dir"]]).toEqual(["", "", ""]);
    const withoutEvaluation = changed('eval_input_path: "test.parquet"\n', "");
    expect(openConfig(configText(specFromConfig(withoutEvaluation))).message).toMatchObject({
      train_input_path: "train.parquet",
      eval_input_path: "",
    });
  });

  it("an expression is needed only if columns are named by it", () => {
    for (const mode of ["FG_NONE", "FG_BUCKETIZE"]) {
      const spec = specFromConfig(smallConfig.replace("FG_NORMAL", mode).replace(/ expression: "[^"]*"/g, ""));
      expect(validateSpec(spec)).toEqual([]);
      expect(configText(spec)).not.toContain("expression");
      expect(specFromConfig(configText(spec))).toEqual(spec);
    }
    for (const mode of ["FG_NORMAL", "FG_DAG"]) {
      const text = smallConfig.replace("FG_NORMAL", mode).replace(' expression: "item:brand"', "");
      expect(pathsOf(text)).toEqual(["feature_configs[1].id_feature.expression"]);
    }
  });

  it("an embedding dim is needed only by features of a group", () => {
    const without = (name: string): string =>
      encoded.replace(new RegExp(`(feature_name: "${name}".*) embedding_dim: 8`), "$1");
    expect(pathsOf(without("brand"))).toEqual(["feature_configs[1].id_feature.embedding_dim"]);
    const unused = without("brand").replace('"brand", "scene"', '"scene"').replace('"user", "brand"', '"user"');
    const spec = specFromConfig(unused);
    expect(validateSpec(spec)).toEqual([]);
    expect(specFromConfig(configText(spec))).toEqual(spec);
  });

  it("an encoding is needed only by features of a group", () => {
    for (const feature of ["id_feature", "sequence_id_feature"]) {
      const text = encoded.replace(
        "model_config {",
        `feature_configs { ${feature} { feature_name: "bare" } }\nmodel_config {`,
      );
      const spec = specFromConfig(text);
      expect(validateSpec(spec)).toEqual([]);
      expect(specFromConfig(configText(spec))).toEqual(spec);
      const [index] = [openConfig(text).message["feature_configs"] as readonly unknown[]].map(
        ({ length }) => length - 1,
      );
      const used = text.replace('feature_names: ["user"', 'feature_names: ["bare", "user"');
      expect(used).not.toBe(text);
      expect(pathsOf(used)).toEqual([`feature_configs[${index}].${feature}`]);
    }
  });

  it("fg_encoded: false means FG_DAG, unless no threads run the feature generator", () => {
    const modeOf = (fields: string): unknown =>
      openConfig(configText(specFromConfig(changed("fg_mode: FG_NORMAL", fields)))).message["data_config"];
    expect(modeOf("fg_encoded: false")).toMatchObject({ fg_mode: "FG_DAG" });
    expect(modeOf("fg_encoded: false fg_threads: 4")).toMatchObject({ fg_mode: "FG_DAG", fg_threads: 4 });
    expect(modeOf("fg_encoded: false fg_threads: 0")).toMatchObject({ fg_mode: "FG_NORMAL" });
    expect(modeOf("fg_encoded: true fg_threads: 4")).toMatchObject({ fg_mode: "FG_NONE" });
  });

  it("names, labels and optimizers are needed", () => {
    expect(pathsOf(changed('label_name: "buy" ', ""))).toEqual(["model_config.pepnet.task_towers[1].label_name"]);
    expect(pathsOf(changed('feature_name: "brand" ', ""))).toContain("feature_configs[1].id_feature.feature_name");
    expect(pathsOf(changed('group_name: "all" ', ""))).toContain("model_config.feature_groups");
    const sparse = "sparse_optimizer { adagrad_optimizer { lr: 0.05 } constant_learning_rate {} }";
    expect(pathsOf(changed(sparse, ""))).toEqual(["train_config.sparse_optimizer"]);
  });
});

/** Every message type that can stand in a pipeline. */
function typesBelow(root: MessageType, seen: Set<MessageType> = new Set()): Set<MessageType> {
  if (seen.has(root) || isOpen(root)) return seen;
  seen.add(root);
  for (const field of root.fieldsArray) {
    const child = fieldMessage(field);
    if (child !== null) typesBelow(child, seen);
  }
  return seen;
}

/** Configs that hold each message of a type, empty, where it stands directly in the pipeline or one level below. */
function emptyMessages(type: MessageType): [string, string][] {
  const root = messageType("EasyRecConfig");
  return root.fieldsArray.flatMap((field): [string, string][] => {
    const part = fieldMessage(field);
    if (part === null) return [];
    if (part === type) return [[field.name, `${field.name} {}`]];
    return part.fieldsArray
      .filter((inner) => fieldMessage(inner) === type)
      .map((inner) => [`${field.name}.${inner.name}`, `${field.name} { ${inner.name} {} }`]);
  });
}
