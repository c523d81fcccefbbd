/** Translates escapes and character sets of Python's regular expressions to RE2's syntax. */

/** A position in a pattern. */
export interface Scanner {
  readonly text: string;
  at: number;
}

/** The error of an unsupported or invalid pattern. */
export class UnsupportedPattern extends Error {
  /**
   * @param what the unsupported syntax in the plural, such as `lookaheads`; `null`: the pattern is invalid in Python
   * too
   */
  constructor(
    readonly what: string | null,
    readonly syntax: string,
    readonly at: number,
  ) {
    super(what === null ? `${syntax}, at character ${at + 1}` : `${what} (${syntax}, at character ${at + 1})`);
  }
}

/** The error of a pattern that is invalid in Python too. */
export function wrong(message: string, at: number): UnsupportedPattern {
  return new UnsupportedPattern(null, message, at);
}

/** An escape outside a set. */
export interface Escape {
  readonly re2: string;
  /** It matches a position, not a character. */
  readonly anchor: boolean;
  readonly asciiNames: boolean;
}

/** Classes in the syntax of a set; Python's classes cover all of Unicode. */
const classes = {
  d: String.raw`\p{Nd}`,
  w: String.raw`\p{L}\p{N}_`,
  s: String.raw`\x{9}-\x{d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`,
} as const;

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const anchors: Readonly<Record<string, string>> = { A: String.raw`\A`, Z: String.raw`\z`, b: "\\b", B: "\\B" };

/** RE2 source that matches one character literally. */
export function characterCode(character: string): string {
  return literalPattern(character.codePointAt(0)!);
}

function literalPattern(code: number): string {
  return /[A-Za-z0-9]/.test(String.fromCodePoint(code)) ? String.fromCodePoint(code) : `\\x{${code.toString(16)}}`;
}

/** Translates the escape after a backslash. */
export function escapeAt(scanner: Scanner): Escape {
  const { text, at } = scanner;
  const letter = text[at];
  if (letter === undefined) throw wrong("a backslash at the end", at - 1);
  const character = (re2: string): Escape => ({ re2, anchor: false, asciiNames: false });
  const anchor = anchors[letter];
  if (anchor !== undefined) {
    scanner.at++;
    return { re2: anchor, anchor: true, asciiNames: letter === "b" || letter === "B" };
  }
  const letterClass = classAt(letter);
  if (letterClass !== null) {
    scanner.at++;
    return character(`[${letterClass.negated ? "^" : ""}${letterClass.members}]`);
  }
  if (/[1-9]/.test(letter) && !/^[0-3][0-7]{2}/.test(text.slice(at))) {
    throw new UnsupportedPattern("backreferences", `\\${letter}`, at - 1);
  }
  return character(literalPattern(codeAt(scanner, /^(0[0-7]{0,2}|[0-3][0-7]{2})/)));
}

/** Translates a set; the scanner is after its `[`. */
export function setAt(scanner: Scanner): string {
  const { text } = scanner;
  const from = scanner.at - 1;
  const negated = text[scanner.at] === "^";
  if (negated) scanner.at++;
  const members: string[] = [];
  const complements: string[] = [];
  for (let first = true; ; first = false) {
    if (scanner.at >= text.length) throw wrong("a [ without a ]", from);
    if (text[scanner.at] === "]" && !first) break;
    const low = memberAt(scanner);
    if (text[scanner.at] === "-" && text[scanner.at + 1] !== "]" && scanner.at + 1 < text.length) {
      scanner.at++;
      const high = memberAt(scanner);
      if (typeof low !== "number" || typeof high !== "number" || high < low) {
        throw wrong("a range whose start is not below its end", scanner.at - 1);
      }
      members.push(`${literalPattern(low)}-${literalPattern(high)}`);
    } else if (typeof low === "number") members.push(literalPattern(low));
    else if (low.negated) complements.push(low.members);
    else members.push(low.members);
  }
  scanner.at++;
  if (complements.length === 0) return `[${negated ? "^" : ""}${members.join("")}]`;
  if (negated) throw new UnsupportedPattern("complements in a negated set", text.slice(from, scanner.at), from);
  const sets = [...(members.length === 0 ? [] : [`[${members.join("")}]`]), ...complements.map((each) => `[^${each}]`)];
  return `(?:${sets.join("|")})`;
}

/** A class of characters. */
interface ClassMember {
  readonly members: string;
  readonly negated: boolean;
}

/** A member of a set: a character code, or a class. */
function memberAt(scanner: Scanner): number | ClassMember {
  const { text } = scanner;
  const code = text.codePointAt(scanner.at)!;
  scanner.at += code > 0xffff ? 2 : 1;
  if (code !== 0x5c) return code;
  const letter = text[scanner.at];
  if (letter === undefined) throw wrong("a backslash at the end", scanner.at - 1);
  const letterClass = classAt(letter);
  if (letterClass === null && letter !== "b") return codeAt(scanner, /^[0-7]{1,3}/);
  scanner.at++;
  return letterClass ?? 8;
}

function classAt(letter: string): ClassMember | null {
  const members = classes[letter.toLowerCase() as keyof typeof classes];
  return members === undefined ? null : { members, negated: letter !== letter.toLowerCase() };
}

/** The code of an escaped character. @param octal the octal escapes that are valid here */
function codeAt(scanner: Scanner, octal: RegExp): number {
  const { text, at } = scanner;
  const rest = text.slice(at, at + 10);
  const hex = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
  const digits = octal.exec(rest)?.[0];
  if (hex !== null || digits !== undefined) {
    scanner.at += (hex?.[0] ?? digits ?? "").length;
    const code = hex === null ? Number.parseInt(digits!, 8) : Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? "", 16);
    if (code > (hex === null ? 0o377 : 0x10ffff)) throw wrong(`\\${rest.slice(0, 3)} is not a character`, at - 1);
    return code;
  }
  const letter = String.fromCodePoint(rest.codePointAt(0)!);
  scanner.at += letter.length;
  const control = controls[letter];
  if (control !== undefined) return control;
  if (letter === "N") throw new UnsupportedPattern("named characters", "\\N", at - 1);
  if (/[A-Za-z0-9]/.test(letter)) throw wrong(`\\${letter} is not a valid escape`, at - 1);
  return letter.codePointAt(0)!;
}
