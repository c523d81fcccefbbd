/** Shortens names of one family: what they have in common is cut, what differs stays. */

/** Names of at most `limit` letters, as different as the full names. */
export function shortenAll(names: readonly string[], limit = 22): string[] {
  const short = names.map((name) => shortenAmong(name, names, limit));
  return short.map((name, index) => {
    const twins = names.filter((full, other) => other !== index && short[other] === name && full !== names[index]);
    return twins.length === 0 ? name : fromDifference(names[index]!, twins, limit);
  });
}

function shortenAmong(name: string, names: readonly string[], limit: number): string {
  const letters = [...name];
  if (letters.length <= limit) return name;
  const similar = names.filter((other) => other !== name && isSimilar(letters, [...other]));
  const spans = similar.map((other) => difference(letters, [...other]));
  if (spans.length === 0) return middleCut(letters, limit);
  const from = wordStart(letters, Math.min(...spans.map((span) => span.from)));
  const to = Math.max(from + 1, ...spans.map((span) => span.to));
  return around(letters, from, wordEnd(letters, to, from + limit - 2), limit);
}

/** The letters from `from` to `to` with their word, and the beginning of the name and what follows, as far as they fit. */
function around(letters: readonly string[], from: number, to: number, limit: number): string {
  const [text, rest] = [letters.join(""), letters.length - from];
  if (to < limit) return letters.length <= limit ? text : `${letters.slice(0, limit - 1).join("")}…`;
  if (rest < limit) return `${nameHead(letters, limit - 1 - rest)}…${letters.slice(from).join("")}`;
  const middle = letters.slice(from, to).join("");
  return `${nameHead(letters, limit - 2 - (to - from))}…${middle}…`;
}

/** The beginning of a name; a letter or two say nothing. */
function nameHead(letters: readonly string[], length: number): string {
  return length < 3 ? "" : letters.slice(0, length).join("").trimEnd();
}

/** From the first letter that differs from all twins. */
function fromDifference(name: string, twins: readonly string[], limit: number): string {
  const letters = [...name];
  const at = Math.max(...twins.map((twin) => commonStart(letters, [...twin])));
  const rest = letters.slice(at, at + limit - 2).join("");
  return `…${rest}${at + limit - 2 < letters.length ? "…" : ""}`;
}

function difference(letters: readonly string[], other: readonly string[]): { from: number; to: number } {
  const from = commonStart(letters, other);
  const least = Math.min(letters.length, other.length) - from;
  const end = Math.min(least, commonStart([...letters].reverse(), [...other].reverse()));
  return { from, to: letters.length - end };
}

/** Whether two names would look alike when cut: they share a third of their letters at the ends. */
function isSimilar(letters: readonly string[], other: readonly string[]): boolean {
  const { from, to } = difference(letters, other);
  return from + letters.length - to >= letters.length / 3;
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((letter, index) => letter !== other[index]);
  return differs < 0 ? one.length : differs;
}

/** The start of the word of a letter, if it is near. */
function wordStart(letters: readonly string[], at: number): number {
  let start = at;
  while (start > 0 && at - start < 6 && /[\p{L}\p{N}]/u.test(letters[start - 1]!)) start--;
  return at - start < 6 ? start : at;
}

/** The end of the word of a letter, at most `most`. */
function wordEnd(letters: readonly string[], at: number, most: number): number {
  let end = at;
  while (end < Math.min(letters.length, most) && /[\p{L}\p{N}]/u.test(letters[end]!)) end++;
  return Math.min(end, most);
}

function middleCut(letters: readonly string[], limit: number): string {
  const head = Math.ceil((limit - 1) / 2);
  return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (limit - 1 - head)).join("")}`;
}
