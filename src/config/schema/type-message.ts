/**
 * Applies the schema's types to a syntax tree: returns the lossless config tree and all problems at once.
 */
import type { Json, JsonObject } from "../../util/json.js";
import { join } from "../paths/config-path.js";
import type { SyntaxField, SyntaxMessage, SyntaxValue } from "../text/syntax.js";
import { readOpen } from "./open.js";
import { repeatedField, reportOneofs, unknownField, wrongType } from "./problems.js";
import type { ConfigReport } from "./report.js";
import { readEnum, readScalar } from "./scalars.js";
import { type FieldType, fieldEnum, fieldMessage, isOpen, type MessageType } from "./schema.js";
import { typeMap } from "./type-map.js";

/** Alternative names of fields, by message: TorchEasyRec's documentation uses TensorFlow EasyRec's `wide_deep`. */
const aliases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  FeatureGroupConfig: { wide_deep: "group_type" },
};

/**
 * The message as a tree of plain values: only written fields are present; enums are names, maps are objects.
 * Unknown fields and wrong types are reported. Required fields may be missing: TorchEasyRec's parser does not check
 * them either, and which ones a model needs depends on its mode.
 */
export function typeMessage(report: ConfigReport, message: SyntaxMessage, type: MessageType, path: string): JsonObject {
  if (isOpen(type)) return readOpen(message);
  const written = groupFields(report, message, type, path);
  const entries: [string, Json][] = [];
  for (const field of type.fieldsArray) {
    const places = written.get(field.name);
    const value = places && typeField(report, places, field, join(path, field.name));
    if (value !== undefined) entries.push([field.name, value]);
  }
  reportOneofs(report, written, type, path);
  return Object.fromEntries(entries);
}

/** The written fields by their schema name; unknown names are reported. */
function groupFields(
  report: ConfigReport,
  message: SyntaxMessage,
  type: MessageType,
  path: string,
): Map<string, SyntaxField[]> {
  const written = new Map<string, SyntaxField[]>();
  for (const field of message.fields) {
    const name = trueName(type, field.name, message.json);
    if (name === null) report.problems.add(() => unknownField(report, field, type, path));
    else if (written.has(name)) written.get(name)?.push(field);
    else written.set(name, [field]);
  }
  return written;
}

function trueName(type: MessageType, name: string, json: boolean): string | null {
  const alias = aliases[type.name]?.[name] ?? name;
  if (Object.hasOwn(type.fields, alias)) return alias;
  return json ? (type.fieldsArray.find((field) => jsonName(field.name) === name)?.name ?? null) : null;
}

function jsonName(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function typeField(
  report: ConfigReport,
  places: readonly SyntaxField[],
  field: FieldType,
  path: string,
): Json | undefined {
  const values = places.map((place) => place.value).filter((value) => !isNull(value));
  if (values.length === 0) return undefined;
  if (field.map) return typeMap(report, values, field, path, typeMessage);
  const type = fieldMessage(field);
  if (field.repeated) {
    const items = values.flatMap((value) => (value.kind === "list" ? value.items : [value]));
    const read = items.map((item, index) => typeOne(report, item, field, type, `${path}[${index}]`));
    return read.length === 0 ? undefined : read.filter((item): item is Json => item !== undefined);
  }
  if (type !== null && values.every((value) => value.kind === "message")) {
    return typeMessage(report, mergeMessages(values as SyntaxMessage[]), type, path);
  }
  if (values.length > 1) report.warnings.add(() => repeatedField(report, places, path));
  return typeOne(report, values.at(-1)!, field, type, path);
}

function isNull(value: SyntaxValue): boolean {
  return value.json && value.kind === "name" && value.text === "null";
}

function mergeMessages(messages: readonly SyntaxMessage[]): SyntaxMessage {
  const [first] = messages as [SyntaxMessage];
  return messages.length === 1 ? first : { ...first, fields: messages.flatMap((message) => message.fields) };
}

function typeOne(
  report: ConfigReport,
  value: SyntaxValue,
  field: FieldType,
  type: MessageType | null,
  path: string,
): Json | undefined {
  if (type !== null) {
    if (value.kind === "message") return typeMessage(report, value, type, path);
    report.problems.add(() => wrongType(report, value, path, `a ${type.name} message: { … }`));
    return undefined;
  }
  const names = fieldEnum(field);
  const result = names === null ? readScalar(field.type, value) : readEnum(names, value);
  if ("value" in result) return result.value;
  report.problems.add(() => wrongType(report, value, path, result.expected, result.fix));
  return undefined;
}
