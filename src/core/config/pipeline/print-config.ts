/** Prints a config as protobuf text format, or as proto JSON. */

import { isObject, type Json, type JsonObject } from "../../util/json.js";
import { type FieldType, fieldEnum, fieldMessage, isOpen, type MessageType, mapTypes, messageType } from "../schema.js";
import { literalKey } from "../tokens.js";
import { jsonDocument, printNotes } from "./json-document.js";
import type { PipelineConfig } from "./open-config.js";

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

/** A string in double quotes; control characters are escaped (`"\x1d"`), other text stays readable. */
function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped here
  const escaped = text.replace(/[\u0000-\u001f\u007f"\\]/g, (character) => {
    return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}

type Printed =
  | { readonly line: string }
  | { readonly open: string; readonly body: readonly Printed[]; readonly close: string };

const width = 100;
const inlineWidth = 72;

function printMessage(message: JsonObject, type: MessageType): Printed[] {
  if (isOpen(type)) return printOpen(message);
  return type.fieldsArray.flatMap((field) => {
    const value = message[field.name];
    return value === undefined || !Object.hasOwn(message, field.name) ? [] : printField(field, value);
  });
}

function printField(field: FieldType, value: Json): Printed[] {
  const type = fieldMessage(field);
  if (field.map) return Object.entries(value as JsonObject).map(([key, entry]) => printEntry(field, key, entry));
  if (type !== null) {
    return asList(value).map((item) => block(`${field.name} {`, printMessage(item as JsonObject, type), "}"));
  }
  if (field.repeated)
    return printScalars(
      field.name,
      asList(value).map((item) => printScalar(field, item)),
    );
  return [{ line: `${field.name}: ${printScalar(field, value)}` }];
}

function printEntry(field: FieldType, key: string, value: Json): Printed {
  const types = mapTypes(field) as { readonly value: string };
  const type = field.resolvedType as MessageType | null;
  const printedKey: Printed = { line: `key: ${quote(key)}` };
  if (type !== null) {
    return block(`${field.name} {`, [printedKey, block("value {", printMessage(value as JsonObject, type), "}")], "}");
  }
  const content = types.value === "string" ? quote(value as string) : printNumber(value);
  return { line: `${field.name} { key: ${quote(key)} value: ${content} }` };
}

function printScalar(field: FieldType, value: Json): string {
  if (fieldEnum(field) !== null) return String(value);
  return field.type === "string" ? quote(value as string) : printNumber(value);
}

/** Numbers, booleans and proto JSON's `"Infinity"`, `"NaN"` and 64-bit decimal strings. */
function printNumber(value: Json): string {
  return (Object.is(value, -0) ? "-0" : String(value)).replace("Infinity", "inf").replace("NaN", "nan");
}

/** A repeated scalar as one list, wrapped over several lines if it is long. */
function printScalars(name: string, values: readonly string[]): Printed[] {
  const line = `${name}: [${values.join(", ")}]`;
  if (line.length <= width - 8) return [{ line }];
  const rows: string[] = [];
  for (const value of values) {
    const last = rows.at(-1);
    if (last === undefined || last.length + value.length > width - 12) rows.push(value);
    else rows[rows.length - 1] = `${last}, ${value}`;
  }
  const body = rows.map((row, index) => ({ line: index === rows.length - 1 ? row : `${row},` }));
  return [block(`${name}: [`, body, "]")];
}

function printOpen(message: JsonObject): Printed[] {
  return Object.entries(message).flatMap(([name, value]): Printed[] => {
    if (!Array.isArray(value)) return [openField(name, value)];
    if (value.length > 1 && value.every(isMessage)) return value.map((item) => openField(name, item));
    return [{ line: `${name}: ${openInline(value)}` }];
  });
}

function openField(name: string, value: Json): Printed {
  if (isMessage(value)) return block(`${name} {`, printOpen(value), "}");
  return { line: `${name}: ${openInline(value)}` };
}

function openInline(value: Json): string {
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${value.map(openInline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return printNumber(value);
  if (literalKey in value) return String((value as JsonObject)[literalKey]);
  return `{ ${printOpen(value as JsonObject)
    .map(inline)
    .join(" ")} }`;
}

function isMessage(value: Json): value is JsonObject {
  return isObject(value) && !(literalKey in value);
}

function asList(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}

function block(open: string, body: readonly Printed[], close: string): Printed {
  return body.length === 0 ? { line: `${open}${close}` } : { open, body, close };
}

/** The lines of a field; a short chain of single fields stays on one line. */
function layOut(field: Printed, depth: number): string[] {
  const indent = "  ".repeat(depth);
  if ("line" in field) return [indent + field.line];
  if (isChain(field)) {
    const line = inline(field);
    if (line.length <= inlineWidth) return [indent + line];
  }
  return [indent + field.open, ...field.body.flatMap((child) => layOut(child, depth + 1)), indent + field.close];
}

function isChain(field: Printed): boolean {
  return "line" in field || (field.body.length === 1 && isChain(field.body[0]!));
}

function inline(field: Printed): string {
  return "line" in field ? field.line : `${field.open} ${field.body.map(inline).join(" ")} ${field.close}`;
}

/** Prints protobuf text, or proto JSON for a `path` in `.json`. Comments are lost, except the `# pepnet:` line. */
export function printConfig(config: PipelineConfig, options: { readonly path?: string } = {}): string {
  const type = messageType("EasyRecConfig");
  if (options.path?.toLowerCase().endsWith(".json")) {
    return `${JSON.stringify(jsonDocument(config.message, type), null, 2)}\n`;
  }
  const lines = printMessage(config.message, type).flatMap((field) => layOut(field, 0));
  return printNotes(config.notes) + lines.map((line) => `${line}\n`).join("");
}
