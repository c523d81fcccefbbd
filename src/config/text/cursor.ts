/**
 * A cursor over the tokens of a text with position, depth and error reporting.
 */
import { clipped } from "../../util/text/format.js";
import type { Position, Source } from "./position.js";
import { mostLevels } from "./syntax.js";
import { syntaxError, type Token, tokenize } from "./tokens.js";

/** A position between two tokens. */
export class TokenCursor {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  #next = 0;
  #level = 0;

  /** Throws a ConfigError if the text contains an invalid token. */
  constructor(source: Source) {
    this.#source = source;
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

  /** Consumes a mark if it is next. */
  accept(text: string): boolean {
    return this.isMark(text) && Boolean(this.take());
  }

  /** Describes the next token for a message. */
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

  /** Throws a ConfigError. */
  fail(message: string, expected: string, at: Position = this.peek().at): never {
    throw syntaxError(this.#source, at, message, expected);
  }
}
