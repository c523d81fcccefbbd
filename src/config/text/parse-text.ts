/**
 * Parses protobuf text format: `name: value`, `name { … }`, `name: < … >`, lists, adjacent strings, comments.
 */
import { clipped } from "../../util/text/format.js";
import { TokenCursor } from "./cursor.js";
import type { Source } from "./position.js";
import type { SyntaxField, SyntaxMessage, SyntaxValue } from "./syntax.js";
import type { Token } from "./tokens.js";

const closing: Readonly<Record<string, string>> = { "{": "}", "<": ">" };

/** Parses a text. Throws {@link ConfigError} at the first syntax error. */
export function parseText(source: Source): SyntaxMessage {
  const cursor = new TokenCursor(source);
  return { kind: "message", fields: fieldsUntil(cursor, null, null), at: { line: 1, column: 1 }, json: false };
}

function fieldsUntil(cursor: TokenCursor, end: string | null, opened: Token | null): SyntaxField[] {
  const fields: SyntaxField[] = [];
  for (;;) {
    const { kind } = cursor.peek();
    if (end === null ? kind === "end" : cursor.isMark(end)) return fields;
    if (kind === "end" && opened !== null)
      cursor.fail(`"${opened.text}" is never closed`, `a closing "${end}"`, opened.at);
    if (kind !== "name") cursor.fail(`unexpected ${cursor.found()}`, "a field name");
    fields.push(readField(cursor));
    if (!cursor.accept(",")) cursor.accept(";");
  }
}

function readField(cursor: TokenCursor): SyntaxField {
  const { text, at } = cursor.take();
  if (!cursor.accept(":") && !opensMessages(cursor))
    cursor.fail(`unexpected ${cursor.found()} after "${clipped(text)}"`, `":" or "{"`);
  return { name: text, value: readValue(cursor, `a value for "${clipped(text)}"`), at };
}

/** `{`, or a list of messages: the syntax that may follow a name without a colon. */
function opensMessages(cursor: TokenCursor): boolean {
  const isList = cursor.isMark("[");
  const { kind, text } = cursor.peek(isList ? 1 : 0);
  return kind === "mark" && (isList ? ["{", "<", "]"] : ["{", "<"]).includes(text);
}

function readValue(cursor: TokenCursor, expected: string): SyntaxValue {
  const token = cursor.peek();
  const { kind, text, at } = token;
  if (kind === "string") return readStrings(cursor);
  if (kind === "name" || kind === "number") return { kind, text: cursor.take().text, at, json: false };
  if (cursor.accept("-")) return readNegative(cursor, token);
  const end = kind === "mark" ? closing[text] : undefined;
  if (end === undefined && !cursor.isMark("[")) return cursor.fail(`unexpected ${cursor.found()}`, expected);
  return cursor.nested(() => {
    cursor.take();
    if (end === undefined) return readList(cursor, token);
    const fields = fieldsUntil(cursor, end, token);
    cursor.take();
    return { kind: "message", fields, at, json: false };
  });
}

function readStrings(cursor: TokenCursor): SyntaxValue {
  const { at } = cursor.peek();
  let text = "";
  while (cursor.peek().kind === "string") text += cursor.take().text;
  return { kind: "string", text, at, json: false };
}

function readNegative(cursor: TokenCursor, sign: Token): SyntaxValue {
  const { kind, text, at } = cursor.take();
  if (kind !== "number" && kind !== "name") return cursor.fail(`unexpected "-"`, "a number after it", sign.at);
  return { kind, text: `-${text}`, at, json: false };
}

function readList(cursor: TokenCursor, opened: Token): SyntaxValue {
  const items: SyntaxValue[] = [];
  while (!cursor.isMark("]")) {
    failIfOver(cursor, opened);
    items.push(readValue(cursor, "a value"));
    if (cursor.accept(",") || cursor.isMark("]")) continue;
    failIfOver(cursor, opened);
    cursor.fail(`unexpected ${cursor.found()} in a list`, `"," or "]"`);
  }
  cursor.take();
  return { kind: "list", items, at: opened.at, json: false };
}

function failIfOver(cursor: TokenCursor, opened: Token): void {
  if (cursor.peek().kind === "end") cursor.fail(`"[" is never closed`, `a closing "]"`, opened.at);
}
