/** The tables of docs/torcheasyrec.md are those of the schema and the registries; `vitest --update` writes them. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fieldEffects } from "../../scripts/upstream-schema.mjs";
import { specFromConfig } from "../../src/core/config/index.js";
import { fieldDefault, fieldMessage, type MessageType, messageType } from "../../src/core/config/schema.js";
import { losses } from "../../src/core/spec/losses.js";
import { metrics } from "../../src/core/spec/metrics.js";
import { emptySpec } from "../../src/core/spec/model.js";
import { denseOptions, encoderOptions, learningRateOptions, sparseOptions } from "../../src/core/spec/tables.js";
import { departures } from "../../src/core/spec/validate/departures.js";
import { snakeCase } from "../../src/core/util/text.js";
import * as api from "../../src/index.js";
import {
  adadelta,
  adagrad,
  adam,
  adamw,
  constant,
  cosine,
  cosineRestarts,
  exponentialDecay,
  manualSteps,
  partialRowwiseAdam,
  rmsprop,
  rowwiseAdagrad,
  sgd,
} from "../../src/index.js";
import { configFields, type FieldEffect, type MessageEffects } from "./config-fields.js";
import { tableRow, withRows } from "./tables.js";

const page = path.resolve(__dirname, "../../docs/torcheasyrec.md");
const messages = configFields();
const code = (text: string): string => `\`${text}\``;

/** The fields with an effect, those of a reason together: `` `a` `b` (the reason); `c` ``. */
function cell({ fields }: MessageEffects, effect: FieldEffect["effect"]): string {
  const names = new Map<string, string[]>();
  for (const [name, each] of fields) {
    if (each.effect !== effect) continue;
    names.set(each.reason, [...(names.get(each.reason) ?? []), code(name)]);
  }
  const parts = [...names].map(([reason, list]) => list.join(" ") + (reason === "" ? "" : ` (${reason})`));
  return parts.join("; ") || "–";
}

/** A row for all messages with the same cells. */
function fieldRows(): string[] {
  const names = new Map<string, string[]>();
  for (const [name, effects] of messages) {
    const { within } = effects;
    const all = (effect: FieldEffect["effect"]) => (within === effect ? "every field" : "–");
    const cells = within === null ? [cell(effects, "opens"), cell(effects, "refused")] : [all("opens"), all("refused")];
    const key = tableRow(...cells).slice(2);
    names.set(key, [...(names.get(key) ?? []), code(name)]);
  }
  // Those that train come last: nothing is to be said of them.
  const rows = [...names].sort(([a], [b]) => Number(a === "– | – |") - Number(b === "– | – |"));
  return rows.map(([cells, list]) => `| ${list.join(" ")} | ${cells}`);
}

/** Calls of the package by the field of the message that they make. */
const calls: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...[adagrad, adam, partialRowwiseAdam, rowwiseAdagrad, sgd].map((make) => [make, make(0.1).toSparse()] as const),
      ...[adadelta, adamw, rmsprop].map((make) => [make, make(0.1).toDense()] as const),
    ].map(([make, { kind }]) => [`${kind}_optimizer`, `${make.name}(lr)`]),
  ),
  [`${constant().kind}_learning_rate`]: "constant()",
  [`${exponentialDecay({ every: 1 }).kind}_learning_rate`]: "exponentialDecay({ every })",
  [`${manualSteps({ at: [[1, 0.1]] }).kind}_learning_rate`]: "manualSteps({ at })",
  [`${cosine({ over: 1 }).kind}_learning_rate`]: "cosine({ over })",
  [`${cosineRestarts({ first: 1 }).kind}_learning_rate`]: "cosineRestarts({ first })",
};

/** A function of the package by the name of a field: `id_feature` is `idFeature`. */
function functionOf(field: string): string {
  const name = field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  expect(api).toHaveProperty(name);
  return name;
}

function nameRows(): string[] {
  const trains = (name: string) =>
    [...messages.get(name)!.fields].flatMap(([field, { effect }]) => (effect === "trains" ? [field] : []));
  const features = trains("FeatureConfig").filter((name) => !/^sequence_./.test(name) || name === "sequence_feature");
  const optimizers = [...new Set([...Object.keys(sparseOptions), ...Object.keys(denseOptions)])].map((kind) => {
    const ofTables = kind in sparseOptions ? ["tables"] : [];
    return [
      `${kind}_optimizer`,
      [...ofTables, ...(kind in denseOptions ? ["dense parameters"] : [])].join(", "),
    ] as const;
  });
  const schedules = Object.keys(learningRateOptions).map(
    (kind) => [`${kind}_learning_rate`, "learning rates"] as const,
  );
  return [
    ...features.map((field) => [field, `${functionOf(field)}(name)`, "features"]),
    ...trains("SeqEncoderConfig").map((field) => {
      const kind = field.replace(/_encoder$/, "");
      expect(encoderOptions).toHaveProperty(kind);
      return [field, `${functionOf(kind)}(sequence)`, "sequences"];
    }),
    ...[...optimizers, ...schedules].map(([field, of]) => [field, calls[field]!, of]),
    ...Object.entries(losses).map(([kind, { docs }]) => [kind, docs[0], `losses: ${docs[1]}`]),
    ...Object.entries(metrics).map(([kind, { docs }]) => [kind, docs[0], `metrics: ${docs[1]}`]),
  ].map(([field, call, of]) => tableRow(code(field!), code(call!), of!));
}

/** What a config leaves out; optimizers have to be there. */
function defaultRows(): string[] {
  const config = `
    train_config { sparse_optimizer { sgd_optimizer { lr: 1 } } dense_optimizer { sgd_optimizer { lr: 1 } } }
    data_config { label_fields: "clk" }
    feature_configs { id_feature { feature_name: "a" expression: "user:a" num_buckets: 5 embedding_dim: 4 } }
    model_config { feature_groups { group_name: "all" feature_names: "a" group_type: DEEP }
      pepnet { task_towers { tower_name: "t" label_name: "clk" losses { binary_cross_entropy {} } } } }`;
  const [opened, built] = [specFromConfig(config).training, emptySpec.training];
  const shown = (value: unknown): string => (value === null ? "by the number of rows" : code(JSON.stringify(value)));
  return (Object.keys(built) as (keyof typeof built)[]).flatMap((name) => {
    const [read, here] = [opened[name], built[name]];
    if (typeof here === "object" && here !== null) return [];
    const field = messageType("DataConfig").fields[snakeCase(name)];
    const there = field?.options?.["default"] === undefined ? read : fieldDefault(field);
    return new Set([there, read, here]).size === 1 ? [] : [tableRow(code(name), ...[there, read, here].map(shown))];
  });
}

it("lists every field, name, departure and default of the sources", async () => {
  const tables: readonly [heading: string, rows: readonly string[]][] = [
    [
      "| what | here | TorchEasyRec | how large |",
      departures.map(({ name, here, there, size, like }) => tableRow(name, here, there, size, like ? "follows" : "–")),
    ],
    ["| setting | TorchEasyRec | config here |", defaultRows()],
    ["| message | here | for |", nameRows()],
    ["| message | opens, without effect |", fieldRows()],
  ];
  const text = tables.reduce((all, [heading, rows]) => withRows(all, heading, rows), readFileSync(page, "utf8"));
  await expect(text).toMatchFileSnapshot(page);
});

describe("the fields", () => {
  it("are those of every message that a PEPNet config may contain", () => {
    const models = new Set(messageType("ModelConfig").oneofs["model"]?.oneof.filter((name) => name !== "pepnet"));
    const reached = new Map<string, string[]>();
    const reach = (type: MessageType): void => {
      if (reached.has(type.name) || type.name === "Struct") return;
      const fields = type.fieldsArray.filter(({ name }) => !models.has(name));
      reached.set(
        type.name,
        fields.map(({ name }) => name),
      );
      for (const field of fields) {
        const child = field.map ? null : fieldMessage(field);
        if (child !== null) reach(child);
      }
    };
    reach(messageType("EasyRecConfig"));
    const listed = [...messages].map(([name, { fields }]) => [name, [...fields.keys()]]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(reached));
  });

  it("are in the table once, as `npm run upstream` reads it", () => {
    const effects = fieldEffects();
    const texts = {
      trains: "trains here",
      opens: "opens here, with a stand-in or without effect",
      refused: "refused here",
    };
    const expected = [...messages].flatMap(([message, { fields }]) =>
      [...fields].map(([field, { effect }]) => [`${message}.${field}`, texts[effect]]),
    );
    expect(Object.fromEntries(effects)).toEqual(Object.fromEntries(expected));
  });

  // Each is held by a test of its own; a fault of the comparison with and without a field would move it.
  it.each([
    ["trains", "TrainConfig.num_epochs PEPNet.epnet_gamma TaskTower.in_task_space_weight RawFeature.autodis"],
    ["trains", "DenseOptimizer.ema ModelConfig.use_pareto_loss_weight DataConfig.fg_mode ManualStepLR.schedule_sizes"],
    [
      "opens",
      "TrainConfig.save_checkpoints_steps TrainConfig.mixed_precision IdFeature.data_type IdFeature.dynamicemb",
    ],
    [
      "opens",
      "DataConfig.negative_sampler EvalConfig.num_steps LookupFeature.map ZeroCollisionHash.zch_size AdamOptimizer.fused",
    ],
    [
      "refused",
      "TrainConfig.fine_tune_checkpoint DataConfig.tdm_sampler DataConfig.min_batch_size MetricConfig.recall_at_k",
    ],
    [
      "refused",
      "SparseOptimizer.lamb_optimizer FeatureConfig.lookup_feature DataConfig.sample_mask_prob LossConfig.recon_loss",
    ],
  ])("%s: %s", (effect, list) => {
    for (const place of list.split(" ")) {
      const [message, field] = place.split(".") as [string, string];
      expect(messages.get(message)?.fields.get(field)?.effect, place).toBe(effect);
    }
  });
});

it("settings whose defaults differ are these", () => {
  expect(defaultRows().map((row) => row.split("`")[1])).toEqual(["batchSize", "shuffle", "tablePlacement"]);
});
