/**
 * Translates Python's regular expressions to RE2's, which match in linear time. TorchEasyRec matches patterns with
 * Python's `re`. Features that RE2 lacks (look-around, backreferences, atomic groups) are rejected by name, and
 * syntax with a different meaning in RE2 (`\w`, `{,3}`, `\Z`) is rewritten.
 */
import { characterCode, escapeAt, type Scanner, setAt, UnsupportedPattern, wrong } from "./pattern-parts.js";

/** A pattern for RE2, and the names for which its result equals Python's. */
export interface TranslatedPattern {
  readonly re2: string;
  /** True if the pattern has word boundaries: RE2's support ASCII only. */
  readonly asciiNames: boolean;
}

/** The kind of item before a quantifier. */
type Before = "nothing" | "atom" | "repeated";

/** @throws UnsupportedPattern for a pattern that is invalid in Python or that RE2 cannot match */
export function translatePattern(pattern: string): TranslatedPattern {
  const scanner: Scanner = { text: pattern, at: 0 };
  const out: string[] = [];
  const names = new Set<string>();
  let before: Before = "nothing";
  let depth = 0;
  let asciiNames = false;
  const atom = (text: string): void => {
    out.push(text);
    before = "atom";
  };
  while (scanner.at < pattern.length) {
    const from = scanner.at;
    const character = String.fromCodePoint(pattern.codePointAt(from)!);
    scanner.at += character.length;
    if (character === "\\") {
      const translation = escapeAt(scanner);
      out.push(translation.re2);
      before = translation.anchor ? "nothing" : "atom";
      asciiNames ||= translation.asciiNames;
    } else if (character === "[") {
      atom(setAt(scanner));
    } else if (character === "(") {
      const opened = openGroup(
        scanner,
        names,
        out.every((part) => part.startsWith("(?") && part.endsWith(")")),
      );
      if (opened === null) continue;
      out.push(opened);
      if (opened.endsWith(")")) continue;
      before = "nothing";
      depth++;
    } else if (character === ")") {
      if (depth-- === 0) throw wrong("a ) without a (", from);
      atom(")");
    } else if (character === "|" || character === "^" || character === "$") {
      out.push(character);
      before = "nothing";
    } else if (character === ".") {
      atom(".");
    } else {
      const quantifier = quantifierAt(scanner, character);
      if (quantifier === null) {
        atom(characterCode(character));
        continue;
      }
      if (before === "nothing") throw wrong(`${pattern.slice(from, scanner.at)} has nothing to repeat`, from);
      if (before === "repeated") throw wrong(`${pattern.slice(from, scanner.at)} repeats a quantifier`, from);
      if (pattern[scanner.at] === "+") throw new UnsupportedPattern("possessive quantifiers", `${character}+`, from);
      if (pattern[scanner.at] === "?") scanner.at++; // laziness does not change a full match
      out.push(quantifier);
      before = "repeated";
    }
  }
  if (depth > 0) throw wrong("a ( without a )", pattern.length);
  return { re2: out.join(""), asciiNames };
}

/** The maximum number of repetitions: RE2 allows 1,000, and each copies the repeated part. */
const mostRepeats = 100;

/** `null`: the character is literal. */
function quantifierAt(scanner: Scanner, character: string): string | null {
  if ("*+?".includes(character)) return character;
  if (character !== "{") return null;
  const match = /^(\d*)(,(\d*))?\}/.exec(scanner.text.slice(scanner.at));
  if (match === null || match[0] === "}") return null;
  const from = scanner.at - 1;
  scanner.at += match[0].length;
  const [, least = "", range, most = ""] = match;
  const low = Number(least || 0);
  const high = range === undefined ? low : most === "" ? null : Number(most);
  if (high !== null && high < low) throw wrong(`{${match[0]} has a maximum below its minimum`, from);
  if (Math.max(low, high ?? 0) > mostRepeats) {
    throw new UnsupportedPattern(`more than ${mostRepeats} repetitions`, `{${match[0]}`, from);
  }
  return `{${low}${high === low ? "" : `,${high ?? ""}`}}`;
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

/**
 * Translates the start of a group, or flags for the whole rest; `null` for a comment.
 * @param first whether only flags precede it
 */
function openGroup(scanner: Scanner, names: Set<string>, first: boolean): string | null {
  const from = scanner.at - 1;
  const rest = scanner.text.slice(scanner.at);
  if (!rest.startsWith("?")) return "(?:";
  const refused = unsupported.find(([start]) => rest.startsWith(start));
  if (refused !== undefined) throw new UnsupportedPattern(refused[1], `(${refused[0]}`, from);
  const comment = /^\?#[^)]*\)/.exec(rest);
  const named = /^\?P<([\p{ID_Start}_][\p{ID_Continue}]*)>/u.exec(rest);
  const flags = /^\?([a-zA-Z]*)(-[a-zA-Z]+)?([:)])/.exec(rest);
  const taken = comment ?? named ?? flags;
  if (taken === null) throw wrong(`(${rest.slice(0, 3)} does not start a group`, from);
  scanner.at += taken[0].length;
  if (comment !== null) return null;
  if (named !== null) {
    const name = named[1]!;
    if (names.has(name)) throw wrong(`two groups are named ${name}`, from);
    names.add(name);
    return "(?:";
  }
  return flagGroup(taken, from, first);
}

function flagGroup([, on = "", off = "", end = ""]: RegExpExecArray, from: number, first: boolean): string {
  const group = `(?${on}${off}${end}`;
  if (end === ")" && (on === "" || off !== "")) throw wrong(`${group} does not start a group`, from);
  if (end === ")" && !first) throw wrong(`the flags ${group} are not at the start`, from);
  const other = [...on, ...off.slice(1)].find((flag) => !"ims".includes(flag));
  if (other !== undefined && !(other === "u" && end === ")" && /^[imsu]+$/.test(on))) {
    throw new UnsupportedPattern(`the flag ${other}`, group, from);
  }
  if ([...on].some((flag) => off.includes(flag))) throw wrong(`${group} turns the same flag on and off`, from);
  const flags = on.replaceAll("u", ""); // Python's default
  return flags === "" && off === "" ? (end === ":" ? "(?:" : "(?:)") : `(?${flags}${off}${end}`;
}
