/** Completes a fragment of a config, such as the `model_config` of TorchEasyRec's pages, from the columns of rows. */
import type * as Config from "../../config/index.js";
import { ConfigError, type Problem } from "../../errors/index.js";
import type { FeatureSpec } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { fileProblem, readText } from "../../util/files/read-whole.js";
import { commentLine, didYouMean, listNames } from "../../util/near.js";
import type { JsonObject } from "../../util/random.js";
import type { DatasetSource } from "../data/dataset.js";
import { dataset } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";
import { type FeatureChoice, suggestFeature } from "./suggest-model.js";
import { type ColumnProfile, callResult, columnProfiles } from "./suggested-model.js";

const config = (): typeof Config => require("../../config/index.js");

export interface CompletedConfig {
  /** With features for all names of the fragment's groups, fitted to the rows. */
  readonly spec: ModelSpec;
  /** Why each added feature is what it is, by its name. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Labels follow from the towers. @throws ConfigError with every name that the data lack or that no feature fits */
export async function completeConfig(text: string, source: DatasetSource, file = "config"): Promise<CompletedConfig> {
  const opened = config().openFragment(text, { path: file });
  const { table } = await dataset(source);
  const groups = groupsOf(opened.message);
  const declared = new Set(declaredNames(opened.message));
  const missing = [...new Set(groups.flatMap(({ names }) => names))].filter((name) => !declared.has(name));
  const placeholders = missing.map((name) => ({ raw_feature: { feature_name: name, expression: `context:${name}` } }));
  const features = [...((opened.message["feature_configs"] ?? []) as JsonObject[]), ...placeholders];
  const read = config().specFromConfig({ ...opened, message: { ...opened.message, feature_configs: features } });
  const profiles = await columnProfiles(table);
  const keys = new Set(groups.flatMap(({ group, names }) => (group === "uia" ? names : [])));
  const problems = [...missing, ...read.labels, ...read.sampleWeights].flatMap((name): Problem[] => {
    if (table.has(name)) return [];
    const received = `columns ${listNames(table.names)}`;
    return [
      {
        path: `${file}: ${name}`,
        message: "the data have no such column",
        received,
        fix: didYouMean(name, table.names),
      },
    ];
  });
  const reasons = new Map<string, string>();
  const chosen = missing
    .filter((name) => table.has(name))
    .map((name): readonly [string, readonly FeatureSpec[]] => {
      const choice = domainFeature(name, read) ?? namedFeature(name, profiles.get(name), keys.has(name));
      if (choice.features.length === 0) problems.push(unsuited(file, name, choice.reason));
      reasons.set(name, choice.reason);
      return [name, choice.features.flatMap((each) => callResult(each).toSpec())];
    });
  if (problems.length > 0) throw new ConfigError(problems);
  const made = new Map(chosen);
  const complete = { ...read, features: read.features.flatMap((each) => made.get(each.name) ?? [each]) };
  return { spec: await fittedSpec(complete, table), reasons };
}

/** The whole config of a file's fragment, below a comment for each added feature. */
export async function completedText(file: string, source: DatasetSource, trainInputPath: string): Promise<string> {
  const text = await readText(file, "config").catch((cause: unknown) => {
    throw new ConfigError({
      path: file,
      fix: "check the path",
      ...fileProblem(cause, "cannot read the config"),
      cause,
    });
  });
  const { spec, reasons } = await completeConfig(text, source, file);
  const comments = [...reasons].map(([name, reason]) => `${commentLine(`${name}: ${reason}`).replace("//", "#")}\n`);
  return comments.join("") + config().configText(spec, { trainInputPath });
}

function groupsOf({ model_config: model }: JsonObject): { group: string; names: string[] }[] {
  const groups = ((model as JsonObject | undefined)?.["feature_groups"] ?? []) as JsonObject[];
  return groups.map((group) => ({
    group: String(group["group_name"]),
    names: [group, ...((group["sequence_groups"] ?? []) as JsonObject[])].flatMap(
      (each) => (each["feature_names"] ?? []) as string[],
    ),
  }));
}

function declaredNames({ feature_configs: configs }: JsonObject): string[] {
  return ((configs ?? []) as JsonObject[]).flatMap((each) => {
    const [feature] = Object.values(each) as JsonObject[];
    const inside = (feature?.["features"] ?? []) as JsonObject[];
    const names = inside.flatMap((one) => Object.values(one) as JsonObject[]).map(({ feature_name: name }) => name);
    return [String(feature?.["feature_name"]), ...names.map((name) => `${feature?.["sequence_name"]}__${name}`)];
  });
}

/** The rule of TorchEasyRec's page: the domain's feature has a table row for each domain. */
function domainFeature(name: string, { domains }: ModelSpec): FeatureChoice | null {
  if (name !== domains?.column) return null;
  const methods = [
    ["buckets", domains.count],
    ["embedding", 16],
  ] as const;
  const reason = `the domain: num_buckets is task_domain_num (${domains.count})`;
  return { features: [{ start: "idFeature", values: [name], methods }], reason };
}

/** One feature of the column's name, also of a column that `suggestModel` leaves out. */
function namedFeature(name: string, profile: ColumnProfile | undefined, isKey: boolean): FeatureChoice {
  if (profile === undefined) return { features: [], reason: "a type that cannot be read" };
  const choice = suggestFeature(name, profile, isKey);
  const call = choice.features.find(({ start }) => start === "idFeature" || start === "rawFeature");
  if (call?.start === "rawFeature") return { features: [call], reason: "a number, scaled" };
  if (call !== undefined) return { features: [call], reason: choice.reason };
  const { type, distinct } = profile.summary;
  if (type !== "integer" && type !== "text" && type !== "boolean") return { features: [], reason: choice.reason };
  const size = 2 ** Math.ceil(Math.log2(2 * Math.max(distinct, 8)));
  const methods = [
    ["hash", size],
    ["embedding", 16],
  ] as const;
  const reason = `an id, hashed, as the config names it (${choice.reason.replace("left out: ", "")})`;
  return { features: [{ start: "idFeature", values: [name], methods }], reason };
}

function unsuited(file: string, name: string, reason: string): Problem {
  const message = "no feature of this name follows from its column";
  const fix = "declare it in feature_configs { … }, or remove it from the groups";
  return { path: `${file}: ${name}`, message, received: reason, fix };
}
