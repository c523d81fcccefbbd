/**
 * The patterns by which optimisers select parameters, with TorchEasyRec's semantics: Python's `re.fullmatch` on the
 * whole name. Patterns come from untrusted configs and saved runs, so RE2 matches them, in linear time. The syntax that
 * names of parameters need is translated; the rest of Python's is refused by name.
 */
import { type Problem, SpecError } from "../errors/index.js";

const mostCharacters = 500;

/** The maximum number of repetitions: RE2 allows 1,000, and each copies the repeated part. */
const mostRepeats = 100;

export interface ParameterPattern {
  /** Whether it matches the whole name. */
  matches(name: string): boolean;
}

type PatternFault = Omit<Problem, "path">;

export function parameterPattern(pattern: string): ParameterPattern | PatternFault {
  const received = JSON.stringify(pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern);
  const expected = "a regular expression for Python's re.fullmatch, such as model\\.epnet\\..*";
  if (pattern.length > mostCharacters) {
    const message = `the pattern has more than ${mostCharacters} characters`;
    return { message, received: `${pattern.length} characters`, expected };
  }
  try {
    const { RE2JS: Engine } = require("re2js") as typeof import("re2js");
    const expression = Engine.compile(translated(pattern));
    return { matches: (name) => expression.testExact(name) };
  } catch (error) {
    if (error instanceof UnsupportedPattern && error.what !== null) {
      const message = `the pattern has ${error.message}, which are not supported here`;
      const fix = "write the pattern without them, or as several patterns: the first that matches counts";
      return { message, received, expected, fix };
    }
    const reason = (error as Error).message.replace(/^error parsing regexp: /, "");
    return { message: `not a regular expression: ${reason}`, received, expected };
  }
}

/** Compiles a pattern. @throws SpecError for an unsupported pattern */
export function compilePattern(pattern: string): ParameterPattern {
  const result = parameterPattern(pattern);
  if (isFault(result)) throw new SpecError({ path: "training.partOptimizers", ...result });
  return result;
}

export function isFault(result: ParameterPattern | PatternFault): result is PatternFault {
  return "message" in result;
}

class UnsupportedPattern extends Error {
  /** @param what the unsupported syntax in the plural, such as `lookaheads`; `null`: it is invalid in Python too */
  constructor(
    readonly what: string | null,
    syntax: string,
    at: number,
  ) {
    super(what === null ? `${syntax}, at character ${at + 1}` : `${what} (${syntax}, at character ${at + 1})`);
  }
}

const unsupported: readonly (readonly [RegExp, string])[] = [
  [/^\(\?[=!]/, "lookaheads"],
  [/^\(\?<[=!]/, "lookbehinds"],
  [/^\(\?>/, "atomic groups"],
  [/^\(\?P=|^\\[1-9]/, "backreferences"],
  [/^\(\?\(/, "conditions"],
  [/^\(\?#/, "comments"],
  [/^\(\?[a-zA-Z-]+[:)]/, "flags other than (?i) at the start"],
  [/^(?:[*+?]|\{\d*,?\d*\})\+/, "possessive quantifiers"],
  [/^\\[bB]/, "word boundaries"],
  [/^\\[0abfnrtuvxNU]/, "letters and numbers after a backslash other than d, w, s, A and Z"],
];

/** Classes in the syntax of a set; Python's classes cover all of Unicode. */
const classes: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  w: String.raw`\p{L}\p{N}_`,
  s: String.raw`\x{9}-\x{d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`,
};

/** RE2 source that matches one character literally. */
function literal(character: string): string {
  return /[A-Za-z0-9]/.test(character) ? character : `\\x{${character.codePointAt(0)!.toString(16)}}`;
}

/** What a quantifier may follow: an anchor or nothing, an item, or another quantifier. */
type Before = "nothing" | "item" | "quantifier";

/** A piece of syntax, its role for a quantifier after it, and its translation, which throws an UnsupportedPattern. */
type Syntax = readonly [is: RegExp, kind: Before, re2: (match: RegExpExecArray, at: number) => string];

const syntaxes: readonly Syntax[] = [
  [/^(?:[*+?]|\{(?!\})(\d*)(,(\d*))?\})\??/, "quantifier", quantifier], // laziness changes no full match
  [/^(?:\^|\\A)/, "nothing", () => "^"],
  [/^(?:\$|\\Z)/, "nothing", () => "$"],
  [/^\|/, "nothing", () => "|"],
  [/^\((?:\?:|\?P<[A-Za-z_]\w*>)?(?!\?)/, "nothing", ([start]) => start],
  [/^\)/, "item", () => ")"],
  [/^\\([dws])/, "item", ([, letter]) => `[${classes[letter!]}]`],
  [/^\\([DWS])/, "item", ([, letter]) => `[^${classes[letter!.toLowerCase()]}]`],
  [/^\\([^A-Za-z0-9])/u, "item", ([, character]) => literal(character!)],
  [/^\[(\^|(?!\^))((?:\\[\s\S]|[^\\])(?:\\[\s\S]|[^\\\]])*)\]/u, "item", set],
  [/^[^\\[(]/u, "item", ([character]) => (character === "." ? "." : literal(character))],
];

/** The pattern in RE2's syntax. @throws UnsupportedPattern */
function translated(pattern: string): string {
  const flag = pattern.startsWith("(?i)") ? "(?i)" : "";
  const out = [flag];
  let before: Before = "nothing";
  for (let at = flag.length; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const [is, kind, re2] = syntaxes.find(([start]) => start.test(rest)) ?? [];
    const match = is?.exec(rest);
    const [refusal, what] = unsupported.find(([start]) => start.test(rest)) ?? [];
    if (kind === "quantifier" && before !== "item") {
      const fault = before === "nothing" ? "has nothing to repeat" : "repeats a quantifier";
      throw new UnsupportedPattern(null, `${match![0]} ${fault}`, at);
    }
    if (what !== undefined) throw new UnsupportedPattern(what, refusal!.exec(rest)![0], at);
    if (match == null) throw new UnsupportedPattern(null, `${rest.slice(0, 3)} is cut off or not valid`, at);
    out.push(re2!(match, at));
    before = kind!;
    at += match[0].length;
  }
  return out.join("");
}

function quantifier([text, least = "", range, most = ""]: RegExpExecArray, at: number): string {
  const low = Number(least);
  const high = range === undefined ? low : most === "" ? Number.POSITIVE_INFINITY : Number(most);
  if (high < low) throw new UnsupportedPattern(null, `${text} has a maximum below its minimum`, at);
  if (low > mostRepeats || (high > mostRepeats && high < Number.POSITIVE_INFINITY)) {
    throw new UnsupportedPattern(`more than ${mostRepeats} repetitions`, text, at);
  }
  return text.startsWith("{") ? `{${low}${high === low ? "" : `,${most}`}}` : text[0]!;
}

/** A set, whose members are characters, ranges of them, and classes. */
function set([text, negation, members]: RegExpExecArray, at: number): string {
  const code = (member: string): string => {
    const [, letter] = /^\\([A-Za-z0-9])/.exec(member) ?? [];
    if (letter !== undefined)
      throw new UnsupportedPattern("sets with complements, codes or ranges of classes", text, at);
    return literal(member.replace(/^\\(?=.)/su, ""));
  };
  const parts = members!.matchAll(/(\\[dws])(?!-.)|(\\.|[^\\])-(\\.|[^\\])|\\.|[^\\]/gsu);
  const re2 = Array.from(parts, ([part, name, low, high]) => {
    if (name !== undefined) return classes[name[1]!]!;
    return low === undefined ? code(part) : `${code(low)}-${code(high!)}`;
  });
  return `[${negation}${re2.join("")}]`;
}
