/**
 * Converts the sequence groups and encoders of a `FeatureGroupConfig` to a spec and back.
 */
import type { Problem } from "../../../errors/index.js";
import type { GroupSequences, SequenceEncoderSpec, SequenceGroupSpec } from "../../../spec/index.js";
import type { Json, JsonObject } from "../../../util/json.js";
import { messageType } from "../../schema/schema.js";
import { compact, type Fields, readFields, written } from "../fields.js";
import { mergeExtra } from "../merge.js";
import { readMlp, writeMlp } from "./towers.js";

/** The field and the message of each kind of encoder. */
const modules = {
  din: ["din_encoder", "DINEncoder"],
  simple_attention: ["simple_attention", "SimpleAttention"],
  pooling: ["pooling_encoder", "PoolingEncoder"],
  multi_window_din: ["multi_window_din_encoder", "MultiWindowDINEncoder"],
  self_attention: ["self_attention_encoder", "SelfAttentionEncoder"],
} as const;

type Kind = keyof typeof modules;

/**
 * The sequences of a feature group; `null` if it has none. As in TorchEasyRec, a single sequence group may lack a
 * name, and its encoders their input: it is then named after the feature group.
 */
export function readGroupSequences(fields: Fields, group: string, problems: Problem[]): GroupSequences | null {
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
    const name = each.optionalText("group_name");
    if (name === null && groups.length > 1) {
      problems.push({ path, message: "one of several sequence groups has no group_name", expected: "a name for each" });
    }
    return {
      name: name ?? group,
      features: each.texts("feature_names"),
      suffix: each.optionalText("embedding_name_suffix"),
    };
  });
  const alone = named.length === 1 ? named[0]!.name : null;
  return { groups: named, encoders: encoders.flatMap((each) => readEncoder(each, alone, path, problems) ?? []) };
}

/** Returns the two fields of a `FeatureGroupConfig`. */
export function writeGroupSequences({ groups, encoders }: GroupSequences): Record<string, Json> {
  return {
    sequence_groups: groups.map(({ name, features, suffix }) =>
      written({ group_name: name, feature_names: features, embedding_name_suffix: suffix }),
    ),
    sequence_encoders: encoders.map(writeEncoder),
  };
}

/** @param alone the only sequence group */
function readEncoder(
  config: JsonObject,
  alone: string | null,
  path: string,
  problems: Problem[],
): SequenceEncoderSpec | null {
  const kind = (Object.keys(modules) as Kind[]).find((each) => modules[each][0] in config);
  if (kind === undefined) {
    problems.push({
      path,
      message: "an empty sequence encoder",
      expected: "din_encoder { … }, pooling_encoder { … } …",
    });
    return null;
  }
  const [field, type] = modules[kind];
  const fields = readFields(config[field] as JsonObject, type);
  const input = fields.optionalText("input") ?? alone;
  if (input === null) {
    const expected = "the name of one of the group's sequence groups";
    problems.push({ path, message: `${field} needs an input: there are several sequence groups`, expected });
  }
  const common = { input: input ?? "" };
  switch (kind) {
    case "din":
      return { kind, ...common, mlp: readMlp(fields.child("attn_mlp")), ...readCut(fields), extra: fields.rest() };
    case "simple_attention":
      return { kind, ...common, ...readCut(fields), extra: fields.rest() };
    case "pooling": {
      const pooling = fields.text("pooling_type") as "sum" | "mean";
      return { kind, ...common, pooling, ...readCut(fields), extra: fields.rest() };
    }
    case "multi_window_din": {
      const windows = fields.numbers("windows_len");
      return { kind, ...common, mlp: readMlp(fields.child("attn_mlp")), windows, extra: fields.rest() };
    }
    case "self_attention": {
      const [dim, heads] = [fields.number("multihead_attn_dim"), fields.number("num_heads")];
      const dropout = fields.number("dropout");
      return { kind, ...common, dim, heads, dropout, ...readCut(fields), extra: fields.rest() };
    }
  }
}

function readCut(fields: Fields): { readonly maxLength: number } {
  return { maxLength: fields.number("max_seq_length") };
}

function writeEncoder(encoder: SequenceEncoderSpec): JsonObject {
  const [field, type] = modules[encoder.kind];
  const message = compact(type, impliedFields(encoder), { input: encoder.input, ...explicitFields(encoder) });
  return { [field]: mergeExtra(message, encoder.extra, messageType(type)) };
}

function impliedFields(encoder: SequenceEncoderSpec): Record<string, Json> {
  if (encoder.kind === "multi_window_din") return {};
  const cut = { max_seq_length: encoder.maxLength };
  if (encoder.kind === "pooling") return { ...cut, pooling_type: encoder.pooling };
  if (encoder.kind !== "self_attention") return cut;
  return { ...cut, multihead_attn_dim: encoder.dim, num_heads: encoder.heads, dropout: encoder.dropout };
}

function explicitFields(encoder: SequenceEncoderSpec): Record<string, Json> {
  if (encoder.kind === "din") return { attn_mlp: writeMlp(encoder.mlp) };
  if (encoder.kind !== "multi_window_din") return {};
  return { attn_mlp: writeMlp(encoder.mlp), windows_len: encoder.windows };
}
