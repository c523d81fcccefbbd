/** A message read field by field, with the schema's defaults; what nobody took is what the spec does not model. */
import type { Json, JsonObject } from "../../util/json.js";
import { defaultOf, fieldMessage, messageType } from "../schema/schema.js";

/** A message being taken apart. Each accessor takes its field, so that {@link Fields.rest} is what remains. */
export interface Fields {
  has(name: string): boolean;
  text(name: string): string;
  number(name: string): number;
  flag(name: string): boolean;
  /** Singular fields where absence means something else than the default. */
  optionalText(name: string): string | null;
  optionalNumber(name: string): number | null;
  texts(name: string): readonly string[];
  numbers(name: string): readonly number[];
  /** A message field; absent: an empty message. */
  child(name: string): Fields;
  /** A repeated message field, its items apart. */
  items(name: string): readonly Fields[];
  /** The raw value, taken. */
  take(name: string): Json | undefined;
  /** The first of these fields that is there. */
  which(names: readonly string[]): string | null;
  /** What was not taken, those of the children included. */
  rest(): JsonObject;
}

/** Takes apart a message of a type of the schema. */
export function fieldsOf(message: JsonObject, typeName: string): Fields {
  const type = messageType(typeName);
  const left = new Map<string, Json>(Object.entries(message) as [string, Json][]);
  const children = new Map<string, Fields>();
  const field = (name: string): NonNullable<(typeof type.fields)[string]> => {
    const found = type.fields[name];
    if (found === undefined) throw new TypeError(`${typeName} has no field ${name}`);
    return found;
  };
  const take = (name: string): Json | undefined => {
    field(name);
    const value = left.get(name);
    left.delete(name);
    return value;
  };
  const scalar = (name: string): Json => take(name) ?? defaultOf(field(name));
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
      const child = fieldsOf((take(name) ?? {}) as JsonObject, childType(name));
      children.set(name, child);
      return child;
    },
    items: (name) => list(name).map((item) => fieldsOf(item as JsonObject, childType(name))),
    take,
    which: (names) => names.find((name) => left.has(field(name).name)) ?? null,
    rest: () => {
      const nested = [...children].map(([name, child]): [string, Json] => [name, child.rest()]);
      return Object.fromEntries([...left, ...nested.filter(([, rest]) => Object.keys(rest as JsonObject).length > 0)]);
    },
  };
}

/** What may be written into a message: `undefined`, `null` and empty lists are left out. */
export type Writable = Readonly<Record<string, Json | undefined>>;

/**
 * A message without what the schema's defaults say anyway; required fields stay. `explicit` values are written
 * whatever they are: fields whose presence says something.
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
        return !(plain && value === defaultOf(field));
      }),
    ),
  });
}

/** A message with every value that is there. */
export function written(values: Writable): JsonObject {
  const entries = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(entries) as JsonObject;
}
