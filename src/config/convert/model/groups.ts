/**
 * Converts `FeatureGroupConfig` to a spec and back.
 */
import type { GroupName, GroupSpec, ModelSpec } from "../../../spec/index.js";
import type { Json, JsonObject } from "../../../util/json.js";
import { messageType } from "../../schema/schema.js";
import { compact, fieldsOf } from "../fields.js";
import { mergeExtra } from "../merge.js";

/** The groups of PEPNet. */
export const groupNames: readonly GroupName[] = ["all", "domain", "uia"];

/** PEPNet's groups as specs; other groups are kept unchanged. */
export function readGroups(configs: Json | undefined): { groups: GroupSpec[]; others: JsonObject[] } {
  const messages = (configs ?? []) as readonly JsonObject[];
  const isKnown = (message: JsonObject): boolean => groupNames.includes(message["group_name"] as GroupName);
  return {
    groups: messages.filter(isKnown).map(readGroup),
    others: messages.filter((message) => !isKnown(message)),
  };
}

/** Drops an explicit `all` group of every feature in order, because it equals the default. */
export function canonicalGroups(groups: readonly GroupSpec[], features: readonly string[]): readonly GroupSpec[] {
  const every = JSON.stringify(features);
  return groups.filter(
    ({ name, features: own, extra }) =>
      !(name === "all" && JSON.stringify(own) === every && Object.keys(extra).length === 0),
  );
}

/**
 * Normalises a spec to the form that reading a config returns: an `all` group with every feature in order is
 * omitted. Two specs that differ only in this are the same model.
 */
export function canonicalSpec(spec: ModelSpec): ModelSpec {
  const names = spec.features.map((feature) => feature.name);
  return { ...spec, groups: canonicalGroups(spec.groups, names) };
}

/** Returns the groups as `FeatureGroupConfig`s; `all` is always written. */
export function writeGroups({ groups, features }: ModelSpec): JsonObject[] {
  const explicit = groups.some((group) => group.name === "all");
  const names = features.map((feature) => feature.name);
  const all: readonly GroupSpec[] = explicit ? [] : [{ name: "all", features: names, extra: {} }];
  return [...all, ...groups].map(writeGroup);
}

function readGroup(message: JsonObject): GroupSpec {
  const fields = fieldsOf(message, "FeatureGroupConfig");
  const name = fields.text("group_name") as GroupName;
  const features = fields.texts("feature_names");
  if (message["group_type"] === "DEEP") fields.take("group_type");
  return { name, features, extra: fields.rest() };
}

function writeGroup({ name, features, extra }: GroupSpec): JsonObject {
  const type = extra["group_type"] ?? "DEEP";
  const message = compact("FeatureGroupConfig", { group_name: name, feature_names: features, group_type: type });
  return mergeExtra(message, extra, messageType("FeatureGroupConfig"));
}
