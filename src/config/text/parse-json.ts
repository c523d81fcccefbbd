/**
 * Parses JSON with positions, so that an error in a `.json` config has line, column and caret on every Node version.
 */
import { TokenCursor } from "./cursor.js";
import type { Source } from "./position.js";
import type { SyntaxField, SyntaxMessage, SyntaxValue } from "./syntax.js";

/** Parses a JSON object. Throws {@link ConfigError} at the first syntax error. */
export function parseJson(source: Source): SyntaxMessage {
  const cursor = new TokenCursor(source);
  const whole = readMessage(cursor);
  if (cursor.peek().kind !== "end") unexpected(cursor, "the end of the text");
  return whole;
}

function unexpected(cursor: TokenCursor, expected: string): never {
  return cursor.fail(`unexpected ${cursor.found()}`, expected);
}

/** Comma-separated items between brackets or braces. */
function readSeries<T>(cursor: TokenCursor, open: string, close: string, item: (cursor: TokenCursor) => T): T[] {
  if (!cursor.isMark(open)) unexpected(cursor, `"${open}"`);
  return cursor.nested(() => {
    cursor.take();
    const items: T[] = [];
    if (!cursor.isMark(close)) {
      do items.push(item(cursor));
      while (cursor.accept(","));
    }
    if (!cursor.accept(close)) unexpected(cursor, `"," or "${close}"`);
    return items;
  });
}

function readField(cursor: TokenCursor): SyntaxField {
  if (cursor.peek().kind !== "string") unexpected(cursor, "a field name in double quotes");
  const { text, at } = cursor.take();
  if (!cursor.accept(":")) unexpected(cursor, '":"');
  return { name: text, value: readValue(cursor), at };
}

function readValue(cursor: TokenCursor): SyntaxValue {
  const { at, kind, text } = cursor.peek();
  if (cursor.isMark("{")) return readMessage(cursor);
  if (cursor.isMark("[")) return { kind: "list", items: readSeries(cursor, "[", "]", readValue), at, json: true };
  if (cursor.accept("-")) {
    if (cursor.peek().kind !== "number") unexpected(cursor, "a number after the minus sign");
    return { kind: "number", text: `-${cursor.take().text}`, at, json: true };
  }
  if (kind === "mark" || kind === "end") return unexpected(cursor, "a JSON value");
  if (kind === "name" && !["true", "false", "null"].includes(text)) unexpected(cursor, "a JSON value");
  cursor.take();
  return { kind, text, at, json: true };
}

function readMessage(cursor: TokenCursor): SyntaxMessage {
  const { at } = cursor.peek();
  return { kind: "message", fields: readSeries(cursor, "{", "}", readField), at, json: true };
}
