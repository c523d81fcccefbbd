/** Reads a message field by field, with the schema's defaults; unread fields are those that the spec does not model. */
import { expressionColumn, type FeatureSpec, type NumberProjection } from "../../spec/feature/feature.js";
import type { Option, OptionsOf, OptionType, OptionValues } from "../../spec/option.js";
import { projectionOptions } from "../../spec/tables.js";
import { getOrMake } from "../../util/growing.js";
import type { Json, JsonObject } from "../../util/json.js";
import { snakeCase } from "../../util/text.js";
import { type FieldType, fieldDefault, fieldMessage, type MessageType, messageType, oneofSiblings } from "../schema.js";

export function readFields(message: JsonObject, typeName: string): Fields {
  return new Fields(message, messageType(typeName));
}

/** A reader of a message. Each accessor consumes its field; {@link Fields.rest} returns the unread fields. */
export class Fields {
  readonly type: MessageType;
  readonly #left: Map<string, Json>;
  readonly #children = new Map<string, Fields>();

  constructor(message: JsonObject, type: MessageType) {
    this.type = type;
    this.#left = new Map(Object.entries(message) as [string, Json][]);
  }

  has(name: string): boolean {
    return this.#left.has(schemaField(this.type, name).name);
  }

  take(name: string): Json | undefined {
    const value = this.peek(name);
    this.#left.delete(name);
    return value;
  }

  peek(name: string): Json | undefined {
    schemaField(this.type, name);
    return this.#left.get(name);
  }

  /** A value of an option's type. An optional one is `null` if its field is missing. */
  read<Type extends keyof OptionValues>(name: string, type: Type): OptionValues[Type];
  read(name: string, type: OptionType): Json;
  read(name: string, type: OptionType): Json {
    const field = schemaField(this.type, name);
    const value = this.take(name);
    const isList = type === "numbers" || type === "texts";
    const usual = isList ? [] : String(type).startsWith("optional") ? null : fieldDefault(field);
    const read = value ?? usual;
    if (type === "numbers") return (read as readonly Json[]).map(Number);
    return read !== null && String(type).endsWith("number") ? Number(read) : read;
  }

  options<T>(table: OptionsOf<T>): T {
    const entries = Object.entries<Option>(table as Readonly<Record<string, Option>>);
    const present = entries.filter(([name, option]) => !option.isOptional || this.has(fieldName(name, option)));
    return Object.fromEntries(
      present.map(([name, option]) => [name, this.read(fieldName(name, option), option.type)]),
    ) as T;
  }

  child(name: string): Fields {
    const make = () => new Fields((this.take(name) ?? {}) as JsonObject, childType(this.type, name));
    return getOrMake(this.#children, name, make);
  }

  /** Reads the member of a oneof, whose field is its kind with a suffix; `null` if no member of the tables is set. */
  kind<T extends { readonly kind: string }>(tables: KindTables<T>, suffix = ""): T | null {
    const kind = Object.keys(tables).find((each) => this.has(each + suffix)) as T["kind"] | undefined;
    if (kind === undefined) return null;
    return { kind, ...this.child(kind + suffix).options<object>(tables[kind]) } as unknown as T;
  }

  items(name: string): readonly Fields[] {
    const items = (this.take(name) ?? []) as readonly JsonObject[];
    return items.map((item) => new Fields(item, childType(this.type, name)));
  }

  which(names: readonly string[]): string | null {
    return names.find((name) => this.has(name)) ?? null;
  }

  /** The unread fields, including those of nested messages. */
  rest(): JsonObject {
    const nested = [...this.#children].map(([name, child]): [string, Json] => [name, child.rest()]);
    const unread = nested.filter(([, rest]) => Object.keys(rest as JsonObject).length > 0);
    return Object.fromEntries([...this.#left, ...unread]);
  }
}

function schemaField(type: MessageType, name: string): FieldType {
  const field = type.fields[name];
  if (field === undefined) throw new TypeError(`${type.name} has no field ${name}`);
  return field;
}

export function childType(type: MessageType, name: string): MessageType {
  return fieldMessage(schemaField(type, name))!;
}

export function fieldName(name: string, { field = snakeCase(name) }: Option): string {
  return field;
}

export type KindTables<T extends { readonly kind: string }> = Readonly<Record<T["kind"], object>>;

/** Returns the oneof field of a message for an object, named after its kind with a suffix. */
export function writeKind<T extends { readonly kind: string }>(
  type: string,
  spec: T,
  tables: KindTables<T>,
  suffix = "",
): JsonObject {
  const field = spec.kind + suffix;
  return { [field]: writeOptions<object>(childType(messageType(type), field), spec, tables[spec.kind as T["kind"]]) };
}

/** Values of a new message: `undefined`, `null` and empty lists are omitted. */
export type Writable = Readonly<Record<string, Json | undefined>>;

export function optionFields<T>(spec: T, table: OptionsOf<T> | Partial<OptionsOf<T>>): Record<string, Json> {
  const entries = Object.entries<Option>(table as Readonly<Record<string, Option>>);
  return Object.fromEntries(entries.map(([name, option]) => [fieldName(name, option), spec[name as keyof T] as Json]));
}

/** Builds a message of options; see {@link compact}. Optional ones are always written unless they are `null`. */
export function writeOptions<T>(
  type: string | MessageType,
  spec: T,
  table: OptionsOf<T> | Partial<OptionsOf<T>>,
  explicit: Writable = {},
): JsonObject {
  const entries = Object.entries<Option>(table as Readonly<Record<string, Option>>);
  const isOptional = (option: Option) => option.isOptional === true || String(option.type).startsWith("optional");
  const part = (optional: boolean) =>
    Object.fromEntries(entries.filter(([, option]) => isOptional(option) === optional));
  return compact(type, optionFields<object>(spec as object, part(false)), {
    ...optionFields<object>(spec as object, part(true)),
    ...explicit,
  });
}

/** Builds a message without values that are the schema's optional defaults; `explicit` ones are always written. */
export function compact(type: string | MessageType, values: Writable, explicit: Writable = {}): JsonObject {
  const message = typeof type === "string" ? messageType(type) : type;
  const changed = Object.entries(values).filter(([name, value]) => {
    const field = schemaField(message, name);
    const plain = !field.required && !field.repeated && !field.map && fieldMessage(field) === null;
    return !(plain && value === fieldDefault(field));
  });
  return written({ ...explicit, ...Object.fromEntries(changed) });
}

export function written(values: Writable): JsonObject {
  const entries = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(entries) as JsonObject;
}

export interface Generation {
  readonly mode: string;
  /** The separator of several values in one row if `mode` is `FG_NONE`. */
  readonly separator: string;
  /** The meaning of a spec's `separator: null` if `mode` is `FG_NONE`. */
  readonly impliedSeparator: string;
}

const encodedSeparator = "\x03";
const rawSeparator = "\x1d";

/** Consumes the mode of a `DataConfig`; if present, the older `fg_encoded` takes precedence, as in TorchEasyRec. */
export function readGeneration(data: Fields): Generation {
  const mode = data.has("fg_encoded") ? olderMode(data) : data.read("fg_mode", "text");
  const separator = (data.peek("fg_encoded_multival_sep") ?? encodedSeparator) as string;
  return { mode, separator, impliedSeparator: encodedSeparator };
}

/** The mode of `fg_encoded`. If it is false, the number of threads determines how the feature generator runs. */
function olderMode(data: Fields): string {
  const threads = data.peek("fg_threads") ?? 1;
  if (data.read("fg_encoded", "flag")) return "FG_NONE";
  return threads === 0 ? "FG_NORMAL" : "FG_DAG";
}

/** The generation for an export, which may generate values itself ({@link isOwnGeneration}). */
export function asOwnGeneration(generation: Generation): Generation {
  return { ...generation, impliedSeparator: rawSeparator };
}

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
  if (feature.kind === "raw") {
    return feature.boundaries.length === 0 && feature.normalizer === null && feature.pieces === undefined;
  }
  return feature.encoding.kind === "buckets" && !feature.weighted;
}

/** `base` with the fields of `extra` that it lacks, recursively; its member of a oneof replaces that of `extra`. */
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

/** Reads the learned embedding of a feature without buckets; `undefined` if it has none. */
export function readProjection(fields: Fields): NumberProjection | undefined {
  return fields.kind<NumberProjection>(projectionOptions) ?? undefined;
}

export function writeProjection(projection: NumberProjection | undefined): Writable {
  return projection === undefined ? {} : writeKind("RawFeature", projection, projectionOptions);
}
