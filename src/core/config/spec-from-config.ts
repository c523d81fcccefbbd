/** Converts a pipeline config to the spec of a PEPNet. */
import { ConfigError, PepnetError, type Problem, type ProblemKind } from "../errors/index.js";
import type { DerivedColumns } from "../spec/feature/derived.js";
import { type FeatureSpec, featureOptions } from "../spec/feature/feature.js";
import { defaultFeatures, emptySpec, everyGroup, type GroupName, type ModelSpec } from "../spec/model.js";
import type { Option } from "../spec/option.js";
import {
  denseOptions,
  encoderOptions,
  epnetOptions,
  learningRateOptions,
  mlpOptions,
  ppnetOptions,
  taskSpaceOptions,
  towerOptions,
} from "../spec/tables.js";
import { mostEpochs, type TrainingSpec } from "../spec/training.js";
import { structureProblems } from "../spec/validate/model.js";
import { deepFreeze, type Json, type JsonObject } from "../util/json.js";
import { snakeCase } from "../util/text.js";
import { defaultPaths } from "./config-from-spec.js";
import { type DataPart, readDataConfig } from "./convert/data.js";
import { FeatureConfigs, withPieceNotes, withVocabularyNotes } from "./convert/features.js";
import {
  asOwnGeneration,
  type Fields,
  fieldName,
  type Generation,
  isOwnGeneration,
  mergeExtra,
  readFields,
  readGeneration,
} from "./convert/fields.js";
import { canonicalGroups, readGroups } from "./convert/groups.js";
import { withMetricNotes } from "./convert/losses.js";
import { type PepnetPart, readPepnet } from "./convert/towers.js";
import { readTrainConfig } from "./convert/training.js";
import { type OpenConfigOptions, type PipelineConfig, readWithProblems } from "./pipeline/open-config.js";
import { messageType } from "./schema.js";

/** Parts of the config that declare names: if such a part cannot be read, references to its names cannot be checked. */
const lookUps: readonly { readonly kinds: readonly ProblemKind[]; readonly where: RegExp }[] = [
  {
    kinds: ["unknown feature", "unknown feature or label", "domain column is not a label"],
    where: /^feature_configs\[\d+\](\.\w+|\.\w+\.feature_name)?$/,
  },
  {
    kinds: ["unknown label", "unknown sample weight field", "domain column is not a label"],
    where: /^data_config(\.\w+)?$/,
  },
];

/** The problems of a spec, except those that follow from unreadable parts of its config. */
function withoutConsequences(problems: readonly Problem[], unread: readonly Problem[]): Problem[] {
  const parent = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf(".")));
  const covered = new Set(unread.flatMap(({ path }) => [path, parent(path), ...enclosingLists(path)]));
  return problems.filter((problem) => !covered.has(problem.path) && !isConsequence(problem, unread));
}

function isConsequence({ kind }: Problem, unread: readonly Problem[]): boolean {
  if (kind === undefined) return false;
  return lookUps.some(({ kinds, where }) => kinds.includes(kind) && unread.some(({ path }) => where.test(path)));
}

/** The lists that contain a path: `a[1].b` and `a` for `a[1].b[2]`. */
function enclosingLists(place: string): string[] {
  return [...place.matchAll(/\[/g)].map(({ index }) => place.slice(0, index));
}

/** TorchEasyRec's fields of options, between a prefix of their names and one of the fields. */
function fieldNames(options: object, prefix = "", holder = ""): Readonly<Record<string, string>> {
  const entries = Object.entries<Option>(options as Readonly<Record<string, Option>>);
  return Object.fromEntries(entries.map(([name, option]) => [prefix + name, holder + fieldName(name, option)]));
}

const renamed: Readonly<Record<string, string>> = {
  ...fieldNames(towerOptions),
  ...fieldNames(featureOptions.combo),
  ...fieldNames(taskSpaceOptions, "taskSpace."),
  taskSpace: "task_space_indicator_label",
  minWeight: "pareto_min_loss_weight",
  ...fieldNames(mlpOptions, "mlp.", "mlp."),
  ...fieldNames(denseOptions.adagrad),
  ...fieldNames(learningRateOptions.cosine_annealing),
  ...fieldNames(learningRateOptions.cosine_annealing_warm_restarts),
  "encoding.count": "num_buckets",
  "encoding.size": "hash_bucket_size",
  "encoding.values": "vocab_list",
  "encoding.entries": "vocab_dict",
  "encoding.path": "vocab_file",
  pattern: "regex_pattern",
};

/** Config paths by the start of spec paths; the first that fits counts. */
const fixed: Readonly<Record<string, string>> = {
  ...fieldNames(epnetOptions, "epnet.", "model_config.pepnet."),
  ...fieldNames(ppnetOptions, "ppnet.", "model_config.pepnet."),
  "domains.column": "model_config.pepnet.domain_input_name",
  "domains.count": "model_config.pepnet.task_domain_num",
  "domains.names": "# pepnet.domainNames",
  derived: "# pepnet.derived",
  labels: "data_config.label_fields",
  sampleWeights: "data_config.sample_weight_fields",
  "training.batchSize": "data_config.batch_size",
  "training.evalBatchSize": "data_config.eval_batch_size",
  "training.seed": "# pepnet.seed",
  "training.outputBias": "# pepnet.outputBias",
  "training.lossWeights": "model_config.use_pareto_loss_weight",
  "training.epochs": "train_config.num_epochs",
  "training.steps": "train_config.num_steps",
  "training.partOptimizers": "train_config.dense_optimizer.part_optimizers",
  "training.emaDecay": "train_config.dense_optimizer.ema.decay",
  "training.gradientAccumulation": "train_config.gradient_accumulation_steps",
  "training.gradClipping": "train_config.grad_clipping",
  training: "train_config",
  towers: "model_config.pepnet.task_towers",
  features: "feature_configs",
  groups: "model_config.feature_groups",
};

type Place = readonly [name: string, path: string];

function configPaths(spec: ModelSpec, message: JsonObject): (path: string) => string {
  const model = message["model_config"] as JsonObject | undefined;
  const groups = ((model?.["feature_groups"] ?? []) as readonly JsonObject[]).flatMap((each, index): Place[] => {
    const name = each["group_name"] as GroupName;
    return everyGroup.includes(name) ? [[name, `model_config.feature_groups[${index}]`]] : [];
  });
  const towers = spec.towers.map(({ name }, index): Place => [name, `model_config.pepnet.task_towers[${index}]`]);
  const features = featurePlaces((message["feature_configs"] ?? []) as readonly JsonObject[]);
  // The first place of each name counts.
  const sections = [
    { start: "towers.", places: new Map(towers.reverse()), rename: configNames },
    { start: "features.", places: new Map(features.reverse()), rename: configNames },
    { start: "groups.", places: new Map(groups.reverse()), rename: groupRest },
  ];
  return (path) => {
    for (const { start, places, rename } of sections) {
      const named = path.startsWith(start) ? namedPlace(path.slice(start.length), places) : null;
      if (named !== null) return named.path + rename(named.rest);
    }
    return optimizerPath(path, spec.training) ?? fixedPath(path);
  };
}

/** The features with their paths; those of a `sequence_feature` are named after it. */
export function featurePlaces(configs: readonly JsonObject[]): Place[] {
  return configs.flatMap((config, index): Place[] => {
    const [field, message] = (Object.entries(config) as [string, JsonObject][])[0] ?? ["", {}];
    const path = `feature_configs[${index}].${field}`;
    if (field !== "sequence_feature") return [[String(message["feature_name"] ?? ""), path]];
    return featurePlaces((message["features"] ?? []) as readonly JsonObject[]).map(([name, inner]) => [
      `${message["sequence_name"]}__${name}`,
      `${path}.${inner.replace("feature_configs", "features")}`,
    ]);
  });
}

const sequenceNames: Readonly<Record<string, string>> = {
  ...fieldNames(encoderOptions.self_attention),
  ...fieldNames(encoderOptions.pooling),
  ...fieldNames(encoderOptions.multi_window_din),
  mlp: "attn_mlp",
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
  for (const [start, target] of Object.entries(fixed)) {
    if (path.startsWith(start)) return target + path.slice(start.length).replace(/\.[a-z].*$/i, configNames);
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

/** The longest name that a path starts with, and the rest of the path; names may contain dots and brackets. */
function namedPlace(path: string, places: ReadonlyMap<string, string>): { path: string; rest: string } | null {
  const ends = [...path.matchAll(/[.[]/g)].map((match) => match.index);
  for (const end of [path.length, ...ends.reverse()]) {
    const place = places.get(path.slice(0, end));
    if (place !== undefined) return { path: place, rest: path.slice(end) };
  }
  return null;
}

/** `.taskSpace.inWeight` → `.in_task_space_weight`. */
function configNames(rest: string): string {
  return rest.replace(/\.([A-Za-z.]+)/g, (_, name: string) => `.${renamed[name] ?? snakeCase(name)}`);
}

/**
 * Converts a config to a spec, which keeps other fields in `extra`.
 * @throws ConfigError with every problem and its path
 */
export function specFromConfig(config: PipelineConfig | string, options: OpenConfigOptions = {}): ModelSpec {
  if (typeof config !== "string") return readSpec(config);
  const opened = readWithProblems(config, options);
  if (opened.problems.length === 0) return readSpec(opened.config);
  throw new ConfigError([...opened.problems, ...withoutConsequences(specProblems(opened.config), opened.problems)]);
}

function specProblems(config: PipelineConfig): readonly Problem[] {
  try {
    readSpec(config);
    return [];
  } catch (error) {
    if (error instanceof PepnetError) return error.problems;
    throw error;
  }
}

function readSpec({ message, notes }: PipelineConfig): ModelSpec {
  const problems: Problem[] = [];
  const root = readFields(message, "EasyRecConfig");
  const model = root.child("model_config");
  refuseOtherModels(message["model_config"] as JsonObject | undefined);
  const torchEasyRec = readPepnet(model.child("pepnet"), notes, problems);
  const pepnet = { ...torchEasyRec, towers: withMetricNotes(torchEasyRec.towers, notes["metrics"], problems) };
  const isPareto = model.read("use_pareto_loss_weight", "flag");
  const { groups, others } = readGroups(model.take("feature_groups"), problems);
  if (!groups.some((group) => group.name === "all")) problems.push(noAllGroup(others));
  const { data, features: read, keptData } = readColumns(root, pepnet, problems);
  const withPieces = withPieceNotes(read, notes["pieces"], problems);
  const features = withVocabularyNotes(withPieces, notes["vocabularies"], problems);
  const train = root.has("train_config") ? readTrainConfig(root.child("train_config"), problems) : null;
  const { epochs, steps } = train?.part ?? emptySpec.training;
  const { labels, sampleWeights, ...batches } = data;
  const spec: ModelSpec = {
    features,
    labels,
    derived: notes["derived"] as DerivedColumns | undefined,
    sampleWeights,
    groups: canonicalGroups(groups, defaultFeatures({ features })),
    layers: [],
    ...pepnet,
    training: {
      ...emptySpec.training,
      ...train?.part,
      ...batches,
      // The config's notes say that the length follows from the number of rows, and num_epochs was not edited since.
      ...(notes["epochs"] === "automatic" && epochs === mostEpochs && steps === null ? { epochs: null } : {}),
      ...(notes["like"] === undefined ? {} : { like: "torcheasyrec" as const }),
      ...(notes["outputBias"] === "rate" ? { outputBias: "rate" as const } : {}),
      ...(isPareto ? { lossWeights: "pareto" as const } : {}),
      seed: (notes["seed"] ?? emptySpec.training.seed) as number,
    },
    extra: leftovers(root, unnamedPaths(message), {
      train_config: train?.kept ?? {},
      data_config: keptData,
      model_config: { feature_groups: others },
    }),
  };
  const all = [...problems, ...inConfigTerms(spec, message, problems)];
  if (all.length > 0) throw new ConfigError(all);
  return deepFreeze(spec);
}

function refuseOtherModels(model: JsonObject | undefined): void {
  const names = messageType("ModelConfig").oneofs["model"]?.oneof ?? [];
  const name = names.find((candidate) => model !== undefined && candidate in model);
  if (name === "pepnet") return;
  throw new ConfigError({
    path: name === undefined ? "model_config" : `model_config.${name}`,
    message: name === undefined ? "this pipeline has no model" : `this pipeline's model is ${name}, not pepnet`,
    received: name ?? (model === undefined ? "no model_config" : "a model_config without a model"),
    expected: "model_config { pepnet { … } }",
    fix:
      name === undefined
        ? undefined
        : "you can open, edit and print this config, but you can build a model only from a PEPNet",
  });
}

/** Reads data and features together: the mode of the columns changes the meaning of some feature fields. */
function readColumns(
  root: Fields,
  pepnet: PepnetPart,
  problems: Problem[],
): { data: DataPart; features: readonly FeatureSpec[]; keptData: JsonObject } {
  const declared = root.has("data_config");
  const dataFields = root.child("data_config");
  const generation = readGeneration(dataFields);
  const part = readDataConfig(dataFields);
  const data = declared ? part : { ...part, ...namedByTowers(pepnet) };
  const configs = (root.take("feature_configs") ?? []) as readonly JsonObject[];
  const read = (as: Generation, faults: Problem[]): FeatureSpec[] => {
    const reader = new FeatureConfigs(as, faults);
    return configs.flatMap((config, index) => reader.read(config, `feature_configs[${index}]`));
  };
  const features = read(asOwnGeneration(generation), []);
  if (isOwnGeneration(generation, features) || !declared) {
    if (generation.mode === "FG_NONE") dataFields.take("fg_encoded_multival_sep");
    const as = declared ? asOwnGeneration(generation) : { ...generation, mode: "FG_NORMAL" };
    return { data, features: read(as, problems), keptData: {} };
  }
  return { data, features: read(generation, problems), keptData: { fg_mode: generation.mode } };
}

function namedByTowers({ towers, domains }: PepnetPart): Pick<DataPart, "labels" | "sampleWeights"> {
  const labels = towers.flatMap((tower) => [tower.label, ...(tower.taskSpace ? [tower.taskSpace.indicatorLabel] : [])]);
  return {
    labels: [...new Set([...labels, ...(domains ? [domains.column] : [])])],
    sampleWeights: [...new Set(towers.flatMap((tower) => (tower.sampleWeight === null ? [] : [tower.sampleWeight])))],
  };
}

/** The paths that a pipeline leaves to the command line; a fragment without data has none. */
function unnamedPaths(message: JsonObject): JsonObject {
  if (!("data_config" in message)) return {};
  const unnamed = Object.keys(defaultPaths).filter((name) => !(name in message));
  return Object.fromEntries(unnamed.map((name) => [name, ""]));
}

/** The unread fields, except the paths that an export would write itself. */
function leftovers(root: Fields, paths: JsonObject, unreadFields: Readonly<Record<string, JsonObject>>): JsonObject {
  const rest = Object.entries(root.rest()).filter(([name, value]) => (defaultPaths as JsonObject)[name] !== value);
  const nonEmpty = Object.entries(unreadFields)
    .map(([name, value]): [string, JsonObject] => [name, withoutEmptyLists(value)])
    .filter(([, value]) => Object.keys(value).length > 0);
  return mergeExtra(
    { ...paths, ...Object.fromEntries(rest) } as JsonObject,
    Object.fromEntries(nonEmpty) as JsonObject,
    messageType("EasyRecConfig"),
  );
}

function withoutEmptyLists(message: JsonObject): JsonObject {
  const entries = Object.entries(message) as [string, Json][];
  return Object.fromEntries(entries.filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}

function noAllGroup(others: readonly JsonObject[]): Problem {
  const names = others.map((group) => JSON.stringify(group["group_name"])).join(", ");
  return {
    path: "model_config.feature_groups",
    message: `PEPNet needs the group "all"`,
    received: names === "" ? "no groups" : `groups ${names}`,
    expected: `feature_groups { group_name: "all" … }`,
  };
}

/** Replaces the problems of a fragment without features by one. TorchEasyRec's pages show such fragments. */
function withoutFeatures(problems: readonly Problem[]): Problem[] {
  const fix = 'pepnet config complete FILE --data train.parquet, or pepnet.fromConfig(text, { data: "train.parquet" })';
  const message = "this config declares no features; they can follow from the columns of data";
  return problems
    .filter(({ path }) => !/feature_names\[\d+\]$/.test(path))
    .map((problem) => (problem.path === "feature_configs" ? { ...problem, message, fix } : problem));
}

/** The spec's problems with config paths, except those that only follow from an earlier problem. */
function inConfigTerms(spec: ModelSpec, message: JsonObject, earlier: readonly Problem[]): Problem[] {
  const configPath = configPaths(spec, message);
  const problems = structureProblems(spec).map((problem) => ({ ...problem, path: configPath(problem.path) }));
  const all = "feature_configs" in message ? problems : withoutFeatures(problems);
  const nameless = all.filter(({ path }) => path.endsWith(".feature_name"));
  const causes = all.filter((problem) => nameless.includes(problem) || !isConsequence(problem, nameless));
  const covered = new Set(earlier.flatMap((problem) => [problem.path, ...enclosingLists(problem.path)]));
  return causes.filter((problem) => !covered.has(problem.path));
}
