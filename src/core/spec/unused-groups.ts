/** Groups of a config that PEPNet does not read, which TorchEasyRec embeds all the same. */

import type { JsonObject } from "../util/json.js";
import { tableName } from "./feature/feature.js";
import type { ModelSpec } from "./model.js";

/** The names of these groups, in the order of the config. */
export function unusedGroups(spec: ModelSpec): string[] {
  return groupsOf(spec).map((group) => String(group["group_name"]));
}

/** Tells the parameters of these groups, tables and encoders, by their names in TorchEasyRec. */
export function ofUnusedGroups(spec: ModelSpec): (parameter: string) => boolean {
  const tables = groupsOf(spec)
    .flatMap(featureNames)
    .map((name) => {
      const feature = spec.features.find((each) => each.name === name);
      return (feature && tableName(feature)) ?? `${name}_emb`;
    });
  const groups = unusedGroups(spec);
  return (parameter) => {
    const [model, part, ...rest] = parameter.split(".");
    if (model !== "model" || part !== "embedding_group") return false;
    if (rest[0] === "_group_name_to_seq_encoders")
      return groups.some((name) => rest.slice(1).join(".").startsWith(`${name}.`));
    return rest.some((each) => tables.some((table) => each === table || each.startsWith(`${table}_`)));
  };
}

function groupsOf({ extra }: ModelSpec): readonly JsonObject[] {
  const { feature_groups: groups = [] } = (extra["model_config"] ?? {}) as { feature_groups?: readonly JsonObject[] };
  return groups;
}

function featureNames(group: JsonObject): readonly string[] {
  const sequences = (group["sequence_groups"] ?? []) as readonly JsonObject[];
  return [group, ...sequences].flatMap(({ feature_names: names }) => (names ?? []) as readonly string[]);
}
