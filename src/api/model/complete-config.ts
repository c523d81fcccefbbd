/** Completes a fragment of a config, such as the `model_config` of TorchEasyRec's pages, from the columns of rows. */
import type * as Config from "../../core/config/index.js";
import { type ColumnProfile, columnProfiles } from "../../core/data/summary/column-profiles.js";
import { ConfigError, type Problem } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { commentLine } from "../../core/util/code-text.js";
import type { JsonObject } from "../../core/util/json.js";
import { didYouMean, listNames } from "../../core/util/names.js";
import { type DatasetSource, dataset } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";
import { type BuilderCall, callResult } from "./builder-calls.js";
import { type FeatureChoice, suggestFeature } from "./suggested-features.js";

const config = (): typeof Config => require("../../core/config/index.js");

/** @throws ConfigError with every name that the data lack or that no feature fits */
export async function completeConfig(
  text: string,
  source: DatasetSource,
  file = "config",
): Promise<{ readonly spec: ModelSpec; readonly reasons: ReadonlyMap<string, string> }> {
  const { featurePlaces, openFragment, specFromConfig } = config();
  const opened = openFragment(text, { path: file });
  const { table } = await dataset(source);
  const { model_config: model, feature_configs: declared = [] } = opened.message;
  const configs = declared as readonly JsonObject[];
  const groups = ((model as JsonObject | undefined)?.["feature_groups"] ?? []) as readonly JsonObject[];
  const names = new Set(featurePlaces(configs).map(([name]) => name));
  const missing = [...new Set(groups.flatMap(namesIn))].filter((name) => !names.has(name));
  // Ids, which every type of group may hold, so that the rest can be read.
  const stand = missing.map((name) => ({
    id_feature: { feature_name: name, expression: `context:${name}`, num_buckets: 2, embedding_dim: 4 },
  }));
  const read = specFromConfig({ ...opened, message: { ...opened.message, feature_configs: [...configs, ...stand] } });
  const problems = [...missing, ...read.labels, ...read.sampleWeights].flatMap((name): Problem[] => {
    const received = `columns ${listNames(table.names)}`;
    const absent = { path: `${file}: ${name}`, message: "the data have no such column", received };
    return table.has(name) ? [] : [{ ...absent, fix: didYouMean(name, table.names) }];
  });
  const profiles = await columnProfiles(table);
  const keys = new Set(groups.flatMap((group) => (group["group_name"] === "uia" ? namesIn(group) : [])));
  const choices = missing
    .filter((name) => table.has(name))
    .map((name): [string, FeatureChoice] => {
      const choice = domainFeature(name, read) ?? namedFeature(name, profiles.get(name), keys.has(name));
      if (choice.features.length === 0) {
        const message = "no feature of this name follows from its column";
        const fix = "declare it in feature_configs { … }, or remove it from the groups";
        problems.push({ path: `${file}: ${name}`, message, received: choice.reason, fix });
      }
      return [name, choice];
    });
  if (problems.length > 0) throw new ConfigError(problems);
  const made = new Map(choices);
  const features = read.features.flatMap(
    (each) => made.get(each.name)?.features.flatMap((call) => callResult(call).toSpec()) ?? [each],
  );
  const reasons = new Map(choices.map(([name, { reason }]) => [name, reason]));
  return { spec: await fittedSpec({ ...read, features }, table), reasons };
}

export interface CompletedText {
  /** The whole config, below a comment for each added feature. */
  readonly text: string;
  /** `NAME: the reason for the feature`, for each added feature. */
  readonly reasons: readonly string[];
}

/** The whole config of a file's fragment. */
export async function completedText(
  file: string,
  source: DatasetSource,
  trainInputPath: string,
): Promise<CompletedText> {
  const { configText, readConfigText } = config();
  const { spec, reasons } = await completeConfig(await readConfigText(file), source, file);
  const lines = [...reasons].map(([name, reason]) => `${name}: ${reason}`);
  const comments = lines.map((line) => `${commentLine(line).replace("//", "#")}\n`);
  return { text: comments.join("") + configText(spec, { trainInputPath }), reasons: lines };
}

function namesIn(group: JsonObject): string[] {
  const parts = [group, ...((group["sequence_groups"] ?? []) as JsonObject[])];
  return parts.flatMap((each) => (each["feature_names"] ?? []) as string[]);
}

/** The rule of TorchEasyRec's page: the domain's feature has a table row for each domain. */
function domainFeature(name: string, { domains }: ModelSpec): FeatureChoice | null {
  if (name !== domains?.column) return null;
  const reason = `the domain: num_buckets is task_domain_num (${domains.count})`;
  return { features: [idOf(name, "buckets", domains.count)], reason };
}

function idOf(name: string, encoding: "buckets" | "hash", size: number): BuilderCall {
  return {
    start: "idFeature",
    values: [name],
    methods: [
      [encoding, size],
      ["embedding", 16],
    ],
  };
}

/** One feature with the column's name, even for a column that `suggestModel` leaves out. */
function namedFeature(name: string, profile: ColumnProfile | undefined, isKey: boolean): FeatureChoice {
  if (profile === undefined) return { features: [], reason: "a type that cannot be read" };
  const { type, distinct } = profile.summary;
  // As in TorchEasyRec's own configs: cms_segid, customer and brand are whole numbers.
  const isNumbered = type === "integer" && !isKey;
  const { features, reason } = suggestFeature(name, profile, isKey || isNumbered);
  const call = features.find(({ start }) => start === "idFeature" || start === "rawFeature");
  if (call !== undefined) {
    const amount = `; of an amount, declare feature_configs { raw_feature { feature_name: "${name}" expression: "item:${name}" } }`;
    const why = call.start === "rawFeature" ? "a number, scaled" : reason;
    return { features: [call], reason: isNumbered ? `${why}${amount}` : why };
  }
  if (type !== "integer" && type !== "text" && type !== "boolean") return { features: [], reason };
  const size = 2 ** Math.ceil(Math.log2(2 * Math.max(distinct, 8)));
  const why = `an id, hashed, as the config names it (${reason.replace("left out: ", "")})`;
  return { features: [idOf(name, "hash", size)], reason: why };
}
