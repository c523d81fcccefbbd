/**
 * Splits protobuf text format (and JSON) into tokens with positions.
 */
import { ConfigError } from "../../errors/index.js";
import { grouped } from "../../util/text/format.js";
import { caretSnippet, describePosition, type Position, type Source } from "./position.js";
import { readString, StringError } from "./read-string.js";

/** A token; `text` of a string is its decoded value, that of a number is as written. */
export interface Token {
  readonly kind: "name" | "number" | "string" | "mark" | "end";
  readonly text: string;
  readonly at: Position;
}

const patterns = {
  blank: /[\s\uFEFF]+/y,
  comment: /#[^\n\r]*/y,
  name: /[A-Za-z_][A-Za-z0-9_]*/y,
  number: /(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?)(?![A-Za-z0-9_.])/y,
  mark: /[{}<>[\]:,;-]/y,
};

/** The maximum number of tokens: ten times those of a config with 10,000 features, and few enough for the memory. */
const mostTokens = 3_000_000;

/** All tokens of a text; the last is of kind `end`. Throws {@link ConfigError} with line, column and caret. */
export function tokenize(source: Source): Token[] {
  const { text } = source;
  const placeOf = positions(text);
  const tokens: Token[] = [];
  let offset = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = offset;
    return pattern.exec(text)?.[0] ?? null;
  };
  for (;;) {
    for (let skipped = -1; skipped !== 0; offset += skipped) {
      skipped = (match(patterns.blank) ?? match(patterns.comment) ?? "").length;
    }
    const at = placeOf(offset);
    if (tokens.length === mostTokens) {
      throw syntaxError(source, at, "the config is too long", `at most ${grouped(mostTokens)} words and marks`);
    }
    if (offset >= text.length) {
      tokens.push({ kind: "end", text: "", at });
      return tokens;
    }
    const quote = text[offset]!;
    if (quote === '"' || quote === "'") {
      const { value, end } = stringAt(source, offset, placeOf);
      tokens.push({ kind: "string", text: value, at });
      offset = end;
      continue;
    }
    const [kind, token] = firstToken(match);
    if (token === null) throw syntaxError(source, at, `unexpected ${JSON.stringify(text[offset])}`);
    tokens.push({ kind, text: token, at });
    offset += token.length;
  }
}

/** A syntax error with line and column in the message; `received` is the line with a caret. */
export function syntaxError(source: Source, at: Position, message: string, expected?: string): ConfigError {
  return new ConfigError({
    path: source.name,
    message: `${message} at ${describePosition(at)}`,
    received: caretSnippet(source, at),
    expected,
  });
}

function firstToken(match: (pattern: RegExp) => string | null): [Token["kind"], string | null] {
  for (const kind of ["name", "number", "mark"] as const) {
    const token = match(patterns[kind]);
    if (token !== null) return [kind, token];
  }
  return ["end", null];
}

/** Converts offsets to line and column; the offsets must be ascending. */
function positions(text: string): (offset: number) => Position {
  let [line, lineStart, scannedTo] = [1, 0, 0];
  return (offset) => {
    for (; scannedTo < offset; scannedTo++) {
      const isBreak = text[scannedTo] === "\n" || (text[scannedTo] === "\r" && text[scannedTo + 1] !== "\n");
      if (isBreak) [line, lineStart] = [line + 1, scannedTo + 1];
    }
    return { line, column: offset - lineStart + 1 };
  };
}

function stringAt(
  source: Source,
  offset: number,
  placeOf: (offset: number) => Position,
): { value: string; end: number } {
  try {
    return readString(source.text, offset);
  } catch (error) {
    if (!(error instanceof StringError)) throw error;
    throw syntaxError(source, placeOf(error.offset), error.message, error.expected);
  }
}
