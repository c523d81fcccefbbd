/** Reads protobuf text format: `name: value`, `name { … }`, `name: < … >`, lists, adjacent strings, comments. */
import { clipped } from "../../util/text/format.js";
import type { Position, Source } from "./position.js";
import { mostLevels, type SyntaxField, type SyntaxMessage, type SyntaxValue } from "./syntax.js";
import { syntaxError, type Token, tokenize } from "./tokens.js";

const closing: Readonly<Record<string, string>> = { "{": "}", "<": ">" };

/** A text as syntax. Throws {@link ConfigError} at the first place that is not text format. */
export function parseText(source: Source): SyntaxMessage {
  const tokens = tokenize(source);
  let next = 0;
  let level = 0;
  const peek = (): Token => tokens[next] as Token;
  const isMark = (text: string): boolean => peek().kind === "mark" && peek().text === text;
  const take = (): Token => tokens[next++] as Token;
  const accept = (text: string): boolean => isMark(text) && Boolean(take());
  const fail = (message: string, expected: string, at: Position = peek().at): never => {
    throw syntaxError(source, at, message, expected);
  };
  const found = (): string => (peek().kind === "end" ? "the end of the text" : describe(peek()));

  function fieldsUntil(end: string | null, opened: Token | null): SyntaxField[] {
    const fields: SyntaxField[] = [];
    for (;;) {
      if (end === null ? peek().kind === "end" : isMark(end)) return fields;
      if (peek().kind === "end" && opened !== null)
        fail(`"${opened.text}" is never closed`, `a closing "${end}"`, opened.at);
      if (peek().kind !== "name") fail(`unexpected ${found()}`, "a field name");
      fields.push(field());
      if (!accept(",")) accept(";");
    }
  }

  function field(): SyntaxField {
    const name = take();
    if (!accept(":") && !opensMessages()) fail(`unexpected ${found()} after "${clipped(name.text)}"`, `":" or "{"`);
    return { name: name.text, value: value(`a value for "${clipped(name.text)}"`), at: name.at };
  }

  /** `{`, or a list of such: what may stand behind a name without a colon. */
  function opensMessages(): boolean {
    const first = isMark("[") ? (tokens[next + 1] as Token) : peek();
    const marks = isMark("[") ? ["{", "<", "]"] : ["{", "<"];
    return first.kind === "mark" && marks.includes(first.text);
  }

  function value(expected: string): SyntaxValue {
    const token = peek();
    if (token.kind === "string") return strings();
    if (token.kind === "name" || token.kind === "number")
      return { kind: token.kind, text: take().text, at: token.at, json: false };
    if (accept("-")) return negative(token);
    const isList = isMark("[");
    const end = token.kind === "mark" ? closing[token.text] : undefined;
    if (end === undefined && !isList) return fail(`unexpected ${found()}`, expected);
    if (++level > mostLevels) fail("the config is nested too deeply", `at most ${mostLevels} levels`);
    take();
    const read: SyntaxValue =
      end === undefined ? list(token) : { kind: "message", fields: fieldsUntil(end, token), at: token.at, json: false };
    if (end !== undefined) take();
    level--;
    return read;
  }

  function strings(): SyntaxValue {
    const first = peek();
    let text = "";
    while (peek().kind === "string") text += take().text;
    return { kind: "string", text, at: first.at, json: false };
  }

  function negative(sign: Token): SyntaxValue {
    const token = take();
    if (token.kind !== "number" && token.kind !== "name") fail(`unexpected "-"`, "a number behind it", sign.at);
    return { kind: token.kind as "number" | "name", text: `-${token.text}`, at: sign.at, json: false };
  }

  function list(opened: Token): SyntaxValue {
    const items: SyntaxValue[] = [];
    while (!isMark("]")) {
      if (peek().kind === "end") fail(`"[" is never closed`, `a closing "]"`, opened.at);
      items.push(value("a value"));
      if (!accept(",") && !isMark("]")) {
        if (peek().kind === "end") fail(`"[" is never closed`, `a closing "]"`, opened.at);
        fail(`unexpected ${found()} in a list`, `"," or "]"`);
      }
    }
    take();
    return { kind: "list", items, at: opened.at, json: false };
  }

  return { kind: "message", fields: fieldsUntil(null, null), at: { line: 1, column: 1 }, json: false };
}

function describe(token: Token): string {
  return JSON.stringify(clipped(token.text));
}
