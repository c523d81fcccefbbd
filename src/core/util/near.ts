/** Escapes untrusted names and paths for code, commands and Markdown that people read, copy and run. */
import { getOrMake } from "./growing.js";
import { unicodeEscape } from "./text.js";

/** What `visible` escapes, and line ends. */
const unseen = /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

/** A string literal on one line, valid in JavaScript, TypeScript and Python. */
export function stringLiteral(text: string): string {
  return jsonLine(text);
}

/** JSON on one line, also for programs that end lines at U+2028; valid JavaScript. */
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

export function firstRepeated(names: readonly string[]): string | undefined {
  const distinct = new Set<string>();
  return names.find((name) => distinct.size === distinct.add(name).size);
}

/** `"a", "b", "c"`, truncated after twelve. */
export function listNames(names: readonly string[]): string {
  const firstNames = names.slice(0, 12).map((name) => `"${name}"`);
  return names.length > 12 ? `${firstNames.join(", ")} … (${names.length} in all)` : firstNames.join(", ");
}

const manyCandidates = 1000;
/** The number of names compared with one long list of candidates; later names get no suggestions. */
const mostNames = 50;
/** Longer names are not compared: the time grows with the product of both lengths. */
const longestName = 200;

/** Caches suggestions from long lists, so that ten thousand misspelt features are not compared with as many columns. */
const nearestByList = new WeakMap<readonly string[], Map<string, readonly string[]>>();

/** The candidates closest to `name` by edit distance, nearest first: at most three, within a maximum distance. */
export function nearNames(name: string, candidates: Iterable<string>): readonly string[] {
  const list = Array.isArray(candidates) ? (candidates as readonly string[]) : [...candidates];
  if (name.length > longestName) return [];
  if (list.length <= manyCandidates) return nearest(name, list);
  const nearestByName = getOrMake(nearestByList, list, () => new Map<string, readonly string[]>());
  if (!nearestByName.has(name) && nearestByName.size < mostNames) nearestByName.set(name, nearest(name, list));
  return nearestByName.get(name) ?? [];
}

function nearest(name: string, candidates: readonly string[]): readonly string[] {
  const reach = Math.max(2, Math.floor(name.length / 3));
  const lower = name.toLowerCase();
  return [...new Set(candidates)]
    .filter((candidate) => Math.abs(candidate.length - name.length) <= reach)
    .map((candidate) => ({ candidate, distance: editDistance(lower, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= reach)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `did you mean "a" or "b"?`, or `undefined` if no candidate is similar. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const near = nearNames(name, candidates);
  return near.length === 0 ? undefined : `did you mean ${near.map((n) => `"${n}"`).join(" or ")}?`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
