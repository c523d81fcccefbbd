/**
 * The patterns by which optimisers select parameters, with TorchEasyRec's semantics: Python's `re.fullmatch` on the
 * whole name. Patterns come from untrusted configs and saved runs, so RE2 matches them, in linear time. Syntax that RE2
 * lacks (look-around, backreferences, atomic groups) is rejected by name, and syntax with another meaning in RE2 (`\w`,
 * `{,3}`, `\Z`) is rewritten.
 */
import { type Problem, SpecError } from "../errors/index.js";

const mostCharacters = 500;

/** The maximum number of repetitions: RE2 allows 1,000, and each copies the repeated part. */
const mostRepeats = 100;

export interface ParameterPattern {
  /** Whether it matches the whole name. @throws SpecError if Python could return another result for this name */
  matches(name: string): boolean;
}

/** The problem with a pattern, without its path. */
type PatternFault = Omit<Problem, "path">;

export function parameterPattern(pattern: string): ParameterPattern | PatternFault {
  const received = JSON.stringify(pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern);
  const expected = "a regular expression for Python's re.fullmatch, such as model\\.epnet\\..*";
  if (pattern.length > mostCharacters) {
    const message = `the pattern has more than ${mostCharacters} characters`;
    return { message, received: `${pattern.length} characters`, expected };
  }
  try {
    return compiled(pattern);
  } catch (error) {
    if (error instanceof UnsupportedPattern && error.what !== null) {
      const message = `the pattern has ${error.message}, which are not supported here because matching them can take forever`;
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

function compiled(pattern: string): ParameterPattern {
  const { re2, hasBoundaries } = new Translation(pattern);
  const { RE2JS: Engine } = require("re2js") as typeof import("re2js");
  const expression = Engine.compile(re2);
  return {
    matches(name) {
      if (hasBoundaries && /[^\0-\x7f]/.test(name)) {
        throw new SpecError({
          path: "training.partOptimizers",
          message: "word boundaries (\\b, \\B) are supported for ASCII names only",
          received: `the pattern ${JSON.stringify(pattern)} for the parameter ${name}`,
          fix: "write out the characters around the word",
        });
      }
      return expression.testExact(name);
    },
  };
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

function wrong(message: string, at: number): UnsupportedPattern {
  return new UnsupportedPattern(null, message, at);
}

/** Group prefixes that RE2 lacks. */
const unsupported: readonly (readonly [string, string])[] = [
  ["?=", "lookaheads"],
  ["?!", "lookaheads"],
  ["?<=", "lookbehinds"],
  ["?<!", "lookbehinds"],
  ["?>", "atomic groups"],
  ["?P=", "backreferences"],
  ["?(", "conditions"],
];

/** Classes in the syntax of a set; Python's classes cover all of Unicode. */
const classes: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  w: String.raw`\p{L}\p{N}_`,
  s: String.raw`\x{9}-\x{d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`,
};

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

interface CharacterClass {
  readonly members: string;
  readonly negated: boolean;
}

/** RE2 source that matches one character literally. */
function literal(code: number): string {
  const character = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(character) ? character : `\\x{${code.toString(16)}}`;
}

/** The translation of a pattern of Python to RE2's syntax. Throws an {@link UnsupportedPattern}. */
class Translation {
  /** True if the pattern has word boundaries: RE2's support ASCII only. */
  hasBoundaries = false;
  readonly #text: string;
  readonly #out: string[] = [];
  readonly #names = new Set<string>();
  #at = 0;
  #depth = 0;
  /** The kind of item before a quantifier. */
  #before: "nothing" | "atom" | "repeated" = "nothing";

  constructor(text: string) {
    this.#text = text;
    while (this.#at < text.length) this.#item(this.#at);
    if (this.#depth > 0) throw wrong("a ( without a )", text.length);
  }

  get re2(): string {
    return this.#out.join("");
  }

  /** Consumes what a sticky expression matches here. */
  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text);
    this.#at += match?.[0].length ?? 0;
    return match;
  }

  #add(re2: string, before: "nothing" | "atom" | "repeated" = "atom"): void {
    this.#out.push(re2);
    this.#before = before;
  }

  #item(from: number): void {
    const quantifier = this.#take(/[*+?]|\{(?!\})(\d*)(,(\d*))?\}/y);
    if (quantifier !== null) this.#quantify(quantifier, from);
    if (quantifier !== null || this.#take(/\(\?#[^)]*\)/y)) return; // also skips comments
    const [character] = this.#take(/[\s\S]/uy) as unknown as [string];
    if (character === "\\") this.#escape(from);
    else if (character === "[") this.#add(this.#set(from));
    else if (character === "(") this.#open(from);
    else if ("|^$".includes(character)) this.#add(character, "nothing");
    else if (character === ")") {
      if (this.#depth-- === 0) throw wrong("a ) without a (", from);
      this.#add(")");
    } else this.#add(character === "." ? "." : literal(character.codePointAt(0)!));
  }

  #quantify([text, least = "", range, most = ""]: RegExpExecArray, from: number): void {
    const low = Number(least);
    const high = range === undefined ? low : most === "" ? Number.POSITIVE_INFINITY : Number(most);
    if (high < low) throw wrong(`${text} has a maximum below its minimum`, from);
    if (low > mostRepeats || (high > mostRepeats && high < Number.POSITIVE_INFINITY)) {
      throw new UnsupportedPattern(`more than ${mostRepeats} repetitions`, text, from);
    }
    if (this.#before === "nothing") throw wrong(`${text} has nothing to repeat`, from);
    if (this.#before === "repeated") throw wrong(`${text} repeats a quantifier`, from);
    if (this.#take(/\+/y)) throw new UnsupportedPattern("possessive quantifiers", `${text[0]}+`, from);
    this.#take(/\?/y); // laziness does not change a full match
    const end = high === low ? "" : `,${high === Number.POSITIVE_INFINITY ? "" : high}`;
    this.#add(text.length === 1 ? text : `{${low}${end}}`, "repeated");
  }

  /** Translates the start of a group, or flags for the whole rest. */
  #open(from: number): void {
    const refused = unsupported.find(([start]) => this.#text.startsWith(start, this.#at));
    if (refused !== undefined) throw new UnsupportedPattern(refused[1], `(${refused[0]}`, from);
    let opened = "(?:";
    if (this.#text[this.#at] === "?") {
      const named = this.#take(/\?P<([\p{ID_Start}_][\p{ID_Continue}]*)>/uy);
      const flags = named ?? this.#take(/\?([a-zA-Z]*)(-[a-zA-Z]+)?([:)])/y);
      if (flags === null) throw wrong(`(${this.#text.slice(this.#at, this.#at + 3)} does not start a group`, from);
      if (named === null) opened = this.#flags(flags, from);
      else if (this.#names.has(named[1]!)) throw wrong(`two groups are named ${named[1]}`, from);
      else this.#names.add(named[1]!);
    }
    this.#out.push(opened);
    if (opened.endsWith(")")) return;
    this.#before = "nothing";
    this.#depth++;
  }

  #flags([, on = "", off = "", end = ""]: RegExpExecArray, from: number): string {
    const group = `(?${on}${off}${end}`;
    const isFirst = this.#out.every((part) => part.startsWith("(?") && part.endsWith(")"));
    if (end === ")" && (on === "" || off !== "")) throw wrong(`${group} does not start a group`, from);
    if (end === ")" && !isFirst) throw wrong(`the flags ${group} are not at the start`, from);
    const other = [...on, ...off.slice(1)].find((flag) => !"ims".includes(flag));
    if (other !== undefined && !(other === "u" && end === ")" && /^[imsu]+$/.test(on))) {
      throw new UnsupportedPattern(`the flag ${other}`, group, from);
    }
    if ([...on].some((flag) => off.includes(flag))) throw wrong(`${group} turns the same flag on and off`, from);
    const flags = on.replaceAll("u", ""); // Python's default
    return flags === "" && off === "" ? (end === ":" ? "(?:" : "(?:)") : `(?${flags}${off}${end}`;
  }

  #escape(from: number): void {
    const [anchor] = this.#take(/[AZbB]/y) ?? [];
    if (anchor !== undefined) {
      this.hasBoundaries ||= anchor === "b" || anchor === "B";
      this.#add(anchor === "Z" ? "\\z" : `\\${anchor}`, "nothing");
      return;
    }
    const letterClass = this.#class();
    if (letterClass !== null) {
      this.#add(`[${letterClass.negated ? "^" : ""}${letterClass.members}]`);
      return;
    }
    if (/^(?![0-3][0-7]{2})[1-9]/.test(this.#text.slice(this.#at))) {
      throw new UnsupportedPattern("backreferences", `\\${this.#text[this.#at]}`, from);
    }
    this.#add(literal(this.#code(from, /0[0-7]{0,2}|[0-3][0-7]{2}/y)));
  }

  #set(from: number): string {
    const negated = this.#take(/\^/y) !== null;
    const members: string[] = [];
    const complements: string[] = [];
    for (let first = true; first || this.#take(/\]/y) === null; first = false) {
      if (this.#at >= this.#text.length) throw wrong("a [ without a ]", from);
      const low = this.#member();
      if (this.#take(/-(?!\]|$)/y)) {
        const high = this.#member();
        if (typeof low !== "number" || typeof high !== "number" || high < low) {
          throw wrong("a range whose start is not below its end", this.#at - 1);
        }
        members.push(`${literal(low)}-${literal(high)}`);
      } else if (typeof low === "number") members.push(literal(low));
      else (low.negated ? complements : members).push(low.members);
    }
    if (complements.length === 0) return `[${negated ? "^" : ""}${members.join("")}]`;
    const syntax = this.#text.slice(from, this.#at);
    if (negated) throw new UnsupportedPattern("complements in a negated set", syntax, from);
    const set = members.length === 0 ? [] : [`[${members.join("")}]`];
    return `(?:${[...set, ...complements.map((each) => `[^${each}]`)].join("|")})`;
  }

  /** A member of a set: a character code, or a class. */
  #member(): number | CharacterClass {
    const [character] = this.#take(/[\s\S]/uy) as unknown as [string];
    if (character !== "\\") return character.codePointAt(0)!;
    const from = this.#at - 1;
    return this.#class() ?? (this.#take(/b/y) ? 8 : this.#code(from, /[0-7]{1,3}/y));
  }

  #class(): CharacterClass | null {
    const [letter] = this.#take(/[dws]/iy) ?? [];
    if (letter === undefined) return null;
    return { members: classes[letter.toLowerCase()]!, negated: letter !== letter.toLowerCase() };
  }

  /** The code of the character after a backslash. @param octal the octal escapes that are valid here */
  #code(from: number, octal: RegExp): number {
    const hex = this.#take(/x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y);
    const digits = hex ?? this.#take(octal);
    if (digits !== null) {
      const code = hex === null ? Number.parseInt(digits[0], 8) : Number.parseInt(hex[0].slice(1), 16);
      if (code <= (hex === null ? 0o377 : 0x10ffff)) return code;
      throw wrong(`${this.#text.slice(from, from + 4)} is not a character`, from);
    }
    const [letter] = this.#take(/[\s\S]/uy) ?? [];
    if (letter === undefined) throw wrong("a backslash at the end", from);
    const control = controls[letter];
    if (control !== undefined) return control;
    if (letter === "N") throw new UnsupportedPattern("named characters", "\\N", from);
    if (/[A-Za-z0-9]/.test(letter)) throw wrong(`\\${letter} is not a valid escape`, from);
    return letter.codePointAt(0)!;
  }
}
