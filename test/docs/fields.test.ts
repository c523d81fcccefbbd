/** The table of fields in docs/migrating.md has every field of a PEPNet config once, and says what becomes of it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { specFromConfig } from "../../src/core/config/index.js";
import { fieldMessage, type MessageType, messageType } from "../../src/core/config/schema.js";
import { unsupportedProblems } from "../../src/core/spec/validate/unsupported.js";
import { optionsWithoutEffect } from "../../src/core/spec/validate/without-effect.js";

const page = readFileSync(path.resolve(__dirname, "../../docs/migrating.md"), "utf8");
const lines = page.slice(page.indexOf("## Every field"), page.indexOf("## And back")).split("\n");
const table = lines.filter((line) => /^\| `/.test(line)).map((line) => line.split("|").slice(1, -1));
const words = (cell = ""): string[] =>
  [...cell.replace(/\([^)]*\)/g, "").matchAll(/`(\w+)`/g)].map(([, word]) => word!);
const cells = new Map(table.map(([name, ...rest]) => [words(name)[0]!, rest.map(words)]));

/** Fields that are models of their own. */
const models = new Set(messageType("ModelConfig").oneofs["model"]?.oneof.filter((name) => name !== "pepnet"));

describe("the table of fields", () => {
  it.each([...cells.keys()])("%s has each of its fields once", (name) => {
    const fields = messageType(name)
      .fieldsArray.map((field) => field.name)
      .filter((field) => !models.has(field));
    expect(cells.get(name)!.flat().sort()).toEqual(fields.sort());
  });

  it("has every message that a PEPNet config may contain", () => {
    const reached = new Set<string>();
    const reach = (type: MessageType): void => {
      if (reached.has(type.name) || type.name === "Struct") return;
      reached.add(type.name);
      for (const field of type.fieldsArray) {
        const child = models.has(field.name) || field.map ? null : fieldMessage(field);
        if (child !== null) reach(child);
      }
    };
    reach(messageType("EasyRecConfig"));
    expect([...cells.keys()].sort()).toEqual([...reached].sort());
  });

  const config = (train: string, data: string, model: string) => `
    train_config { sparse_optimizer { adagrad_optimizer { lr: 0.1 } constant_learning_rate {} } dense_optimizer { adam_optimizer { lr: 0.1 } constant_learning_rate {} } num_epochs: 1 ${train} }
    data_config { label_fields: "clk" ${data} }
    feature_configs { id_feature { feature_name: "a" expression: "user:a" num_buckets: 5 embedding_dim: 4 } }
    model_config { feature_groups { group_name: "all" feature_names: "a" group_type: DEEP } ${model}
      pepnet { task_towers { tower_name: "t" label_name: "clk" losses { binary_cross_entropy {} } } } }`;

  it.each([
    ["TrainConfig", (text: string) => config(text, "", "")],
    ["DataConfig", (text: string) => config("", text, "")],
    ["ModelConfig", (text: string) => config("", "", text)],
  ] as const)(
    "%s: scalars without effect are noted so, refused ones are refused, others are neither",
    (name, write) => {
      const [trains, opens, refused] = cells.get(name)! as [string[], string[], string[]];
      const set = new Set([
        "num_steps",
        "num_epochs",
        "label_fields",
        "batch_size",
        "fg_encoded",
        "fg_mode",
        "sample_weight_fields",
        "sample_mask_prob",
      ]);
      const about = { mixed_precision: "a note of the run, in test/core/spec/departures.test.ts" } as const;
      for (const field of messageType(name).fieldsArray) {
        if (
          field.repeated ||
          set.has(field.name) ||
          field.name in about ||
          ![...trains, ...opens, ...refused].includes(field.name)
        )
          continue;
        const value =
          field.type === "bool"
            ? "true"
            : field.type === "string"
              ? '"x"'
              : /^(u?int|float)/.test(field.type)
                ? "2"
                : null;
        if (value === null) continue;
        const spec = specFromConfig(write(`${field.name}: ${value}`));
        const idle = optionsWithoutEffect(spec).some(({ path: place }) => place.endsWith(`.${field.name}`));
        const stopped = unsupportedProblems(spec).some(({ path: place }) => place.endsWith(`.${field.name}`));
        expect([field.name, idle, stopped]).toEqual([
          field.name,
          opens.includes(field.name),
          refused.includes(field.name),
        ]);
      }
    },
  );
});
