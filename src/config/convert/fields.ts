/** Reads a message field by field, with the schema's defaults; unread fields are those that the spec does not model. */

import { expressionColumn, type FeatureSpec, type NumberProjection } from "../../spec/feature/feature.js";
import type { Json, JsonObject } from "../../util/random.js";
import { fieldDefault, fieldMessage, type MessageType, messageType, oneofSiblings } from "../schema.js";

/** A reader of a message. Each accessor consumes its field; {@link Fields.rest} returns the unread fields. */
export interface Fields {
  has(name: string): boolean;
  text(name: string): string;
  number(name: string): number;
  flag(name: string): boolean;
  /** For singular fields whose absence differs from the default. */
  optionalText(name: string): string | null;
  optionalNumber(name: string): number | null;
  texts(name: string): readonly string[];
  numbers(name: string): readonly number[];
  /** Reads a message field; if it is missing, an empty message. */
  child(name: string): Fields;
  /** Reads a repeated message field, one reader per item. */
  items(name: string): readonly Fields[];
  /** Reads the raw value and consumes it. */
  take(name: string): Json | undefined;
  /** The first of these fields that exists. */
  which(names: readonly string[]): string | null;
  /** The unread fields, including those of nested messages. */
  rest(): JsonObject;
}

/** Returns a reader for a message of a schema type. */
export function readFields(message: JsonObject, typeName: string): Fields {
  const type = messageType(typeName);
  const left = new Map<string, Json>(Object.entries(message) as [string, Json][]);
  const children = new Map<string, Fields>();
  const field = (name: string): NonNullable<(typeof type.fields)[string]> => {
    const schemaField = type.fields[name];
    if (schemaField === undefined) throw new TypeError(`${typeName} has no field ${name}`);
    return schemaField;
  };
  const take = (name: string): Json | undefined => {
    field(name);
    const value = left.get(name);
    left.delete(name);
    return value;
  };
  const scalar = (name: string): Json => take(name) ?? fieldDefault(field(name));
  const list = (name: string): readonly Json[] => (take(name) ?? []) as readonly Json[];
  const childType = (name: string): string => fieldMessage(field(name))?.name ?? "";
  return {
    has: (name) => left.has(field(name).name),
    text: (name) => scalar(name) as string,
    number: (name) => Number(scalar(name)),
    flag: (name) => scalar(name) as boolean,
    optionalText: (name) => (take(name) ?? null) as string | null,
    optionalNumber: (name) => (left.has(name) ? Number(scalar(name)) : null),
    texts: (name) => list(name) as readonly string[],
    numbers: (name) => list(name).map(Number),
    child: (name) => {
      const child = readFields((take(name) ?? {}) as JsonObject, childType(name));
      children.set(name, child);
      return child;
    },
    items: (name) => list(name).map((item) => readFields(item as JsonObject, childType(name))),
    take,
    which: (names) => names.find((name) => left.has(field(name).name)) ?? null,
    rest: () => {
      const nested = [...children].map(([name, child]): [string, Json] => [name, child.rest()]);
      return Object.fromEntries([...left, ...nested.filter(([, rest]) => Object.keys(rest as JsonObject).length > 0)]);
    },
  };
}

/** Values of a new message: `undefined`, `null` and empty lists are omitted. */
export type Writable = Readonly<Record<string, Json | undefined>>;

/**
 * Builds a message without values that equal the schema's defaults; required fields are kept. `explicit` values are
 * always written: their presence has a meaning.
 */
export function compact(typeName: string, values: Writable, explicit: Writable = {}): JsonObject {
  const type = messageType(typeName);
  return written({
    ...explicit,
    ...Object.fromEntries(
      Object.entries(values).filter(([name, value]) => {
        const field = type.fields[name];
        if (field === undefined) throw new TypeError(`${typeName} has no field ${name}`);
        const plain = !field.required && !field.repeated && !field.map && fieldMessage(field) === null;
        return !(plain && value === fieldDefault(field));
      }),
    ),
  });
}

/** Builds a message with all values. */
export function written(values: Writable): JsonObject {
  const entries = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(entries) as JsonObject;
}

/** How the columns of a config are read. */
export interface Generation {
  readonly mode: string;
  /** The separator of several values in one row if `mode` is `FG_NONE`. */
  readonly separator: string;
  /** The meaning of a spec's `separator: null` if `mode` is `FG_NONE`. */
  readonly impliedSeparator: string;
}

/** TorchEasyRec's separator of several values in encoded columns. */
const encodedSeparator = "\x03";
/** The separator in raw columns. */
const rawSeparator = "\x1d";

/** Consumes the mode of a `DataConfig`; if present, the older `fg_encoded` takes precedence, as in TorchEasyRec. */
export function readGeneration(data: Fields): Generation {
  const mode = data.has("fg_encoded") ? olderMode(data) : data.text("fg_mode");
  const separator = (data.rest()["fg_encoded_multival_sep"] ?? encodedSeparator) as string;
  return { mode, separator, impliedSeparator: encodedSeparator };
}

/** The mode of `fg_encoded`. If it is false, the number of threads determines how the feature generator runs. */
function olderMode(data: Fields): string {
  const threads = data.rest()["fg_threads"] ?? 1;
  if (data.flag("fg_encoded")) return "FG_NONE";
  return threads === 0 ? "FG_NORMAL" : "FG_DAG";
}

/** The same, but keeps values that an export might generate itself ({@link isOwnGeneration}). */
export function asOwnGeneration(generation: Generation): Generation {
  return { ...generation, impliedSeparator: rawSeparator };
}

/** Whether an export of these features would choose the same mode. */
export function isOwnGeneration(generation: Generation, features: readonly FeatureSpec[]): boolean {
  if (generation.mode !== ownMode(features)) return false;
  return generation.mode !== "FG_NONE" || generation.separator === rawSeparator;
}

/** How a spec's columns are read: by the mode of its opened config, else by the needs of its features. */
export function chooseGeneration(extra: JsonObject, features: readonly FeatureSpec[]): Generation {
  const data = (extra["data_config"] ?? {}) as JsonObject;
  const mode = data["fg_mode"] as string | undefined;
  if (mode === undefined) return { mode: ownMode(features), separator: rawSeparator, impliedSeparator: rawSeparator };
  const separator = (data["fg_encoded_multival_sep"] ?? encodedSeparator) as string;
  return { mode, separator, impliedSeparator: encodedSeparator };
}

function ownMode(features: readonly FeatureSpec[]): "FG_NONE" | "FG_NORMAL" {
  return features.every(takesColumnAsItIs) ? "FG_NONE" : "FG_NORMAL";
}

function takesColumnAsItIs(feature: FeatureSpec): boolean {
  if (feature.kind === "other" || feature.kind === "combo") return false;
  if (feature.separator !== null || expressionColumn(feature.expression) !== feature.name) return false;
  if (feature.kind === "raw") return feature.boundaries.length === 0 && feature.normalizer === null;
  return feature.encoding.kind === "buckets" && !feature.weighted;
}

/**
 * Returns `base` plus the fields of `extra` that it lacks, recursively. The base wins; a oneof member of `extra` is
 * dropped if the base has another member (it belongs to an optimiser that is no longer used).
 */
export function mergeExtra(base: JsonObject, extra: JsonObject, type: MessageType): JsonObject {
  const merged = new Map<string, Json>(Object.entries(base) as [string, Json][]);
  for (const [name, value] of Object.entries(extra) as [string, Json][]) {
    const field = type.fields[name];
    const mine = merged.get(name);
    if (field !== undefined && oneofSiblings(field).some((sibling) => merged.has(sibling))) continue;
    const child = field === undefined ? null : fieldMessage(field);
    if (mine === undefined) merged.set(name, value);
    else if (child !== null && field?.repeated) merged.set(name, mergeItems(mine, value, child));
    else if (child !== null) merged.set(name, mergeExtra(mine as JsonObject, value as JsonObject, child));
  }
  return Object.fromEntries(merged);
}

/** Part optimisers are matched by pattern; groups unknown to the spec are appended. */
function mergeItems(mine: Json, extra: Json, type: MessageType): readonly Json[] {
  const items = mine as readonly JsonObject[];
  const rests = extra as readonly JsonObject[];
  if (type.name !== "PartOptimizer") return [...items, ...rests];
  return items.map((item) => {
    const rest = rests.find((candidate) => candidate["regex_pattern"] === item["regex_pattern"]);
    return rest === undefined ? item : mergeExtra(item, rest, type);
  });
}

/** Consumes the learned embedding of a feature that is not split into buckets; `undefined`: none. */
export function readProjection(fields: Fields): NumberProjection | undefined {
  switch (fields.which(["autodis", "mlp"])) {
    case "autodis": {
      const autodis = fields.child("autodis");
      return {
        kind: "autodis",
        channels: autodis.number("num_channels"),
        temperature: autodis.number("temperature"),
        keepProb: autodis.number("keep_prob"),
      };
    }
    case "mlp":
      fields.take("mlp");
      return { kind: "mlp" };
    default:
      return undefined;
  }
}

/** Returns the fields of a learned embedding. */
export function writeProjection(projection: NumberProjection | undefined): Writable {
  if (projection === undefined) return {};
  if (projection.kind === "mlp") return { mlp: {} };
  const { channels, temperature, keepProb } = projection;
  return {
    autodis: compact("AutoDisEmbedding", { num_channels: channels, temperature, keep_prob: keepProb }),
  };
}
