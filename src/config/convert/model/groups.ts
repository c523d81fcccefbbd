/**
 * Converts `FeatureGroupConfig` to a spec and back.
 */
import type { Problem } from "../../../errors/index.js";
import { defaultFeatures, everyGroup, type GroupName, type GroupSpec, type ModelSpec } from "../../../spec/index.js";
import type { Json, JsonObject } from "../../../util/json.js";
import { messageType } from "../../schema/schema.js";
import { compact, readFields } from "../fields.js";
import { mergeExtra } from "../merge.js";
import { readGroupSequences, writeGroupSequences } from "./sequences.js";

/** PEPNet's groups as specs; other groups are kept unchanged. */
export function readGroups(
  configs: Json | undefined,
  problems: Problem[],
): { groups: GroupSpec[]; others: JsonObject[] } {
  const messages = (configs ?? []) as readonly JsonObject[];
  const isKnown = (message: JsonObject): boolean => everyGroup.includes(message["group_name"] as GroupName);
  problems.push(...messages.flatMap(typeProblems));
  return {
    groups: messages.filter(isKnown).map((message) => readGroup(message, problems)),
    others: messages.filter((message) => !isKnown(message)),
  };
}

/** TorchEasyRec builds encoders in DEEP groups only, and PEPNet fails on groups of sequences. */
function typeProblems(message: JsonObject, index: number): Problem[] {
  const type = message["group_type"] ?? "DEEP";
  const path = `model_config.feature_groups[${index}].group_type`;
  const encodes = ["sequence_groups", "sequence_encoders"].some((field) => field in message);
  if (type !== "DEEP" && encodes) {
    const text = "sequence groups and encoders need a group of type DEEP";
    return [{ path, message: text, received: String(type), expected: "DEEP" }];
  }
  const isRead = everyGroup.includes(message["group_name"] as GroupName);
  if (!isRead || (type !== "SEQUENCE" && type !== "JAGGED_SEQUENCE")) return [];
  const text = "PEPNet reads one vector per row, so its groups cannot be of a sequence type: TorchEasyRec fails on it";
  return [{ path, message: text, received: type, expected: "DEEP", fix: "use sequence_groups with an encoder" }];
}

/** Drops an explicit `all` group of every feature in order, because it equals the default. */
export function canonicalGroups(groups: readonly GroupSpec[], features: readonly string[]): readonly GroupSpec[] {
  const every = JSON.stringify(features);
  return groups.filter(
    ({ name, features: names, sequences, extra }) =>
      !(
        name === "all" &&
        JSON.stringify(names) === every &&
        sequences === undefined &&
        Object.keys(extra).length === 0
      ),
  );
}

/**
 * Normalises a spec to the form that reading a config returns: an `all` group with every feature in order is
 * omitted. Two specs that differ only in this are the same model.
 */
export function canonicalSpec(spec: ModelSpec): ModelSpec {
  return { ...spec, groups: canonicalGroups(spec.groups, defaultFeatures(spec)) };
}

/** Returns the groups as `FeatureGroupConfig`s; `all` is always written. */
export function writeGroups(spec: ModelSpec): JsonObject[] {
  const { groups } = spec;
  const explicit = groups.some((group) => group.name === "all");
  const all: readonly GroupSpec[] = explicit ? [] : [{ name: "all", features: defaultFeatures(spec), extra: {} }];
  return [...all, ...groups].map(writeGroup);
}

function readGroup(message: JsonObject, problems: Problem[]): GroupSpec {
  const fields = readFields(message, "FeatureGroupConfig");
  const name = fields.text("group_name") as GroupName;
  const features = fields.texts("feature_names");
  if (message["group_type"] === "DEEP") fields.take("group_type");
  const sequences = readGroupSequences(fields, name, problems);
  const extra = fields.rest();
  return sequences === null ? { name, features, extra } : { name, features, sequences, extra };
}

function writeGroup({ name, features, sequences, extra }: GroupSpec): JsonObject {
  const type = extra["group_type"] ?? "DEEP";
  const message = compact("FeatureGroupConfig", {
    group_name: name,
    feature_names: features,
    group_type: type,
    ...(sequences && writeGroupSequences(sequences)),
  });
  return mergeExtra(message, extra, messageType("FeatureGroupConfig"));
}
