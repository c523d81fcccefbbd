/** Names and paths of others inside code, commands and Markdown that people read, copy and run. */

/** As `visible` escapes, and line ends. */
const unseen = /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

/** A string literal of JavaScript, TypeScript and Python alike, on one line. */
export function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(unseen, escapeOf);
}

/** A path as one word of a shell, on one line; it cannot be read as an option. */
export function shellPath(path: string): string {
  return shellWord(path.startsWith("-") ? `./${path}` : path);
}

/** One word of a shell, on one line. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (word.search(unseen) === -1) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${word.replace(/[\\']/g, "\\$&").replace(unseen, octalBytes)}'`;
}

/** Inline code of Markdown, on one line; in a table a bar would end the cell. */
export function markdownCode(text: string, place: "text" | "table" = "text"): string {
  const line = text.replace(unseen, escapeOf);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = /^`|`$|^ .* $|^$/.test(line) ? " " : "";
  return `${fence}${space}${place === "table" ? line.replaceAll("|", "\\|") : line}${space}${fence}`;
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Bytes as `$'…'` writes them, three digits each: what follows is never read as one more digit. */
function octalBytes(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
