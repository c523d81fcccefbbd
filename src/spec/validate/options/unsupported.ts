/**
 * TorchEasyRec features that this engine does not compute: they are read, kept and exported, but building a model
 * from them is rejected.
 */

import type { Problem } from "../../../errors/index.js";
import type { Json, JsonObject } from "../../../util/json.js";
import { snakeCase } from "../../../util/text/snake-case.js";
import { type FeatureSpec, type OtherFeatureSpec, tableName, tableRows } from "../../feature/feature.js";
import { initialValues, knownInitializers } from "../../feature/initial-values.js";
import { lacksEncoding } from "../../feature/other-width.js";
import { type ModelSpec, usedFeatures } from "../../model.js";
import { show } from "../checks.js";
import { refusalReason } from "./reasons.js";

/** One problem for each loss, optimiser, feature or field that is not supported. */
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
    ...spec.groups.flatMap((group) => [
      ...refuseFields(`groups.${group.name}`, group.extra, groupFields),
      ...refuseValues(`groups.${group.name}`, group.extra, groupValues),
    ]),
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
  return [
    ...featuresOfGroups(spec).flatMap((feature) =>
      feature.kind === "other"
        ? []
        : [
            ...refuseInitializer(`features.${feature.name}`, feature),
            ...refuseValues(`features.${feature.name}`, feature.extra, featureValues),
          ],
    ),
    ...refusePipeline(spec, pipelineFields),
    ...maskProblems(spec),
    ...averageProblems(spec),
    ...spec.towers.flatMap((tower) =>
      tower.metrics.flatMap((metric, index) =>
        metric.kind === "other" ? [otherMetric(`towers.${tower.name}.metrics[${index}]`, metric.field)] : [],
      ),
    ),
    ...(spec.training.sparse.kind === "other" ? [refuse("training.sparse", spec.training.sparse.field)] : []),
  ];
}

/** A metric that TorchEasyRec's PEPNet refuses when the model is built. */
function otherMetric(path: string, field: string): Problem {
  if (field === "multiclass_auc") {
    const message = "multiclass_auc has one number for all classes";
    return { path: `${path}.average`, message, received: "another average", expected: '"macro" or "weighted"' };
  }
  const message = `PEPNet does not compute ${field}, here and in TorchEasyRec: it stops when the model is built`;
  return { path, message, received: field, expected: "auc, grouped_auc, accuracy …", fix: "remove this metric" };
}

/** A feature without an encoding has been reported already. */
function refuseFeature({ name, field, config }: OtherFeatureSpec): Problem[] {
  return lacksEncoding(field, config) ? [] : [refuse(`features.${name}`, tableField(config) ?? field)];
}

/** The kind of table that makes an id feature unsupported. */
function tableField(config: JsonObject): string | undefined {
  return ["zch", "dynamicemb"].find((name) => name in config);
}

/** The features of all groups: a feature in no group is not computed, so it is not rejected. */
function featuresOfGroups(spec: ModelSpec): readonly FeatureSpec[] {
  const used = usedFeatures(spec);
  return spec.features.filter((feature) => used.has(feature.name));
}

/** Unsupported fields that change the value of a feature. */
const featureFields = ["zch", "dynamicemb", "sequence_fields", "asset_dir"] as const;

const groupFields = ["embedding_name_suffix"] as const;

/** Fields that are supported only with this value. */
const featureValues = { data_type: "FP32" } as const;
const groupValues = { group_type: "DEEP" } as const;

/** Fields of each part of the pipeline that change training. */
const pipelineFields: Readonly<Record<string, readonly string[]>> = {
  model_config: ["use_pareto_loss_weight"],
  data_config: [
    "negative_sampler",
    "negative_sampler_v2",
    "hard_negative_sampler",
    "hard_negative_sampler_v2",
    "tdm_sampler",
    "sample_cost_field",
    "batch_cost_size",
  ],
  train_config: ["mixed_precision", "fine_tune_checkpoint"],
};

/** Masks act where a probability and a feature with `use_mask` meet. */
function maskProblems(spec: ModelSpec): Problem[] {
  const data = (spec.extra["data_config"] ?? {}) as JsonObject;
  const masked = featuresOfGroups(spec).filter(
    (feature) => feature.kind !== "other" && feature.extra["use_mask"] === true,
  );
  return masked.length === 0 ? [] : refuseFields("extra.data_config", data, ["sample_mask_prob"]);
}

/** Evaluation uses the averages if there are any, unless `use_dense_ema` says otherwise. */
function averageProblems({ extra, training }: ModelSpec): Problem[] {
  const average = ((extra["eval_config"] ?? {}) as JsonObject)["use_dense_ema"];
  if (average !== true || training.emaDecay !== null) return [];
  return [
    {
      path: "extra.eval_config.use_dense_ema",
      message: "evaluation needs averaged weights, but training keeps no average",
      received: "true",
      expected: "false, or ema in train_config.dense_optimizer",
      fix: "remove it, or average the weights: .train({ emaDecay: 0.999 })",
    },
  ];
}

function refuse(path: string, field: string): Problem {
  const reason = refusalReason(field.replace(/:.*$/s, ""));
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

/** Tables are computed in FP32, which holds every value of FP16. TorchEasyRec has no other types. */
function refuseDataType(path: string, { data_type: type = "FP32" }: JsonObject): Problem[] {
  if (type === "FP32" || type === "FP16") return [];
  return [{ ...refuse(`${path}.data_type`, `data_type: ${type}`), expected: "data_type: FP32 or FP16" }];
}

function refuseFields(path: string, extra: JsonObject, fields: readonly string[]): Problem[] {
  return Object.entries(extra).flatMap(([key, value]) => {
    const name = snakeCase(key);
    return fields.includes(name) && acts(value) ? [{ ...refuse(`${path}.${name}`, name), received: show(value) }] : [];
  });
}

function refuseValues(path: string, extra: JsonObject, computed: JsonObject): Problem[] {
  return Object.entries(computed).flatMap(([name, value]) => {
    const setting = extra[name];
    if (setting === undefined || setting === value || (name === "data_type" && setting !== "FP16")) return [];
    return [{ ...refuse(`${path}.${name}`, `${name}: ${setting}`), expected: `${name}: ${value}` }];
  });
}

/** Whether a value differs from proto's zero value. */
function acts(value: Json): boolean {
  return !(value === false || value === 0 || value === "" || value === null || (Array.isArray(value) && !value.length));
}
