/**
 * Python's regular expressions as RE2's, which match in linear time. TorchEasyRec takes a pattern by Python's `re`; what
 * RE2 has not (look-around, backreferences, atomic groups) is refused by name, and what the two write alike and mean
 * otherwise (`\w`, `{,3}`, `\Z`) is rewritten.
 */
import { codeOf, escapeAt, type Scanner, setAt, UnsupportedPattern, wrong } from "./pattern-parts.js";

/** A pattern for RE2, and the names that it matches as Python would. */
export interface TranslatedPattern {
  readonly re2: string;
  /** Word boundaries are RE2's, which know ASCII only. */
  readonly asciiNames: boolean;
}

/** What stands before a quantifier. */
type Before = "nothing" | "atom" | "repeated";

/** @throws UnsupportedPattern for what Python refuses, and for what RE2 cannot match */
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
      const found = escapeAt(scanner);
      out.push(found.re2);
      before = found.anchor ? "nothing" : "atom";
      asciiNames ||= found.asciiNames;
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
      if (depth-- === 0) throw wrong("a ) without its (", from);
      atom(")");
    } else if (character === "|" || character === "^" || character === "$") {
      out.push(character);
      before = "nothing";
    } else if (character === ".") {
      atom(".");
    } else {
      const quantifier = quantifierAt(scanner, character);
      if (quantifier === null) {
        atom(codeOf(character));
        continue;
      }
      if (before === "nothing") throw wrong(`${pattern.slice(from, scanner.at)} has nothing to repeat`, from);
      if (before === "repeated") throw wrong(`${pattern.slice(from, scanner.at)} repeats what is repeated`, from);
      if (pattern[scanner.at] === "+") throw new UnsupportedPattern("possessive quantifiers", `${character}+`, from);
      if (pattern[scanner.at] === "?") scanner.at++; // what is lazy does not matter to a whole match
      out.push(quantifier);
      before = "repeated";
    }
  }
  if (depth > 0) throw wrong("a ( without its )", pattern.length);
  return { re2: out.join(""), asciiNames };
}

/** The most repetitions: RE2 takes 1,000, and each is a copy of what is repeated. */
const mostRepeats = 100;

/** `null`: the character stands for itself. */
function quantifierAt(scanner: Scanner, character: string): string | null {
  if ("*+?".includes(character)) return character;
  if (character !== "{") return null;
  const found = /^(\d*)(,(\d*))?\}/.exec(scanner.text.slice(scanner.at));
  if (found === null || found[0] === "}") return null;
  const from = scanner.at - 1;
  scanner.at += found[0].length;
  const [, least = "", range, most = ""] = found;
  const low = Number(least || 0);
  const high = range === undefined ? low : most === "" ? null : Number(most);
  if (high !== null && high < low) throw wrong(`{${found[0]} ends below its beginning`, from);
  if (Math.max(low, high ?? 0) > mostRepeats) {
    throw new UnsupportedPattern(`more than ${mostRepeats} repetitions`, `{${found[0]}`, from);
  }
  return `{${low}${high === low ? "" : `,${high ?? ""}`}}`;
}

/** Beginnings of groups that RE2 has not. */
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
 * What opens a group; flags for all that follows; `null` for a comment.
 * @param first whether nothing but flags stands before it
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
  if (taken === null) throw wrong(`(${rest.slice(0, 3)} begins no group`, from);
  scanner.at += taken[0].length;
  if (comment !== null) return null;
  if (named !== null) {
    const name = named[1]!;
    if (names.has(name)) throw wrong(`two groups are called ${name}`, from);
    names.add(name);
    return "(?:";
  }
  return flagGroup(taken, from, first);
}

function flagGroup([, on = "", off = "", end = ""]: RegExpExecArray, from: number, first: boolean): string {
  const shown = `(?${on}${off}${end}`;
  if (end === ")" && (on === "" || off !== "")) throw wrong(`${shown} begins no group`, from);
  if (end === ")" && !first) throw wrong(`the flags ${shown} are not at the beginning`, from);
  const other = [...on, ...off.slice(1)].find((flag) => !"ims".includes(flag));
  if (other !== undefined && !(other === "u" && end === ")" && /^[imsu]+$/.test(on))) {
    throw new UnsupportedPattern(`the flag ${other}`, shown, from);
  }
  if ([...on].some((flag) => off.includes(flag))) throw wrong(`${shown} turns a flag on and off`, from);
  const kept = on.replaceAll("u", ""); // Python's own default
  return kept === "" && off === "" ? (end === ":" ? "(?:" : "(?:)") : `(?${kept}${off}${end}`;
}
