/**
 * Reads a message field by field, with the schema's defaults; unread fields are those that the spec does not model.
 */
import type { Json, JsonObject } from "../../util/json.js";
import { fieldDefault, fieldMessage, messageType } from "../schema/schema.js";

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
