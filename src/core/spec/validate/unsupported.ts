/**
 * Parts of configs that this engine does not compute: kept and exported, but refused when a model is built or trained.
 */
import type { Problem } from "../../errors/index.js";
import type { Json, JsonObject } from "../../util/json.js";
import { snakeCase } from "../../util/text.js";
import {
  type FeatureSpec,
  lacksEncoding,
  type OtherFeatureSpec,
  otherEncodings,
  tableName,
  tableRows,
} from "../feature/feature.js";
import { type ModelSpec, usedFeatures } from "../model.js";
import { show, unless } from "./checks.js";

/** The distribution of a table's initial values. */

export type InitialValues =
  /** U(−bound, bound). */
  | { readonly kind: "uniform"; readonly bound: number }
  /** U(low, high). */
  | { readonly kind: "between"; readonly low: number; readonly high: number }
  /** N(mean, deviation²), within ± limits around zero if they are set. */
  | {
      readonly kind: "normal";
      readonly mean?: number;
      readonly deviation: number;
      readonly low?: number;
      readonly high?: number;
    }
  | { readonly kind: "constant"; readonly value: number };

/** Reads an argument by name; NaN if it is not a number. */
type Get = (name: string, usual: number) => number;

interface Shape {
  readonly rows: number;
  readonly dim: number;
}

/** The distribution for a table's rows and columns; `null` for an initializer or an argument that is not known here. */
export function initialValues(text: string, rows: number, dim: number): InitialValues | null {
  const [name = "", ...parts] = text.split(",").map((part) => part.trim());
  const kind = /^(?:torch\.)?nn\.init\.(\w+)$/.exec(name)?.[1] ?? "";
  const settings: Readonly<Record<string, string>> = Object.fromEntries(
    parts
      .filter((part) => part !== "")
      .map((part) => part.split("=").map((text) => text.trim().replace(/^(['"])(.*)\1$/, "$2"))),
  );
  const [names, make] = (Object.hasOwn(initializers, kind) ? initializers[kind] : undefined) ?? [];
  if (make === undefined || !Object.keys(settings).every((key) => names?.includes(key))) return null;
  const get: Get = (each, usual) => {
    const value = settings[each];
    return value === undefined ? usual : value === "" ? Number.NaN : Number(value);
  };
  const values = make(get, { rows, dim }, settings);
  return Object.values(values).every((value) => !Number.isNaN(value)) ? values : null;
}

function xavier(get: Get, { rows, dim }: Shape): number {
  return get("gain", 1) * Math.sqrt(2 / (rows + dim));
}

/** Kaiming's deviation: the gain of the activation over √fan; PyTorch's `fan_in` of a table is its columns. */
function kaiming(get: Get, { rows, dim }: Shape, settings: Readonly<Record<string, string>>): number {
  const { mode = "fan_in", nonlinearity = "leaky_relu" } = settings;
  const gains: Readonly<Record<string, number>> = {
    leaky_relu: Math.sqrt(2 / (1 + get("a", 0) ** 2)),
    relu: Math.SQRT2,
    linear: 1,
    sigmoid: 1,
    tanh: 5 / 3,
    selu: 3 / 4,
  };
  const fan = { fan_in: dim, fan_out: rows }[mode];
  return (gains[nonlinearity] ?? Number.NaN) / Math.sqrt(fan ?? Number.NaN);
}

const kaimingNames = ["a", "mode", "nonlinearity"];
const normal = (get: Get) => ({ kind: "normal", mean: get("mean", 0), deviation: get("std", 1) }) as const;

const initializers: Readonly<
  Record<
    string,
    readonly [
      names: readonly string[],
      make: (get: Get, shape: Shape, settings: Readonly<Record<string, string>>) => InitialValues,
    ]
  >
> = {
  uniform_: [["a", "b"], (get) => ({ kind: "between", low: get("a", 0), high: get("b", 1) })],
  normal_: [["mean", "std"], normal],
  trunc_normal_: [["mean", "std", "a", "b"], (get) => ({ ...normal(get), low: get("a", -2), high: get("b", 2) })],
  xavier_uniform_: [["gain"], (get, shape) => ({ kind: "uniform", bound: Math.sqrt(3) * xavier(get, shape) })],
  xavier_normal_: [["gain"], (get, shape) => ({ kind: "normal", deviation: xavier(get, shape) })],
  kaiming_uniform_: [kaimingNames, (...all) => ({ kind: "uniform", bound: Math.sqrt(3) * kaiming(...all) })],
  kaiming_normal_: [kaimingNames, (...all) => ({ kind: "normal", deviation: kaiming(...all) })],
  constant_: [["val"], (get) => ({ kind: "constant", value: get("val", Number.NaN) })],
  zeros_: [[], () => ({ kind: "constant", value: 0 })],
  ones_: [[], () => ({ kind: "constant", value: 1 })],
};

const knownInitializers: readonly string[] = Object.keys(initializers);

/** A reason, and a fix if there is a better one than to remove the option. */
interface RefusalReason {
  readonly why: string;
  readonly fix?: string;
}

function each(fields: readonly string[], reason: RefusalReason): Readonly<Record<string, RefusalReason>> {
  return Object.fromEntries(fields.map((field) => [field, reason]));
}

const generated = [
  "lookup_feature",
  "match_feature",
  "expr_feature",
  "overlap_feature",
  "kv_dot_product",
  "combine_feature",
  "custom_feature",
  "bool_mask_feature",
  "sequence_fields",
  "asset_dir",
];
const onGpus = [
  "lars_sgd_optimizer",
  "lamb_optimizer",
  "partial_rowwise_lamb_optimizer",
  "adadelta_optimizer",
  "rmsprop_optimizer",
];
const costs: readonly string[] = ["sample_cost_field", "batch_cost_size"];

const reasons: Readonly<Record<string, RefusalReason>> = {
  tdm_sampler: { why: "it draws nodes of a tree, for retrieval; TorchEasyRec's PEPNet cannot use them either" },
  ...each(generated, {
    why: "it is computed by TorchEasyRec's feature generator, a closed package",
    fix: "read generated columns (fg_mode: FG_NONE), or remove it from the groups; the config keeps it",
  }),
  ...each(onGpus, {
    why: "TorchEasyRec has it for tables on GPUs only, and stops at it on a CPU",
    fix: "use adagrad_optimizer, rowwise_adagrad_optimizer or sgd_optimizer",
  }),
  ...each(["recon_loss", "commitment_loss", "contrastive_loss"], {
    why: "it is a loss of models of semantic ids; PEPNet has no such outputs",
  }),
  ...each(costs, { why: "its batches hold rows up to a sum of costs", fix: "remove it, and set batch_size" }),
  min_batch_size: {
    why: "its last batch of an epoch is left out below this size, in versions after 1.3.16",
    fix: "remove it to train on all rows, or set drop_remainder: true to leave out every batch that is not full",
  },
  ...each(otherEncodings, { why: "of generated features, it gives rows to ids as training meets them" }),
  tokenize_feature: { why: "its table has one row per token of a tokenizer's file, which a closed package counts" },
  data_type: { why: "tables of TorchEasyRec have single or half precision" },
  variational_dropout: { why: "its dropout has a learned probability per feature, for feature selection" },
  sample_mask_prob: { why: "training would replace values of features with use_mask by nulls at random" },
  fine_tune_checkpoint: {
    why: "it is a checkpoint of torch.distributed, which only Python reads",
    fix: "convert it by convert_weights.py, remove the field, and start from it: fit(data, { weights }) or --weights",
  },
  init_fn: {
    why: "this initializer, which TorchEasyRec runs as Python, is not known",
    fix: "use a known one, remove it (uniform in ±1/√rows), or pass initial weights: fit(data, { weights })",
  },
};

export function unsupportedProblems(spec: ModelSpec): Problem[] {
  return [...uncomputedProblems(spec), ...untrainedProblems(spec)];
}

/** Parts of the model that the engine cannot compute, so that predictions would differ from TorchEasyRec's. */
export function uncomputedProblems(spec: ModelSpec): Problem[] {
  return [
    ...featuresOfGroups(spec).flatMap((feature) =>
      feature.kind === "other"
        ? refuseFeature(feature)
        : [
            ...refuseFields(`features.${feature.name}`, feature.extra, featureFields),
            ...refuseDataType(`features.${feature.name}`, feature.extra),
          ],
    ),
    ...refusePipeline(spec, { model_config: ["variational_dropout"] }),
    ...spec.towers.flatMap((tower) =>
      tower.losses.flatMap((loss, index) =>
        loss.kind === "other" ? [refuse(`towers.${tower.name}.losses[${index}]`, loss.field)] : [],
      ),
    ),
  ];
}

/** Settings that TorchEasyRec trains differently. A trained model predicts the same here. */
export function untrainedProblems(spec: ModelSpec): Problem[] {
  // Training here has float32 for any of them; TorchEasyRec stops at another value.
  const { mixed_precision: precision = "" } = (spec.extra["train_config"] ?? {}) as JsonObject;
  // Masks act where a probability and a feature with `use_mask` meet.
  const data = (spec.extra["data_config"] ?? {}) as JsonObject;
  const masked = featuresOfGroups(spec).filter(
    (feature) => feature.kind !== "other" && feature.extra["use_mask"] === true,
  );
  return [
    ...featuresOfGroups(spec).flatMap((feature) =>
      feature.kind === "other" ? [] : refuseInitializer(`features.${feature.name}`, feature),
    ),
    ...refusePipeline(spec, pipelineFields),
    ...(masked.length === 0 ? [] : refuseFields("extra.data_config", data, ["sample_mask_prob"])),
    ...averageProblems(spec),
    ...unless(precision === "" || precision === "BF16" || precision === "FP16", {
      path: "extra.train_config.mixed_precision",
      message: "not a precision of TorchEasyRec",
      received: show(precision),
      expected: '"BF16" or "FP16", or none',
    }),
    ...spec.towers.flatMap(({ name, metrics, trainMetrics = [] }) =>
      Object.entries({ metrics, trainMetrics }).flatMap(([list, each]) =>
        each.flatMap((metric, index) =>
          metric.kind === "other" ? [otherMetric(`towers.${name}.${list}[${index}]`, metric.field)] : [],
        ),
      ),
    ),
    ...(spec.training.sparse.kind === "other" ? [refuse("training.sparse", spec.training.sparse.field)] : []),
  ];
}

/** A metric that TorchEasyRec's PEPNet refuses when the model is built. */
function otherMetric(path: string, field: string): Problem {
  if (field === "multiclass_auc") {
    const message =
      'TorchEasyRec stops at "micro" when it builds the model, and at "none", a number for each class, when it evaluates';
    return { path: `${path}.average`, message, received: "another average", expected: '"macro" or "weighted"' };
  }
  const message = `PEPNet does not compute ${field}, here and in TorchEasyRec: it stops when the model is built`;
  return { path, message, received: field, expected: "auc, grouped_auc, accuracy …", fix: "remove this metric" };
}

/** A feature without an encoding has been reported already. */
function refuseFeature({ name, field, config }: OtherFeatureSpec): Problem[] {
  const table = otherEncodings.find((each) => each in config);
  return lacksEncoding(field, config) ? [] : [refuse(`features.${name}`, table ?? field)];
}

/** The features of all groups: a feature in no group is not computed, so it is not rejected. */
function featuresOfGroups(spec: ModelSpec): readonly FeatureSpec[] {
  const used = usedFeatures(spec);
  return spec.features.filter((feature) => used.has(feature.name));
}

const featureFields = ["sequence_fields", "asset_dir"] as const;

const pipelineFields: Readonly<Record<string, readonly string[]>> = {
  data_config: ["tdm_sampler", "min_batch_size", ...costs],
  train_config: ["fine_tune_checkpoint"],
};

const useDenseEma = ({ extra }: ModelSpec): Json | undefined =>
  ((extra["eval_config"] ?? {}) as JsonObject)["use_dense_ema"];

/** Whether predictions use the moving averages: true if they exist, unless `use_dense_ema` disables it. */
export function showsAverages(spec: ModelSpec): boolean {
  return spec.training.emaDecay !== null && useDenseEma(spec) !== false;
}

export function averageProblems(spec: ModelSpec): Problem[] {
  return unless(useDenseEma(spec) !== true || spec.training.emaDecay !== null, {
    path: "extra.eval_config.use_dense_ema",
    message: "evaluation needs averaged weights, but training keeps no average",
    received: "true",
    expected: "false, or ema in train_config.dense_optimizer",
    fix: "remove it, or average the weights: .train({ emaDecay: 0.999 })",
  });
}

function refuse(path: string, field: string): Problem {
  const reason = reasons[field.replace(/:.*$/s, "").replace(/^sequence_(?!fields)/, "")];
  const message = `${field} is not supported here, only in TorchEasyRec`;
  return {
    path,
    message: reason === undefined ? message : `${message}: ${reason.why}`,
    received: field,
    expected: "a field that this engine supports",
    fix: reason?.fix ?? "remove it, or remove it from the groups, to train here; the config keeps it",
  };
}

/** Initializers that are not known here, unless the feature has no table. */
function refuseInitializer(path: string, feature: Exclude<FeatureSpec, { kind: "other" }>): Problem[] {
  const name = feature.extra["init_fn"];
  if (typeof name !== "string" || name === "" || tableName(feature) === null) return [];
  if (initialValues(name, tableRows(feature) ?? 1, feature.embeddingDim ?? 1) !== null) return [];
  const expected = `nn.init. and one of ${knownInitializers.join(", ")}, with arguments by name`;
  return [{ ...refuse(`${path}.init_fn`, "init_fn"), received: show(name), expected }];
}

function refusePipeline(spec: ModelSpec, fields: Readonly<Record<string, readonly string[]>>): Problem[] {
  return Object.entries(fields).flatMap(([part, names]) => {
    const extra = spec.extra[part];
    return extra === undefined ? [] : refuseFields(`extra.${part}`, extra as JsonObject, names);
  });
}

/** Tables are float32, which holds every value of FP16. TorchEasyRec has no other types. */
function refuseDataType(path: string, { data_type: type = "FP32" }: JsonObject): Problem[] {
  return unless(type === "FP32" || type === "FP16", {
    ...refuse(`${path}.data_type`, `data_type: ${type}`),
    expected: "data_type: FP32 or FP16",
  });
}

function refuseFields(path: string, extra: JsonObject, fields: readonly string[]): Problem[] {
  return Object.entries(extra).flatMap(([key, value]) => {
    const name = snakeCase(key);
    const acts = Array.isArray(value) ? value.length > 0 : Boolean(value);
    return fields.includes(name) && acts ? [{ ...refuse(`${path}.${name}`, name), received: show(value) }] : [];
  });
}
