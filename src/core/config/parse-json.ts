/** Parses JSON with positions, so that errors have line, column and caret on every Node version. */
import { clipped } from "../util/text.js";
import {
  mostLevels,
  type Source,
  type SyntaxField,
  type SyntaxMessage,
  type SyntaxValue,
  syntaxError,
  type Token,
  tokenize,
} from "./tokens.js";

export class TokenCursor {
  readonly #tokens: readonly Token[];
  #next = 0;
  #level = 0;

  constructor(private readonly source: Source) {
    this.#tokens = tokenize(source);
  }

  /** The next token, or a later one; the last is of kind `end`. */
  peek(behind = 0): Token {
    return this.#tokens[this.#next + behind]!;
  }

  take(): Token {
    return this.#tokens[this.#next++]!;
  }

  isMark(text: string): boolean {
    const { kind, text: word } = this.peek();
    return kind === "mark" && word === text;
  }

  accept(text: string): boolean {
    return this.isMark(text) && Boolean(this.take());
  }

  found(): string {
    const { kind, text } = this.peek();
    return kind === "end" ? "the end of the text" : JSON.stringify(clipped(text));
  }

  /** Reads one nesting level, which starts at the next token. Throws a ConfigError beyond the maximum depth. */
  nested<T>(read: () => T): T {
    if (++this.#level > mostLevels) this.fail("the config is nested too deeply", `at most ${mostLevels} levels`);
    const value = read();
    this.#level--;
    return value;
  }

  fail(message: string, expected: string, at: number = this.peek().at): never {
    throw syntaxError(this.source, at, message, expected);
  }
}

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
