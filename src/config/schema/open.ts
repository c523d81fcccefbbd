/**
 * Messages whose fields the schema does not list: they are kept as written.
 */
import type { Json, JsonObject } from "../../util/json.js";
import { literalKey, type SyntaxMessage, type SyntaxValue } from "../text/syntax.js";

/** Converts an open message to a tree; a repeated name becomes a list. */
export function readOpen(message: SyntaxMessage): JsonObject {
  const values = new Map<string, Json[]>();
  for (const { name, value } of message.fields) {
    const read = readValue(value);
    if (read === undefined) continue;
    const before = values.get(name);
    if (before === undefined) values.set(name, [read]);
    else before.push(read);
  }
  // A name that is written once keeps its value; the values of a repeated name become one list.
  return Object.fromEntries(
    [...values].map(([name, all]): [string, Json] => [name, all.length === 1 ? (all[0] as Json) : all.flat()]),
  );
}

function readValue(value: SyntaxValue): Json | undefined {
  switch (value.kind) {
    case "string":
      return value.text;
    case "number":
      return readNumber(value.text);
    case "name":
      if (value.text === "null" && value.json) return undefined;
      if (value.text === "true" || value.text === "false") return value.text === "true";
      return { [literalKey]: value.text };
    case "list":
      return value.items.map(readValue).filter((item): item is Json => item !== undefined);
    case "message":
      return readOpen(value);
  }
}

/** A number if it is exact, else the text as written. */
function readNumber(text: string): Json {
  const number = Number(text.replace(/(?<!^-?0[xX].*)[fF]$/, ""));
  const exact =
    Number.isFinite(number) && (Number.isSafeInteger(number) || !Number.isInteger(number)) && !/^-?0\d/.test(text);
  return exact ? number : { [literalKey]: text };
}
