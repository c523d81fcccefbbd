/**
 * Maps a spec path to the path of the config field: `towers.cvr.losses` →
 * `model_config.pepnet.task_towers[1].losses`.
 */
import { everyGroup, type ModelSpec, type TrainingSpec } from "../../spec/index.js";
import type { JsonObject } from "../../util/json.js";

/** Names that differ by more than snake case. */
const renamed: Readonly<Record<string, string>> = {
  name: "feature_name",
  label: "label_name",
  sampleWeight: "sample_weight_name",
  "taskSpace.indicatorLabel": "task_space_indicator_label",
  "taskSpace.inWeight": "in_task_space_weight",
  "taskSpace.outWeight": "out_task_space_weight",
  taskSpace: "task_space_indicator_label",
  "mlp.hidden": "mlp.hidden_units",
  "mlp.dropout": "mlp.dropout_ratio",
  "encoding.count": "num_buckets",
  "encoding.size": "hash_bucket_size",
  "encoding.values": "vocab_list",
  "encoding.entries": "vocab_dict",
  "encoding.path": "vocab_file",
  defaultBucket: "default_bucketize_value",
  initialAccumulator: "initial_accumulator_value",
  tMax: "T_max",
  t0: "T_0",
  tMult: "T_mult",
  pattern: "regex_pattern",
};

const fixed: readonly (readonly [RegExp, string])[] = [
  [/^epnet\.hidden/, "model_config.pepnet.epnet_hidden_unit"],
  [/^epnet\.gamma/, "model_config.pepnet.epnet_gamma"],
  [/^ppnet\.hidden/, "model_config.pepnet.ppnet_hidden_units"],
  [/^ppnet\.dropout/, "model_config.pepnet.ppnet_dropout_ratio"],
  [/^ppnet\.activation/, "model_config.pepnet.ppnet_activation"],
  [/^ppnet\.gamma/, "model_config.pepnet.ppnet_gamma"],
  [/^domains\.column/, "model_config.pepnet.domain_input_name"],
  [/^domains\.count/, "model_config.pepnet.task_domain_num"],
  [/^domains\.names/, "# pepnet.domainNames"],
  [/^derived/, "# pepnet.derived"],
  [/^labels/, "data_config.label_fields"],
  [/^sampleWeights/, "data_config.sample_weight_fields"],
  [/^training\.batchSize/, "data_config.batch_size"],
  [/^training\.evalBatchSize/, "data_config.eval_batch_size"],
  [/^training\.seed/, "# pepnet.seed"],
  [/^training\.epochs/, "train_config.num_epochs"],
  [/^training\.steps/, "train_config.num_steps"],
  [/^training\.partOptimizers/, "train_config.dense_optimizer.part_optimizers"],
  [/^training\.emaDecay/, "train_config.dense_optimizer.ema.decay"],
  [/^training\.gradientAccumulation/, "train_config.gradient_accumulation_steps"],
  [/^training\.gradClipping/, "train_config.grad_clipping"],
  [/^training/, "train_config"],
  [/^towers/, "model_config.pepnet.task_towers"],
  [/^features/, "feature_configs"],
  [/^groups/, "model_config.feature_groups"],
];

/** The config path of a spec path, for a spec converted from `message`. */
export function configPaths(spec: ModelSpec, message: JsonObject): (path: string) => string {
  const towers = placesByName(spec.towers.map((each) => each.name));
  const entries = featurePlaces((message["feature_configs"] ?? []) as readonly JsonObject[]);
  const features = placesByName(entries.map(({ name }) => name));
  const groups = placesByName(everyGroup);
  const model = message["model_config"] as JsonObject | undefined;
  const groupConfigs = (model?.["feature_groups"] ?? []) as readonly JsonObject[];
  return (path) => {
    const tower = indexed(path, "towers", towers);
    if (tower !== null) return `model_config.pepnet.task_towers[${tower.index}]${configNames(tower.rest)}`;
    const feature = indexed(path, "features", features);
    if (feature !== null) return `${entries[feature.index]!.path}${configNames(feature.rest)}`;
    const group = indexed(path, "groups", groups);
    if (group !== null) {
      const index = groupConfigs.findIndex((each) => each["group_name"] === everyGroup[group.index]);
      if (index >= 0) return `model_config.feature_groups[${index}]${groupRest(group.rest)}`;
    }
    return optimizerPath(path, spec.training) ?? fixedPath(path);
  };
}

/** The features with their paths; those of a `sequence_feature` are named after it. */
function featurePlaces(configs: readonly JsonObject[]): { name: string; path: string }[] {
  return configs.flatMap((config, index) => {
    const [field, message] = (Object.entries(config) as [string, JsonObject][])[0] ?? ["", {}];
    const path = `feature_configs[${index}].${field}`;
    if (field !== "sequence_feature") return [{ name: String(message["feature_name"] ?? ""), path }];
    return featurePlaces((message["features"] ?? []) as readonly JsonObject[]).map((each) => ({
      name: `${message["sequence_name"]}__${each.name}`,
      path: `${path}.${each.path.replace("feature_configs", "features")}`,
    }));
  });
}

const sequenceNames: Readonly<Record<string, string>> = {
  maxLength: "max_seq_length",
  mlp: "attn_mlp",
  windows: "windows_len",
  heads: "num_heads",
  dim: "multihead_attn_dim",
  pooling: "pooling_type",
  hidden: "hidden_units",
  features: "feature_names",
  suffix: "embedding_name_suffix",
};

/** `[1]` → `.feature_names[1]`, `.sequences.encoders[0].maxLength` → `.sequence_encoders[0].max_seq_length`. */
function groupRest(rest: string): string {
  if (!rest.startsWith(".sequences")) return rest.replace(/^(?=\[)/, ".feature_names");
  return rest
    .replace(/^\.sequences\.(groups|encoders)/, ".sequence_$1")
    .replace(/\.(\w+)/g, (whole, name: string) => `.${sequenceNames[name] ?? whole.slice(1)}`);
}

function fixedPath(path: string): string {
  for (const [pattern, target] of fixed) {
    if (pattern.test(path)) return target + path.replace(pattern, "").replace(/\.[a-z].*$/i, configNames);
  }
  return path;
}

/** The path of a setting of an optimiser or schedule, through the oneof: `….adam_optimizer.lr`. */
function optimizerPath(path: string, training: TrainingSpec): string | null {
  const [, side, part, what, rest = ""] =
    /^training\.(?:(dense|sparse)|partOptimizers\[(\d+)\]\.)(optimizer|[lL]earningRate)?(?=\.|$)(.*)$/s.exec(path) ??
    [];
  const partOptimizer = part === undefined ? null : training.partOptimizers[Number(part)];
  if ((side === undefined && partOptimizer == null) || (partOptimizer && what === undefined)) return null;
  const isRate = what !== undefined && what !== "optimizer";
  const holder =
    side === undefined ? `train_config.dense_optimizer.part_optimizers[${part}]` : `train_config.${side}_optimizer`;
  const chosen = partOptimizer ?? {
    optimizer: side === "sparse" ? training.sparse : training.dense,
    learningRate: side === "sparse" ? training.sparseLearningRate : training.denseLearningRate,
  };
  const { optimizer, learningRate } = chosen;
  const field = isRate
    ? `${learningRate.kind}_learning_rate`
    : optimizer.kind === "other"
      ? optimizer.field
      : `${optimizer.kind}_optimizer`;
  return `${holder}.${field}${configNames(rest)}`;
}

/** The first index of each name. */
function placesByName(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index): [string, number] => [name, index]).reverse());
}

/** The longest name that the path starts with, and the rest of the path; names may contain points and brackets. */
function indexed(
  path: string,
  section: string,
  places: ReadonlyMap<string, number>,
): { index: number; rest: string } | null {
  if (!path.startsWith(`${section}.`)) return null;
  const tail = path.slice(section.length + 1);
  const ends = [...tail.matchAll(/[.[]/g)].map((match) => match.index);
  for (const end of [tail.length, ...ends.reverse()]) {
    const index = places.get(tail.slice(0, end));
    if (index !== undefined) return { index, rest: tail.slice(end) };
  }
  return null;
}

/** `.taskSpace.inWeight` → `.in_task_space_weight`. */
function configNames(rest: string): string {
  const [, name, tail] = /^\.([A-Za-z.]+)(.*)$/s.exec(rest) ?? [];
  if (name === undefined) return rest;
  return `.${renamed[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}${tail}`;
}
