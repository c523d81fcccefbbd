/**
 * Converts a pipeline to the spec of a PEPNet.
 */
import { ConfigError, PepnetError, type Problem } from "../errors/index.js";
import type { DerivedColumns, FeatureSpec, ModelSpec, TrainingSpec } from "../spec/index.js";
import { defaultFeatures, emptySpec, mostEpochs } from "../spec/index.js";
import { structureProblems } from "../spec/validate/index.js";
import { deepFreeze } from "../util/freeze.js";
import type { Json, JsonObject } from "../util/json.js";
import { enclosingLists, isConsequence, withoutConsequences } from "./consequences.js";
import { asOwnGeneration, type Generation, isOwnGeneration, readGeneration } from "./convert/feature-generation.js";
import { readFeatures } from "./convert/features.js";
import { type Fields, readFields } from "./convert/fields.js";
import { mergeExtra } from "./convert/merge.js";
import { canonicalGroups, readGroups } from "./convert/model/groups.js";
import { withMetricNotes } from "./convert/model/losses.js";
import { type PepnetPart, readPepnet } from "./convert/model/pepnet.js";
import { type DataPart, readDataConfig } from "./convert/training/data.js";
import { readTrainConfig } from "./convert/training/training.js";
import { defaultPaths } from "./paths/default-paths.js";
import { configPaths } from "./paths/spec-paths.js";
import { type OpenConfigOptions, type PipelineConfig, readWithProblems } from "./pipeline/open-config.js";
import { messageType } from "./schema/schema.js";

/**
 * Returns the spec of a pipeline whose model is PEPNet. Fields that the spec does not model are kept in `extra` and
 * printed again. A config without `train_config` uses this library's defaults; one without `data_config` has the
 * labels that its towers name.
 * @param config a pipeline, or its text
 * @throws ConfigError with every problem and its path in the config: another model than PEPNet (by name), a tower
 * without a loss, an unknown feature in a group, domains without their number …
 * @example const spec = specFromConfig(await readFile("pipeline.config", "utf8"))
 */
export function specFromConfig(config: PipelineConfig | string, options: OpenConfigOptions = {}): ModelSpec {
  if (typeof config !== "string") return readSpec(config);
  const opened = readWithProblems(config, options);
  if (opened.problems.length === 0) return readSpec(opened.config);
  throw new ConfigError([...opened.problems, ...withoutConsequences(specProblems(opened.config), opened.problems)]);
}

/** The problems of a pipeline's spec. */
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
  const domainNames = (notes["domainNames"] ?? null) as readonly string[] | null;
  const torchEasyRec = readPepnet(model.child("pepnet"), domainNames, problems);
  const towers = withMetricNotes(torchEasyRec.towers, notes["metrics"], problems);
  const pepnet = { ...torchEasyRec, towers };
  const { groups, others } = readGroups(model.take("feature_groups"), problems);
  if (!groups.some((group) => group.name === "all")) problems.push(noAllGroup(others));
  const { data, features, keptData } = readColumns(root, pepnet, problems);
  const train = root.has("train_config") ? readTrainConfig(root.child("train_config"), problems) : null;
  const { labels, sampleWeights, ...batches } = data;
  const derived = notes["derived"] as DerivedColumns | undefined;
  const spec: ModelSpec = {
    features,
    labels,
    derived,
    sampleWeights,
    groups: canonicalGroups(groups, defaultFeatures({ features })),
    layers: [],
    ...pepnet,
    switches: emptySpec.switches,
    training: {
      ...emptySpec.training,
      ...train?.part,
      ...batches,
      ...(isAutomatic(train?.part, notes) ? { epochs: null } : {}),
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

/** Whether the length follows from the number of rows: the config notes it, and `num_epochs` was not edited since. */
function isAutomatic(train: Pick<TrainingSpec, "epochs" | "steps"> | undefined, notes: JsonObject): boolean {
  return notes["epochs"] === "automatic" && train?.epochs === mostEpochs && train.steps === null;
}

/** Rejects a pipeline of another model, by name. */
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
  const read = (as: Generation, faults: Problem[]): FeatureSpec[] =>
    configs.flatMap((config, index) => readFeatures(config, `feature_configs[${index}]`, as, faults));
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
  const weights = towers.flatMap((tower) => (tower.sampleWeight === null ? [] : [tower.sampleWeight]));
  return {
    labels: [...new Set([...labels, ...(domains ? [domains.column] : [])])],
    sampleWeights: [...new Set(weights)],
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

/** The spec's problems with config paths, except those that only follow from an earlier problem. */
function inConfigTerms(spec: ModelSpec, message: JsonObject, earlier: readonly Problem[]): Problem[] {
  const configPath = configPaths(spec, message);
  const all = structureProblems(spec).map((problem) => ({ ...problem, path: configPath(problem.path) }));
  const nameless = all.filter(({ path }) => path.endsWith(".feature_name"));
  const causes = all.filter((problem) => nameless.includes(problem) || !isConsequence(problem, nameless));
  const covered = new Set(earlier.flatMap((problem) => [problem.path, ...enclosingLists(problem.path)]));
  return causes.filter((problem) => !covered.has(problem.path));
}
