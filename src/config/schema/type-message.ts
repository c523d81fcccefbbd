/** Gives a syntax tree the schema's types: the loss-free tree that a config is, and every problem at once. */
import type { Problem } from "../../errors/index.js";
import type { Json, JsonObject } from "../../util/json.js";
import { didYouMean } from "../../util/near.js";
import type { SyntaxField, SyntaxMessage, SyntaxValue } from "../text/syntax.js";
import { readOpen } from "./open.js";
import { type ConfigReport, placed, showSyntax } from "./report.js";
import { readEnum, readScalar } from "./scalars.js";
import {
  type FieldType,
  fieldEnum,
  fieldMessage,
  isOpen,
  type MessageType,
  mapTypes,
  oneofSiblings,
} from "./schema.js";

/** Other spellings of fields, by message: the document's sample writes TensorFlow EasyRec's `wide_deep`. */
const aliases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  FeatureGroupConfig: { wide_deep: "group_type" },
};

/**
 * The message as a tree of plain values: a field is there if it was written; enums are names, maps are objects.
 * Unknown fields, wrong types and missing required fields go to the report.
 */
export function typeMessage(
  report: ConfigReport,
  message: SyntaxMessage,
  type: MessageType,
  path: string,
  partial: boolean,
): JsonObject {
  if (isOpen(type)) return readOpen(message);
  const written = groupFields(report, message, type, path);
  const entries: [string, Json][] = [];
  for (const field of type.fieldsArray) {
    const places = written.get(field.name);
    const value = places && typeField(report, places, field, join(path, field.name), partial);
    if (value !== undefined) entries.push([field.name, value]);
    else if (field.required && !places && !partial)
      report.problems.push(missingField(report, message, type, field, path));
  }
  reportOneofs(report, written, type, path);
  return Object.fromEntries(entries);
}

/** `a.b`, or `b` at the top. */
export function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** What was written, by the field's true name; unknown names are reported. */
function groupFields(
  report: ConfigReport,
  message: SyntaxMessage,
  type: MessageType,
  path: string,
): Map<string, SyntaxField[]> {
  const written = new Map<string, SyntaxField[]>();
  for (const field of message.fields) {
    const name = trueName(type, field.name, message.json);
    if (name === null) report.problems.push(unknownField(report, field, type, path));
    else written.set(name, [...(written.get(name) ?? []), field]);
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

function unknownField(report: ConfigReport, field: SyntaxField, type: MessageType, path: string): Problem {
  const names = type.fieldsArray.map((known) => known.name);
  return placed(report, field.at, {
    path: join(path, field.name),
    message: `${type.name} has no field "${field.name}"`,
    received: JSON.stringify(field.name),
    expected: names.length === 0 ? "no field at all" : `one of ${names.join(", ")}`,
    fix: didYouMean(field.name, names),
  });
}

function missingField(
  report: ConfigReport,
  message: SyntaxMessage,
  type: MessageType,
  field: FieldType,
  path: string,
): Problem {
  return placed(report, message.at, {
    path: join(path, field.name),
    message: `${type.name} needs ${field.name}`,
    received: "nothing",
    expected: fieldMessage(field) === null ? `${field.name}: a value of type ${field.type}` : `${field.name} { … }`,
  });
}

function reportOneofs(
  report: ConfigReport,
  written: Map<string, SyntaxField[]>,
  type: MessageType,
  path: string,
): void {
  for (const oneof of type.oneofsArray) {
    const chosen = oneof.fieldsArray.filter((field) => written.has(field.name));
    const second = chosen[1];
    if (second === undefined) continue;
    report.problems.push(
      placed(report, written.get(second.name)?.[0]?.at ?? null, {
        path: join(path, second.name),
        message: `${type.name} holds one ${oneof.name}, not several`,
        received: chosen.map((field) => field.name).join(" and "),
        expected: `one of ${[second.name, ...oneofSiblings(second)].join(", ")}`,
        fix: "keep one of them",
      }),
    );
  }
}

function typeField(
  report: ConfigReport,
  places: readonly SyntaxField[],
  field: FieldType,
  path: string,
  partial: boolean,
): Json | undefined {
  const values = places.map((place) => place.value).filter((value) => !isNull(value));
  if (values.length === 0) return undefined;
  if (field.map) return typeMap(report, values, field, path);
  const type = fieldMessage(field);
  if (field.repeated) {
    const items = values.flatMap((value) => (value.kind === "list" ? value.items : [value]));
    const read = items.map((item, index) => typeOne(report, item, field, type, `${path}[${index}]`, partial));
    return read.length === 0 ? undefined : read.filter((item): item is Json => item !== undefined);
  }
  if (type !== null && values.every((value) => value.kind === "message")) {
    return typeMessage(report, mergeMessages(values as SyntaxMessage[]), type, path, partial);
  }
  if (values.length > 1) report.warnings.push(repeatedField(report, places, path));
  return typeOne(report, values.at(-1) as SyntaxValue, field, type, path, partial);
}

function isNull(value: SyntaxValue): boolean {
  return value.json && value.kind === "name" && value.text === "null";
}

function mergeMessages(messages: readonly SyntaxMessage[]): SyntaxMessage {
  const [first] = messages as [SyntaxMessage];
  return messages.length === 1 ? first : { ...first, fields: messages.flatMap((message) => message.fields) };
}

function repeatedField(report: ConfigReport, places: readonly SyntaxField[], path: string): Problem {
  return placed(report, places.at(-1)?.at ?? null, {
    path,
    message: `written ${places.length} times; the last one counts, as in TorchEasyRec`,
    received: places.map((place) => showSyntax(place.value)).join(", "),
    expected: "one value",
  });
}

function typeOne(
  report: ConfigReport,
  value: SyntaxValue,
  field: FieldType,
  type: MessageType | null,
  path: string,
  partial: boolean,
): Json | undefined {
  if (type !== null) {
    if (value.kind === "message") return typeMessage(report, value, type, path, partial);
    report.problems.push(wrongType(report, value, path, `a ${type.name} message: { … }`));
    return undefined;
  }
  const names = fieldEnum(field);
  const result = names === null ? readScalar(field.type, value) : readEnum(names, value);
  if ("value" in result) return result.value;
  report.problems.push(wrongType(report, value, path, result.expected, result.fix));
  return undefined;
}

function wrongType(report: ConfigReport, value: SyntaxValue, path: string, expected: string, fix?: string): Problem {
  const received = showSyntax(value);
  return placed(report, value.at, { path, message: `${received} does not fit here`, received, expected, fix });
}

/** `{ key: "a" value: 2 }` once or more, or a JSON object. */
function typeMap(
  report: ConfigReport,
  values: readonly SyntaxValue[],
  field: FieldType,
  path: string,
): JsonObject | undefined {
  const types = mapTypes(field) as { readonly key: string; readonly value: string };
  const entries: [string, Json][] = [];
  const valueType = fieldMessage(field) ?? (field.resolvedType as MessageType | null);
  const add = (name: string, value: SyntaxValue): void => {
    const place = `${path}[${JSON.stringify(name)}]`;
    if (valueType !== null) {
      if (value.kind === "message") entries.push([name, typeMessage(report, value, valueType, place, true)]);
      else report.problems.push(wrongType(report, value, place, `a ${valueType.name} message: { … }`));
      return;
    }
    const read = readScalar(types.value, value);
    if ("value" in read) entries.push([name, read.value]);
    else report.problems.push(wrongType(report, value, place, read.expected, read.fix));
  };
  for (const value of values.flatMap((item) => (item.kind === "list" ? item.items : [item]))) {
    if (value.kind !== "message") {
      report.problems.push(wrongType(report, value, path, `{ key: … value: … }`));
    } else if (value.json) {
      for (const entry of value.fields) add(entry.name, entry.value);
    } else {
      const key = value.fields.find((entry) => entry.name === "key")?.value;
      const content = value.fields.find((entry) => entry.name === "value")?.value;
      const stranger = value.fields.find((entry) => entry.name !== "key" && entry.name !== "value");
      const name = key === undefined ? { expected: "a key" } : readScalar(types.key, key);
      if (stranger || content === undefined || !("value" in name)) {
        report.problems.push(wrongType(report, value, path, `{ key: "…" value: … }`));
      } else add(String(name.value), content);
    }
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
