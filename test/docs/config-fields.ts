/** What becomes of each field of a PEPNet config, found by opening configs with and without it. */
import { specFromConfig } from "../../src/core/config/index.js";
import {
  type FieldType,
  fieldDefault,
  fieldEnum,
  fieldMessage,
  type MessageType,
  mapTypes,
  messageType,
  oneofSiblings,
} from "../../src/core/config/schema.js";
import type { ModelSpec } from "../../src/core/spec/model.js";
import { unsupportedProblems } from "../../src/core/spec/validate/unsupported.js";
import { trainingWarnings } from "../../src/core/spec/validate/warnings.js";
import { optionsWithoutEffect } from "../../src/core/spec/validate/without-effect.js";
import { ConfigError } from "../../src/index.js";

type Tree = Record<string, unknown>;

/** `trains`; `opens`: a stand-in, or no effect; `refused` before training. */
export interface FieldEffect {
  readonly effect: "trains" | "opens" | "refused";
  readonly reason: string;
}

/** Fields that a spec keeps as they are, for the parts that read them; and names, which refer to each other. */
const readElsewhere: Readonly<Record<string, readonly string[]>> = {
  EasyRecConfig: ["train_input_path", "eval_input_path", "model_dir", "eval_config"],
  EvalConfig: ["use_dense_ema"],
  DataConfig: ["fg_mode", "fg_encoded"],
  FeatureGroupConfig: ["group_name", "group_type", "embedding_name_suffix"],
  SeqGroupConfig: ["group_name"],
  ...Object.fromEntries(
    messageType("SeqEncoderConfig").fieldsArray.map((field) => [fieldMessage(field)!.name, ["input"]]),
  ),
};
/** The same in every message of a feature; the last two are those of its sequence. */
const readOfFeatures = [
  "init_fn",
  "trainable",
  "embedding_constraints",
  "value_dim",
  "sequence_length",
  "sequence_delim",
];

const encodings = ["num_buckets", "hash_bucket_size", "vocab_list", "vocab_dict", "vocab_file", "zch", "dynamicemb"];
/** Fields of which a message has one. */
const alternatives = [
  [...encodings, "boundaries", "autodis", "mlp"],
  ["num_steps", "num_epochs"],
];
const generated = /^(sequence_)?(lookup_|match_|expr_|overlap_|combine_|custom_|bool_mask_|kv_dot_)(feature|product)$/;
const singleSequence = /^sequence_.+/;

/** Values that a field can have, where the schema does not say them. */
const values: Readonly<Record<string, unknown>> = {
  clipping_type: "value",
  mixed_precision: "BF16",
  sharding_types: ["data_parallel"],
  compute_kernels: ["dense"],
  data_type: "FP16",
  group_type: "WIDE",
  pooling: "mean",
  pooling_type: "sum",
  weight_decay_mode: "DECOUPLE",
  average: "weighted",
  normalizer: "method=log10",
  expression: "user:b",
  fg_mode: "FG_BUCKETIZE",
  init_fn: "nn.init.zeros_",
  label_fields: ["clk", "other", "third"],
  label_name: "other",
  task_space_indicator_label: "other",
  domain_input_name: "other",
  activation: "nn.Tanh",
  multihead_attn_dim: 8,
  num_heads: 4,
  ppnet_activation: "nn.Tanh",
  num_class: 3,
  session_name: "r",
  grouping_key: "r",
  feature_names: ["q", "r"],
  "SeqGroupConfig.feature_names": ["q", "s"],
  sample_weight_fields: ["weight", "other_weight"],
  sample_weight_name: "weight",
};

/** Settings that a spec keeps, and that have no effect. */
const idle: Readonly<Record<string, string>> = {
  "XAUC.sample_ratio": "all pairs count",
  "XAUC.max_pairs": "all pairs count",
  "GroupedXAUC.max_pairs_per_group": "all pairs count",
};

/** What messages need to be valid. */
const samples: Readonly<Record<string, Tree>> = {
  ExponentialDecayLR: { decay_size: 4, decay_factor: 0.5 },
  ManualStepLR: { schedule_sizes: [1], learning_rates: [0.1] },
  CosineAnnealingLR: { T_max: 4 },
  CosineAnnealingWarmRestartsLR: { T_0: 4 },
  PartOptimizer: { regex_pattern: "a", sgd_optimizer: { lr: 0.1 }, constant_learning_rate: {} },
  GradClipping: { clipping_type: "norm", max_gradient: 1 },
  ParameterConstraints: { compute_kernels: ["fused"] },
  SeqGroupConfig: { group_name: "g", feature_names: ["r", "s"] },
  SeqEncoderConfig: { pooling_encoder: { input: "g" } },
  MLP: { hidden_units: [4] },
  MultiWindowDINEncoder: { windows_len: [2] },
  SelfAttentionEncoder: { multihead_attn_dim: 4, num_heads: 2 },
  MetricConfig: { auc: {} },
  TrainMetricConfig: { auc: {} },
  JRCLoss: { session_name: "q" },
  GroupedAUC: { grouping_key: "q" },
  GroupedXAUC: { grouping_key: "q" },
};

/** Other fields of the message that a field needs to act. */
const needs: Readonly<Record<string, Tree>> = {
  domain_input_name: { task_domain_num: 2 },
  task_domain_num: { domain_input_name: "other" },
  in_task_space_weight: { task_space_indicator_label: "other" },
  out_task_space_weight: { task_space_indicator_label: "other" },
  max_gradient: { gradient_clipping: true },
  "TaskTower.num_class": { losses: [{ softmax_cross_entropy: {} }] },
};

/** A message, and the fields from the whole config to it. `within`: the effect of a field that contains it. */
interface Place {
  readonly type: MessageType;
  readonly steps: readonly FieldType[];
  readonly within: FieldEffect | null;
}

const otherModels = new Set(messageType("ModelConfig").oneofs["model"]?.oneof.filter((name) => name !== "pepnet"));

/** The effects of a message's fields, by name. `within`: that of the fields that contain it, if it does not train. */
export interface MessageEffects {
  readonly within: FieldEffect["effect"] | null;
  readonly fields: ReadonlyMap<string, FieldEffect>;
}

/**
 * Finds the effect of every field, by message. A message counts by the first field that trains and contains it; one
 * within fields that do not has their effect, without a reason.
 */
export function configFields(): ReadonlyMap<string, MessageEffects> {
  const effects = new Map<string, MessageEffects>();
  const first: Place[] = [{ type: messageType("EasyRecConfig"), steps: [], within: null }];
  const last: Place[] = [];
  for (const queue of [first, last]) {
    for (const place of queue) {
      const { type, steps, within } = place;
      if (effects.has(type.name) || type.name === "Struct") continue;
      const fields = type.fieldsArray.filter(({ name }) => type.name !== "ModelConfig" || !otherModels.has(name));
      const ofFields = new Map(fields.map((field) => [field.name, within ?? fieldEffect(place, field)]));
      effects.set(type.name, { within: within?.effect ?? null, fields: ofFields });
      for (const field of fields) {
        const child = field.map ? null : fieldMessage(field);
        if (child === null) continue;
        const { effect } = ofFields.get(field.name)!;
        const isRead = within === null && (effect === "trains" || isEncodable(type, field));
        (isRead ? queue : last).push({
          type: child,
          steps: [...steps, field],
          within: isRead ? null : { effect, reason: "" },
        });
      }
    }
  }
  return effects;
}

/** A feature of TorchEasyRec's generator, which trains on columns that it has encoded. */
function isEncodable({ name }: MessageType, field: FieldType): boolean {
  return /FeatureConfig$/.test(name) && generated.test(field.name);
}

type Mode = "FG_NORMAL" | "FG_NONE" | "FG_BUCKETIZE";

/** The effect in the first mode, unless the field trains in another: some act in one mode alone. */
function fieldEffect(place: Place, field: FieldType): FieldEffect {
  const { type, steps } = place;
  if (readElsewhere[type.name]?.includes(field.name)) return { effect: "trains", reason: "" };
  if (readOfFeatures.includes(field.name) && "feature_name" in type.fields) return { effect: "trains", reason: "" };
  const idleReason = idle[`${type.name}.${field.name}`];
  if (idleReason !== undefined) return { effect: "opens", reason: idleReason };
  const isOfGenerator = steps.some(({ name }) => generated.test(name));
  const modes: readonly Mode[] = isOfGenerator ? ["FG_NONE", "FG_BUCKETIZE"] : ["FG_NORMAL", "FG_NONE", "FG_BUCKETIZE"];
  const effects = modes.map((mode) => effectIn(mode, place, field));
  if (isEncodable(type, field)) {
    const reason = `${effects[0]!.reason}; trains on columns that it has encoded`;
    return { effect: "refused", reason };
  }
  return effects.find(({ effect }) => effect === "trains") ?? effects[0]!;
}

function effectIn(mode: Mode, { steps }: Place, field: FieldType): FieldEffect {
  const { config, message } = configWith(mode, steps, field, false);
  // The smallest config does not open without this message.
  if (fieldMessage(field) !== null && field.name in message) return { effect: "trains", reason: "" };
  const without = read(config);
  const withField = read(configWith(mode, steps, field, true).config);
  if (without instanceof ConfigError) throw without;
  if (withField instanceof ConfigError) throw withField;
  const isNew = (list: (spec: ModelSpec) => readonly string[]) =>
    list(withField).find((text) => !list(without).includes(text));
  const refusal = isNew((spec) => unsupportedProblems(spec).map(({ message }) => message));
  if (refusal !== undefined) return { effect: "refused", reason: refusal.replace(/^.*only in TorchEasyRec(: )?/, "") };
  const like = { like: "torcheasyrec" } as const;
  const note = isNew((spec) => [
    ...optionsWithoutEffect(spec).map(({ reason }) => reason),
    ...trainingWarnings({ ...spec, training: { ...spec.training, ...like } }).map(({ message }) =>
      message.replace(/[;,.] .*/s, ""),
    ),
  ]);
  if (note !== undefined) return { effect: "opens", reason: note };
  const [before, after] = [without, withField].map((spec) => JSON.stringify(spec, onlyModel));
  return { effect: before === after ? "opens" : "trains", reason: "" };
}

/** Leaves out what a spec only keeps for export. */
function onlyModel(key: string, value: unknown): unknown {
  return ["extra", "generated", "config"].includes(key) ? undefined : value;
}

function read(message: Tree): ModelSpec | ConfigError {
  try {
    return specFromConfig({ message: message as never, notes: {}, warnings: [] });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** A config with a message at the end of the steps, and a field in it or not. */
function configWith(mode: Mode, steps: readonly FieldType[], field: FieldType, isSet: boolean) {
  const config = smallest(mode);
  let message = config;
  for (const step of steps) message = enter(message, step);
  const needed = structuredClone(needs[`${field.parent?.name}.${field.name}`] ?? needs[field.name] ?? {});
  // The column of the domains and their number are both set, or neither.
  if (isSet || !/domain/.test(field.name)) Object.assign(message, needed);
  if (isSet) {
    for (const name of othersOf(field)) delete message[name];
    message[field.name] = fieldValue(field, message[field.name]);
  }
  if (field.name === "sample_mask_prob") feature(config, 0)["use_mask"] = true;
  if (field.name === "pareto_min_loss_weight") (config["model_config"] as Tree)["use_pareto_loss_weight"] = true;
  complete(config);
  return { config, message };
}

const first = (message: Tree): Tree => Object.values(message)[0] as Tree;
const feature = (config: Tree, at: number): Tree => first((config["feature_configs"] as Tree[])[at]!);

function smallest(mode: Mode): Tree {
  const id = { expression: "user:q", num_buckets: 5, embedding_dim: 4 };
  return {
    train_config: {
      sparse_optimizer: { adagrad_optimizer: { lr: 0.1 }, constant_learning_rate: {} },
      dense_optimizer: {
        adam_optimizer: { lr: 0.1 },
        exponential_decay_learning_rate: { decay_size: 4, decay_factor: 0.5 },
      },
      num_epochs: 1,
    },
    data_config: {
      dataset_type: "ParquetDataset",
      fg_mode: mode,
      label_fields: ["clk", "other"],
      sample_weight_fields: ["weight"],
      batch_size: 8,
    },
    feature_configs: [
      { id_feature: { feature_name: "q", ...id } },
      { id_feature: { feature_name: "r", ...id } },
      { sequence_id_feature: { feature_name: "s", ...id, sequence_length: 5 } },
    ],
    model_config: {
      feature_groups: [{ group_name: "all", feature_names: ["q"], group_type: "DEEP" }],
      pepnet: { task_towers: [{ tower_name: "t", label_name: "clk", losses: [{ binary_cross_entropy: {} }] }] },
    },
  };
}

/** The fields that cannot be set beside a field. */
function othersOf(field: FieldType): readonly string[] {
  const names = alternatives.find((each) => each.includes(field.name)) ?? oneofSiblings(field);
  return names.filter((name) => name !== field.name);
}

/** The message in a field, which is made if it is missing. A feature comes after those of the smallest config. */
function enter(message: Tree, field: FieldType): Tree {
  for (const name of othersOf(field)) delete message[name];
  const list = (message[field.name] ?? []) as Tree | Tree[];
  const before = Array.isArray(list) ? list : [list];
  const isNew = before.length === 0 || field.name === "feature_configs";
  const all = isNew ? [...before, sample(fieldMessage(field)!)] : before;
  message[field.name] = field.repeated ? all : all[0];
  return all.at(-1)!;
}

/** A message with what it needs. */
function sample(type: MessageType): Tree {
  const made: Tree = {};
  for (const field of type.fieldsArray) if (field.required) made[field.name] = fieldValue(field);
  if ("feature_name" in type.fields) {
    made["feature_name"] = "a";
    const expression = type.fields["expression"];
    if (expression) made["expression"] = expression.repeated ? ["user:a", "user:b"] : "user:a";
    const shape = ["num_buckets", "hash_bucket_size", "boundaries"].find((name) => name in type.fields);
    if (shape) made[shape] = shape === "boundaries" ? [1, 2] : 5;
    if ("embedding_dim" in type.fields) made["embedding_dim"] = 4;
  }
  if (type.name === "FeatureConfig") made["id_feature"] = sample(messageType("IdFeature"));
  if (type.name === "SequenceFeature")
    Object.assign(made, { sequence_name: "l", features: [{ id_feature: sample(messageType("IdFeature")) }] });
  Object.assign(made, structuredClone(samples[type.name]));
  if ("input" in type.fields) made["input"] = "g";
  return made;
}

interface Tower {
  losses: [Tree];
  readonly metrics?: [Tree];
  readonly train_metrics?: [Tree];
  num_class?: number;
}

/** Puts every feature that trains into the group, sequences by an encoder; metrics have losses of their kind. */
function complete(config: Tree): void {
  const all = ((config["model_config"] as Tree)["feature_groups"] as Tree[])[0]!;
  for (const each of (config["feature_configs"] as Tree[]).slice(3)) {
    const [kind, message] = Object.entries(each)[0] as [string, Tree];
    const inner =
      kind === "sequence_feature"
        ? `${message["sequence_name"]}__${first((message["features"] as Tree[])[0]!)["feature_name"]}`
        : message["feature_name"];
    if (singleSequence.test(kind)) all["sequence_groups"] = [{ group_name: "g", feature_names: ["q", inner] }];
    else (all["feature_names"] as unknown[]).push(inner);
  }
  const { pepnet } = config["model_config"] as { pepnet: { task_towers: [Tower] } };
  const [tower] = pepnet.task_towers;
  const metric = Object.keys({ ...tower.metrics?.[0], ...tower.train_metrics?.[0] }).join();
  if (/multiclass/.test(metric)) tower.losses = [{ softmax_cross_entropy: {} }];
  if (/mean_|xauc/.test(metric)) tower.losses = [{ l2_loss: {} }];
  if (/softmax|jrc/.test(Object.keys(tower.losses[0]).join())) tower.num_class ??= 2;
  if (all["sequence_groups"] || all["sequence_encoders"]) {
    all["sequence_groups"] ??= [sample(messageType("SeqGroupConfig"))];
    all["sequence_encoders"] ??= [{ pooling_encoder: { input: "g" } }];
  }
}

/** A value of a field that is neither its default nor `before`. A message that is there stays. */
function fieldValue(field: FieldType, before?: unknown): unknown {
  if (mapTypes(field) !== null) return { x: 1 };
  if (before !== undefined && fieldMessage(field) !== null) return before;
  const other = values[`${field.parent?.name}.${field.name}`] ?? values[field.name];
  if (other !== undefined && Array.isArray(other) === Boolean(field.repeated)) return structuredClone(other);
  if (field.repeated) return [singleValue(field, Array.isArray(before) ? before[0] : undefined)];
  return singleValue(field, before);
}

function singleValue(field: FieldType, before: unknown): unknown {
  const child = fieldMessage(field);
  if (child !== null) return sample(child);
  const names = fieldEnum(field);
  const usual = before ?? (field.repeated ? undefined : fieldDefault(field));
  if (names !== null) return Object.keys(names).find((name) => name !== usual);
  if (field.type === "bool") return usual !== true;
  if (field.type === "string" || field.type === "bytes") return usual === "x" ? "y" : "x";
  const number = Number(usual ?? 0);
  return /^(float|double)$/.test(field.type) ? (number === 0 ? 0.5 : number / 2) : number + 2;
}
