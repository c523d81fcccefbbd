/** Converts `feature_groups` to the groups of a spec with their sequence encoders, and back. */
import type { Problem } from "../../errors/index.js";
import type { GroupSequences, SequenceEncoderSpec, SequenceGroupSpec } from "../../spec/feature/sequence.js";
import { defaultFeatures, everyGroup, type GroupName, type GroupSpec, type ModelSpec } from "../../spec/model.js";
import { encoderOptions, mlpOptions } from "../../spec/tables.js";
import type { Json, JsonObject } from "../../util/json.js";
import { messageType } from "../schema.js";
import { childType, compact, type Fields, mergeExtra, readFields, writeOptions, written } from "./fields.js";

const encoderFields = {
  din: "din_encoder",
  simple_attention: "simple_attention",
  pooling: "pooling_encoder",
  multi_window_din: "multi_window_din_encoder",
  self_attention: "self_attention_encoder",
} as const;

type Kind = keyof typeof encoderFields;

/**
 * Reads a group's sequences; `null` if it has none. As in TorchEasyRec, unnamed single groups and inputs get the
 * group's name.
 */
function readGroupSequences(fields: Fields, group: string, problems: Problem[]): GroupSequences | null {
  const path = `model_config.feature_groups{${group}}`;
  const groups = fields.items("sequence_groups");
  const encoders = (fields.take("sequence_encoders") ?? []) as readonly JsonObject[];
  if (groups.length === 0 && encoders.length === 0) return null;
  if (groups.length === 0 || encoders.length === 0) {
    const [present, missing] = groups.length === 0 ? ["encoders", "groups"] : ["groups", "encoders"];
    const message = `sequence_${present} without sequence_${missing}`;
    problems.push({ path, message, received: `no sequence_${missing}`, expected: "both, or none" });
  }
  const named = groups.map((each): SequenceGroupSpec => {
    const name = each.read("group_name", "optional text");
    if (name === null && groups.length > 1) {
      problems.push({ path, message: "one of several sequence groups has no group_name", expected: "a name for each" });
    }
    return {
      name: name ?? group,
      features: each.read("feature_names", "texts"),
      suffix: each.read("embedding_name_suffix", "optional text"),
    };
  });
  const alone = named.length === 1 ? named[0]!.name : null;
  return { groups: named, encoders: encoders.flatMap((each) => readEncoder(each, alone, path, problems) ?? []) };
}

function readEncoder(
  config: JsonObject,
  alone: string | null,
  path: string,
  problems: Problem[],
): SequenceEncoderSpec | null {
  const kind = (Object.keys(encoderFields) as Kind[]).find((each) => encoderFields[each] in config);
  if (kind === undefined) {
    const expected = "din_encoder { … }, pooling_encoder { … } …";
    problems.push({ path, message: "an empty sequence encoder", expected });
    return null;
  }
  const field = encoderFields[kind];
  const fields = readFields(config, "SeqEncoderConfig").child(field);
  const input = fields.read("input", "optional text") ?? alone;
  if (input === null) {
    const expected = "the name of one of the group's sequence groups";
    problems.push({ path, message: `${field} needs an input: there are several sequence groups`, expected });
  }
  return {
    kind,
    input: input ?? "",
    ...fields.options<object>(encoderOptions[kind]),
    ...(fields.type.fields["attn_mlp"] === undefined ? {} : { mlp: fields.child("attn_mlp").options(mlpOptions) }),
    extra: fields.rest(),
  } as SequenceEncoderSpec;
}

function writeEncoder(encoder: SequenceEncoderSpec): JsonObject {
  const field = encoderFields[encoder.kind];
  const type = childType(messageType("SeqEncoderConfig"), field);
  const message = writeOptions<object>(type, encoder, encoderOptions[encoder.kind], {
    input: encoder.input,
    attn_mlp: "mlp" in encoder ? writeOptions("MLP", encoder.mlp, mlpOptions) : undefined,
  });
  return { [field]: mergeExtra(message, encoder.extra, type) };
}

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
  if (type !== "DEEP" && ["sequence_groups", "sequence_encoders"].some((field) => field in message)) {
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

/** Normalises a spec to the form that reading a config returns: without an `all` group of every feature in order. */
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
  const name = fields.read("group_name", "text") as GroupName;
  const features = fields.read("feature_names", "texts");
  if (message["group_type"] === "DEEP") fields.take("group_type");
  const sequences = readGroupSequences(fields, name, problems);
  const extra = fields.rest();
  return sequences === null ? { name, features, extra } : { name, features, sequences, extra };
}

function writeGroup({ name, features, sequences, extra }: GroupSpec): JsonObject {
  const message = compact("FeatureGroupConfig", {
    group_name: name,
    feature_names: features,
    group_type: extra["group_type"] ?? "DEEP",
    ...(sequences && {
      sequence_groups: sequences.groups.map(({ name, features, suffix }) =>
        written({ group_name: name, feature_names: features, embedding_name_suffix: suffix }),
      ),
      sequence_encoders: sequences.encoders.map(writeEncoder),
    }),
  });
  return mergeExtra(message, extra, messageType("FeatureGroupConfig"));
}
