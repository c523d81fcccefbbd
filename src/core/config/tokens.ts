/** Splits protobuf text format (and JSON) into tokens with positions. */
import { ConfigError } from "../errors/index.js";
import { getOrMake } from "../util/growing.js";
import type { Json } from "../util/json.js";
import { grouped } from "../util/text.js";

export interface Source {
  readonly text: string;
  readonly name: string;
}

const starts = new WeakMap<Source, readonly number[]>();

/** Line and column from 1, in words, and the line with a caret below the place; a long line is truncated around it. */
export function describePlace(source: Source, offset: number): { readonly place: string; readonly snippet: string } {
  const begun = getOrMake(starts, source, () => [
    0,
    ...Array.from(source.text.matchAll(/\r\n|\n|\r/g), ({ 0: end, index }) => index + end.length),
  ]).filter((start) => start <= offset);
  const begin = begun.at(-1)!;
  const column = offset - begin;
  const start = Math.max(0, column - 59);
  const excerpt = /^[^\r\n]*/.exec(source.text.slice(begin + start, begin + start + 100))![0].replaceAll("\t", " ");
  const gutter = `${begun.length} | `;
  const caret = `${" ".repeat(gutter.length - 2)}| ${" ".repeat(column - start)}^`;
  return { place: `line ${begun.length}, column ${column + 1}`, snippet: `\n    ${gutter}${excerpt}\n    ${caret}` };
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "/": "/",
  "?": "?",
  "\\": "\\",
  "'": "'",
  '"': '"',
};
const escapePattern = /\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/y;

const plainPattern = /[^\\"'\n\r]+/y;

/**
 * Reads the string whose opening quote is at `start`, and returns its end. `\x` and octal escapes are bytes of UTF-8.
 */
function readString(source: Source, start: number): { readonly value: string; readonly end: number } {
  const { text } = source;
  const quote = text[start];
  let bytes = ""; // one character per byte
  let units = "";
  let offset = start + 1;
  while (text[offset] !== quote) {
    const character = text[offset];
    if (character === undefined || character === "\n" || character === "\r") {
      throw syntaxError(source, start, "a string without a closing quote", `a closing ${quote}`);
    }
    if (character === "\\") {
      const { meant, length } = readEscape(source, offset);
      offset += length;
      if (typeof meant === "string") units += meant;
      else {
        if (units !== "") bytes += Buffer.from(units).toString("latin1");
        bytes += String.fromCharCode(meant);
        units = "";
      }
      continue;
    }
    plainPattern.lastIndex = offset;
    const plain = plainPattern.exec(text)?.[0] ?? character;
    units += plain;
    offset += plain.length;
  }
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return {
      value: decoder.decode(Buffer.concat([Buffer.from(bytes, "latin1"), Buffer.from(units)])),
      end: offset + 1,
    };
  } catch {
    throw syntaxError(source, start, "a string that is not valid UTF-8", "text in UTF-8");
  }
}

function readEscape(source: Source, offset: number): { readonly meant: string | number; readonly length: number } {
  escapePattern.lastIndex = offset;
  const [whole, hex, octal, short, long, other] = escapePattern.exec(source.text) ?? [""];
  const length = whole.length;
  if (hex !== undefined) return { meant: Number.parseInt(hex, 16), length };
  if (octal !== undefined) return { meant: Number.parseInt(octal, 8) & 255, length };
  const meant = codePoint(short ?? long) ?? simpleEscapes[other ?? ""];
  if (meant !== undefined) return { meant, length };
  throw syntaxError(
    source,
    offset,
    `unknown escape ${whole || "\\"}`,
    String.raw`an escape such as \n, \x1d, \" or \\`,
  );
}

function codePoint(hex: string | undefined): string | undefined {
  const point = hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}

/** A token; for a string, `text` is its decoded value; for a number, it is as written. */
export interface Token {
  readonly kind: "name" | "number" | "string" | "mark" | "end";
  readonly text: string;
  readonly at: number;
}

const blank = /[\s\uFEFF]+/y;
const comment = /#[^\n\r]*/y;
const word = /([A-Za-z_]\w*)|((?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?)(?![\w.]))|[{}<>[\]:,;-]/y;

/** The maximum number of tokens: ten times those of a config with 10,000 features, and few enough for the memory. */
const mostTokens = 3_000_000;

/** All tokens of a text; the last is of kind `end`. Throws {@link ConfigError} with line, column and caret. */
export function tokenize(source: Source): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let offset = 0;
  const passes = (pattern: RegExp): boolean => {
    pattern.lastIndex = offset;
    if (!pattern.test(text)) return false;
    offset = pattern.lastIndex;
    return true;
  };
  for (;;) {
    while (passes(blank) || passes(comment));
    const at = offset;
    if (tokens.length === mostTokens) {
      throw syntaxError(source, at, "the config is too long", `at most ${grouped(mostTokens)} words and marks`);
    }
    if (offset >= text.length) {
      tokens.push({ kind: "end", text: "", at });
      return tokens;
    }
    const quote = text[offset]!;
    if (quote === '"' || quote === "'") {
      const { value, end } = readString(source, offset);
      tokens.push({ kind: "string", text: value, at });
      offset = end;
      continue;
    }
    word.lastIndex = at;
    const token = word.exec(text);
    if (token === null) throw syntaxError(source, at, `unexpected ${JSON.stringify(text[offset])}`);
    const [whole, name, number] = token;
    tokens.push({ kind: name !== undefined ? "name" : number !== undefined ? "number" : "mark", text: whole, at });
    offset += whole.length;
  }
}

/** A syntax error with line and column in the message; `received` is the line with a caret. */
export function syntaxError(source: Source, at: number, message: string, expected?: string): ConfigError {
  const { place, snippet } = describePlace(source, at);
  return new ConfigError({ path: source.name, message: `${message} at ${place}`, received: snippet, expected });
}

/** The maximum nesting. A config has about ten levels; functions that walk the tree recurse at each. */
export const mostLevels = 100;

interface Written {
  /** Its offset in the text; `null` if it was not read from a text. */
  readonly at: number | null;
  /** Whether it follows proto JSON: enums, large integers and infinities may be strings. */
  readonly json: boolean;
}

export type SyntaxValue =
  | (Written & { readonly kind: "string" | "number" | "name"; readonly text: string })
  | (Written & { readonly kind: "list"; readonly items: readonly SyntaxValue[] })
  | SyntaxMessage;

export interface SyntaxField {
  readonly name: string;
  readonly value: SyntaxValue;
  readonly at: number | null;
}

export interface SyntaxMessage extends Written {
  readonly kind: "message";
  readonly fields: readonly SyntaxField[];
}

/** The key that wraps a bare word or an over-long number of an open message, which is printed as written. */
export const literalKey = "@literal";

export function syntaxFromJson(value: Json): SyntaxValue {
  const plain = { at: null, json: true } as const;
  if (typeof value === "string") return { kind: "string", text: value, ...plain };
  if (typeof value === "number") return { kind: "number", text: String(value), ...plain };
  if (typeof value === "boolean" || value === null) return { kind: "name", text: String(value), ...plain };
  if (Array.isArray(value)) return { kind: "list", items: value.map(syntaxFromJson), ...plain };
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === literalKey) return { kind: "name", text: String(first[1]), ...plain };
  const fields = entries.map(([name, child]) => ({ name, value: syntaxFromJson(child as Json), at: null }));
  return { kind: "message", fields, ...plain };
}
