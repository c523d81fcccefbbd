/**
 * TorchEasyRec's schema, read by protobufjs from our `.proto` files.
 */
import type protobufjs from "protobufjs";
import { readProtos } from "./read-protos.js";

/** A message type of the schema. */
export type MessageType = protobufjs.Type;
/** A field of a message type. */
export type FieldType = protobufjs.Field;

let root: protobufjs.Root | undefined;

/** Loaded with the first config, so that a notebook starts without it. */
function library(): typeof protobufjs {
  return require("protobufjs");
}

/** A message type by name, such as `PEPNet`. */
export function messageType(name: string): MessageType {
  root ??= readProtos(library(), "pipeline.proto");
  return root.lookupType(name.includes(".") ? name : `tzrec.protos.${name}`);
}

/** Whether the type's fields are not listed here: such a message is kept as written. */
export function isOpen(type: MessageType): boolean {
  return (type.extensions?.length ?? 0) > 0;
}

/** The message type of a field; `null` for scalars, enums and maps. */
export function fieldMessage(field: FieldType): MessageType | null {
  return !field.map && field.resolvedType instanceof library().Type ? field.resolvedType : null;
}

/** The names of an enum field with their numbers; `null` for other fields. */
export function fieldEnum(field: FieldType): Readonly<Record<string, number>> | null {
  return field.resolvedType instanceof library().Enum ? field.resolvedType.values : null;
}

/** The key and value types of a map field; `null` for other fields. */
export function mapTypes(field: FieldType): { readonly key: string; readonly value: string } | null {
  return field instanceof library().MapField ? { key: field.keyType, value: field.type } : null;
}

/** The other fields of a field's oneof. */
export function oneofSiblings(field: FieldType): readonly string[] {
  return field.partOf?.fieldsArray.map((sibling) => sibling.name).filter((name) => name !== field.name) ?? [];
}

/** The default of a singular scalar or enum field, as a value of the config tree. */
export function fieldDefault(field: FieldType): string | number | boolean {
  const names = fieldEnum(field);
  if (names !== null) {
    const [name] = Object.entries(names).find(([, number]) => number === field.defaultValue) ?? [""];
    return name;
  }
  const value: unknown = field.defaultValue;
  return typeof value === "object" ? Number(String(value)) : (value as string | number | boolean);
}
