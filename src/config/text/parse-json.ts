/** Reads JSON with places, so that an error in a `.json` config has line, column and caret on every Node version. */
import { clipped } from "../../util/text/format.js";
import type { Source } from "./position.js";
import { mostLevels, type SyntaxField, type SyntaxMessage, type SyntaxValue } from "./syntax.js";
import { syntaxError, type Token, tokenize } from "./tokens.js";

/** A JSON object as syntax. Throws {@link ConfigError} at the first place that is not JSON. */
export function parseJson(source: Source): SyntaxMessage {
  const tokens = tokenize(source);
  let next = 0;
  let level = 0;
  const peek = (): Token => tokens[next] as Token;
  const take = (): Token => tokens[next++] as Token;
  const isMark = (text: string): boolean => peek().kind === "mark" && peek().text === text;
  const fail = (expected: string): never => {
    const token = peek();
    const what = token.kind === "end" ? "the end of the text" : JSON.stringify(clipped(token.text));
    throw syntaxError(source, token.at, `unexpected ${what}`, expected);
  };
  const expectMark = (text: string): Token => (isMark(text) ? take() : fail(`"${text}"`));

  /** Items between marks, separated by commas. */
  function series<T>(open: string, close: string, item: () => T): T[] {
    const items: T[] = [];
    const { at } = expectMark(open);
    if (++level > mostLevels) {
      throw syntaxError(source, at, "the config is nested too deeply", `at most ${mostLevels} levels`);
    }
    if (!isMark(close)) {
      do items.push(item());
      while (isMark(",") && take());
    }
    if (!isMark(close)) fail(`"," or "${close}"`);
    take();
    level--;
    return items;
  }

  function field(): SyntaxField {
    if (peek().kind !== "string") fail("a field name in double quotes");
    const name = take();
    expectMark(":");
    return { name: name.text, value: value(), at: name.at };
  }

  function value(): SyntaxValue {
    const { at, kind, text } = peek();
    if (isMark("{")) return message();
    if (isMark("[")) return { kind: "list", items: series("[", "]", value), at, json: true };
    if (isMark("-")) {
      take();
      if (peek().kind !== "number") fail("a number behind the minus sign");
      return { kind: "number", text: `-${take().text}`, at, json: true };
    }
    if (kind === "name" && !["true", "false", "null"].includes(text)) fail("a JSON value");
    if (kind === "mark" || kind === "end") fail("a JSON value");
    take();
    return { kind: kind as "name" | "number" | "string", text, at, json: true };
  }

  function message(): SyntaxMessage {
    const { at } = peek();
    return { kind: "message", fields: series("{", "}", field), at, json: true };
  }

  const whole = message();
  if (peek().kind !== "end") fail("the end of the text");
  return whole;
}
