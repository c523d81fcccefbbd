/**
 * Map fields: `{ key: "a" value: 2 }` once or more in text, an object in JSON; an object in the tree.
 */
import type { Json, JsonObject } from "../../util/json.js";
import type { SyntaxMessage, SyntaxValue } from "../text/syntax.js";
import { wrongType } from "./problems.js";
import type { ConfigReport } from "./report.js";
import { readScalar } from "./scalars.js";
import { type FieldType, type MessageType, mapTypes } from "./schema.js";

type TypeMessage = (report: ConfigReport, message: SyntaxMessage, type: MessageType, path: string) => JsonObject;

/** The map of all written entries, or `undefined` if none is valid. */
export function typeMap(
  report: ConfigReport,
  values: readonly SyntaxValue[],
  field: FieldType,
  path: string,
  typeMessage: TypeMessage,
): JsonObject | undefined {
  const entries = values
    .flatMap((item) => (item.kind === "list" ? item.items : [item]))
    .flatMap((item) => readEntries(report, item, field, path))
    .flatMap(([name, value]): [string, Json][] => {
      const typed = typeEntry(report, value, field, `${path}[${JSON.stringify(name)}]`, typeMessage);
      return typed === undefined ? [] : [[name, typed]];
    });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The keys with their written values. */
function readEntries(report: ConfigReport, item: SyntaxValue, field: FieldType, path: string): [string, SyntaxValue][] {
  if (item.kind === "message" && item.json) return item.fields.map((entry) => [entry.name, entry.value]);
  if (item.kind === "message") {
    const key = item.fields.find((entry) => entry.name === "key")?.value;
    const value = item.fields.find((entry) => entry.name === "value")?.value;
    const onlyThese = item.fields.every((entry) => entry.name === "key" || entry.name === "value");
    const name = key === undefined ? null : readScalar(mapTypes(field)?.key ?? "string", key);
    if (onlyThese && value !== undefined && name !== null && "value" in name) return [[String(name.value), value]];
  }
  report.problems.add(() => wrongType(report, item, path, `{ key: "…" value: … }`));
  return [];
}

function typeEntry(
  report: ConfigReport,
  value: SyntaxValue,
  field: FieldType,
  path: string,
  typeMessage: TypeMessage,
): Json | undefined {
  const type = field.resolvedType as MessageType | null;
  if (type !== null && value.kind === "message") return typeMessage(report, value, type, path);
  const read = type === null ? readScalar(field.type, value) : { expected: `a ${type.name} message: { … }` };
  if ("value" in read) return read.value;
  report.problems.add(() => wrongType(report, value, path, read.expected, "fix" in read ? read.fix : undefined));
  return undefined;
}
