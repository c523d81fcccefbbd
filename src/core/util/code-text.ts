/** Escapes untrusted names and paths for code, commands and Markdown that people read, copy and run. */
import { unicodeEscape } from "./text.js";

/** What `visible` escapes, and line ends. */
const unseen = /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

/** A string literal on one line, valid in JavaScript, TypeScript and Python. */
export function stringLiteral(text: string): string {
  return jsonLine(text);
}

/** JSON on one line, even for programs that end lines at U+2028; valid JavaScript. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unseen, unicodeEscape);
}

export function commentLine(text: string): string {
  return `// ${text.replace(unseen, unicodeEscape)}`;
}

/** A path as one shell word on one line, safe from being parsed as an option. */
export function shellPath(path: string): string {
  return shellWord(path.startsWith("-") ? `./${path}` : path);
}

export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (word.search(unseen) === -1) return `'${word.replaceAll("'", `'\\''`)}'`;
  // Three digits a byte, so that a following digit is not part of the escape.
  const octal = (character: string): string =>
    Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  return `$'${word.replace(/[\\']/g, "\\$&").replace(unseen, octal)}'`;
}

/** Inline Markdown code on one line; in a table, bars are escaped because they would end the cell. */
export function markdownCode(text: string, place: "text" | "table" = "text"): string {
  const line = text.replace(unseen, unicodeEscape);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = /^`|`$|^ .* $|^$/.test(line) ? " " : "";
  return `${fence}${space}${place === "table" ? line.replaceAll("|", "\\|") : line}${space}${fence}`;
}
