/** Converts proto JSON where it differs from the config tree: `Struct`, and open messages in camel case. */
import { isDerivedColumn } from "../../spec/feature/derived.js";
import { attempt } from "../../util/attempt.js";
import { jsonLine } from "../../util/code-text.js";
import { isObject, type Json, type JsonObject } from "../../util/json.js";
import { didYouMean } from "../../util/names.js";
import { clipped, parseJson, snakeCase } from "../../util/text.js";
import { isMetricNotes } from "../convert/losses.js";
import { type ConfigReport, fieldMessage, isOpen, type MessageType } from "../schema.js";
import { literalKey, type SyntaxField, type SyntaxMessage, type SyntaxValue } from "../tokens.js";

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
  if (value.kind === "string" || value.kind === "number") return wrap(value, `${value.kind}_value`, value);
  if (value.kind === "message") return wrap(value, "struct_value", structFromJson(value));
  if (value.kind === "list")
    return wrap(value, "list_value", wrap(value, "values", { ...value, items: value.items.map(valueFromJson) }));
  if (value.text === "null") return wrap(value, "null_value", { ...value, text: "NULL_VALUE" });
  return wrap(value, "bool_value", value);
}

function structToJson(message: JsonObject): JsonObject {
  const fields = Object.entries((message["fields"] ?? {}) as JsonObject);
  return Object.fromEntries(fields.map(([name, value]) => [name, valueToJson(value as JsonObject)]));
}

function valueToJson(value: JsonObject): Json {
  const [kind, content] = Object.entries(value)[0] ?? ["null_value", null];
  if (kind === "null_value") return null;
  if (kind === "list_value")
    return (((content as JsonObject)["values"] ?? []) as readonly JsonObject[]).map(valueToJson);
  return kind === "struct_value" ? structToJson(content as JsonObject) : (content as Json);
}

/** The `# pepnet: {…}` line: settings that TorchEasyRec lacks, written as a comment that it skips. */

const line = /^[ \t]*# pepnet: (.*)$/m;

const settings: Readonly<Record<string, { readonly expected: string; readonly fits: (value: Json) => boolean }>> = {
  seed: { expected: "an integer ≥ 0", fits: (value) => Number.isSafeInteger(value) && (value as number) >= 0 },
  epochs: {
    expected: `"automatic": num_epochs follows from the number of rows`,
    fits: (value) => value === "automatic",
  },
  like: { expected: '"torcheasyrec"', fits: (value) => value === "torcheasyrec" },
  outputBias: {
    expected: `"rate": outputs start at the label's rate`,
    fits: (value) => value === "rate",
  },
  domainNames: {
    expected: "a list of names",
    fits: (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
  },
  sharedTowers: {
    expected: 'the domains of a shared tower, such as {"column":"scene","count":3}',
    fits: (value) => isObject(value) && typeof value["column"] === "string" && Number.isSafeInteger(value["count"]),
  },
  derived: {
    expected: 'columns with their rules, such as {"like":{"kind":"above","from":"rating","value":3}}',
    fits: (value) => isObject(value) && Object.values(value).every(isDerivedColumn),
  },
  vocabularies: {
    expected: 'the ids of zch and dynamicemb tables by feature, in the order of their rows, such as {"shop":["7","9"]}',
    fits: (value) => isObject(value) && Object.values(value).every(isVocabulary),
  },
  pieces: {
    expected: 'the edges of piecewise numbers by feature, such as {"age":[17,30,45,90]}',
    fits: (value) => isObject(value) && Object.values(value).every(isNumbers),
  },
  metrics: {
    expected: 'metrics that TorchEasyRec lacks, by tower and place, such as {"ctr":{"0":{"kind":"…"}}}',
    fits: isMetricNotes,
  },
};

function isNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "number");
}

function isVocabulary(value: unknown): boolean {
  if (!Array.isArray(value) || !value.every((id) => typeof id === "string")) return false;
  return value.length > 0 && new Set(value).size === value.length;
}

export function readNotes(report: ConfigReport, text: string): JsonObject {
  const match = line.exec(text);
  if (match === null) return {};
  const at = match.index + match[0].indexOf("#");
  const notes = parseNotes(match[1]!);
  if (notes === null) {
    const expected = 'a JSON object, such as # pepnet: {"seed":7}';
    const received = clipped(match[1]!);
    report.problems.add(at, () => ({ path: "# pepnet", message: "this line is not valid JSON", received, expected }));
    return {};
  }
  const names = Object.keys(settings);
  for (const [name, value] of Object.entries(notes)) {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (setting?.fits(value as Json)) continue;
    const received = clipped(JSON.stringify(value));
    report.problems.add(at, () => ({
      path: `# pepnet.${clipped(name)}`,
      message: setting === undefined ? `unknown setting "${clipped(name)}"` : `${received} is not a valid value`,
      received,
      expected: setting?.expected ?? `one of ${names.join(", ")}`,
      fix: setting === undefined ? didYouMean(name, names) : undefined,
    }));
  }
  return notes;
}

export function printNotes(notes: JsonObject): string {
  return Object.keys(notes).length === 0 ? "" : `# pepnet: ${jsonLine(notes)}\n`;
}

function parseNotes(text: string): JsonObject | null {
  const value = attempt(() => parseJson(text), null);
  return isObject(value) ? value : null;
}
