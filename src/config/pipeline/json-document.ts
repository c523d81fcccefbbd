/**
 * Converts between proto JSON and the config tree where they differ: `Struct` is plain JSON, and open messages are
 * in camel case.
 */

import type { Json, JsonObject } from "../../util/json.js";
import { snakeCase } from "../../util/text/snake-case.js";
import { fieldMessage, isOpen, type MessageType } from "../schema/schema.js";
import { literalKey, type SyntaxField, type SyntaxMessage, type SyntaxValue } from "../text/syntax.js";

/** Converts the syntax of a JSON document to that of the tree. */
export function fromJsonDocument(message: SyntaxMessage, type: MessageType): SyntaxMessage {
  if (isOpen(type)) return snakeCased(message);
  if (type.name === "Struct") return structFromJson(message);
  const fields = message.fields.map((field) => {
    const schemaField = type.fields[field.name] ?? type.fields[snakeCase(field.name)];
    const child = schemaField && fieldMessage(schemaField);
    return child ? { ...field, value: eachMessage(field.value, (item) => fromJsonDocument(item, child)) } : field;
  });
  return { ...message, fields };
}

/** Converts a tree to a JSON document that TorchEasyRec's JSON reader accepts. */
export function jsonDocument(message: JsonObject, type: MessageType): JsonObject {
  if (isOpen(type)) return plain(message) as JsonObject;
  if (type.name === "Struct") return structToJson(message);
  const entries = Object.entries(message).map(([name, value]): [string, Json] => {
    const field = type.fields[name];
    const child = field && fieldMessage(field);
    if (!child) return [name, value];
    return [
      name,
      Array.isArray(value) ? value.map((item) => jsonDocument(item, child)) : jsonDocument(value as JsonObject, child),
    ];
  });
  return Object.fromEntries(entries);
}

function eachMessage(value: SyntaxValue, change: (message: SyntaxMessage) => SyntaxMessage): SyntaxValue {
  if (value.kind === "message") return change(value);
  return value.kind === "list" ? { ...value, items: value.items.map((item) => eachMessage(item, change)) } : value;
}

function snakeCased(message: SyntaxMessage): SyntaxMessage {
  const fields = message.fields.map((field) => ({
    ...field,
    name: snakeCase(field.name),
    value: eachMessage(field.value, snakeCased),
  }));
  return { ...message, fields };
}

function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (literalKey in value) return (value as JsonObject)[literalKey] as Json;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, plain(child as Json)]));
}

function structFromJson(message: SyntaxMessage): SyntaxMessage {
  const entries = message.fields.map((field) => ({ ...field, value: valueFromJson(field.value) }));
  return wrap(message, "fields", { ...message, fields: entries });
}

function wrap(at: SyntaxValue, name: string, value: SyntaxValue): SyntaxMessage {
  const field: SyntaxField = { name, value, at: at.at };
  return { kind: "message", fields: [field], at: at.at, json: true };
}

function valueFromJson(value: SyntaxValue): SyntaxMessage {
  switch (value.kind) {
    case "string":
      return wrap(value, "string_value", value);
    case "number":
      return wrap(value, "number_value", value);
    case "name":
      if (value.text === "null") return wrap(value, "null_value", { ...value, text: "NULL_VALUE" });
      return wrap(value, "bool_value", value);
    case "list":
      return wrap(value, "list_value", wrap(value, "values", { ...value, items: value.items.map(valueFromJson) }));
    case "message":
      return wrap(value, "struct_value", structFromJson(value));
  }
}

function structToJson(message: JsonObject): JsonObject {
  const fields = Object.entries((message["fields"] ?? {}) as JsonObject);
  return Object.fromEntries(fields.map(([name, value]) => [name, valueToJson(value as JsonObject)]));
}

function valueToJson(value: JsonObject): Json {
  const [kind, content] = Object.entries(value)[0] ?? ["null_value", null];
  switch (kind) {
    case "null_value":
      return null;
    case "list_value":
      return (((content as JsonObject)["values"] ?? []) as readonly JsonObject[]).map(valueToJson);
    case "struct_value":
      return structToJson(content as JsonObject);
    default:
      return content as Json;
  }
}
