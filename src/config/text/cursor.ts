/** Goes through the tokens of a text: where it is, how deep, and what is wrong there. */
import { clipped } from "../../util/text/format.js";
import type { Position, Source } from "./position.js";
import { mostLevels } from "./syntax.js";
import { syntaxError, type Token, tokenize } from "./tokens.js";

/** A place between two tokens. */
export class TokenCursor {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  #next = 0;
  #level = 0;

  /** Throws a ConfigError where the text cannot be cut into tokens. */
  constructor(source: Source) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  /** The next token, or one behind it; the last is of kind `end`. */
  peek(behind = 0): Token {
    return this.#tokens[this.#next + behind]!;
  }

  take(): Token {
    return this.#tokens[this.#next++]!;
  }

  isMark(text: string): boolean {
    const { kind, text: found } = this.peek();
    return kind === "mark" && found === text;
  }

  /** Takes a mark if it is next. */
  accept(text: string): boolean {
    return this.isMark(text) && Boolean(this.take());
  }

  /** The next token in the words of a message. */
  found(): string {
    const { kind, text } = this.peek();
    return kind === "end" ? "the end of the text" : JSON.stringify(clipped(text));
  }

  /** Reads something a level deeper, which begins at the next token. Throws a ConfigError beyond the deepest level. */
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
