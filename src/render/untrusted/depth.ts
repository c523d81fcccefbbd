/**
 * Measures the nesting depth of HTML without parsing it: parsers need quadratic time for a document that is a thousand
 * elements deep, which no author writes.
 */

/** Browsers stop at 512. */
const deepest = 256;

/** Elements without content. */
const empty = new Set(
  "area base br col embed hr img input keygen link meta param source track wbr circle ellipse line path polygon polyline rect stop use".split(
    " ",
  ),
);

/** Elements with optional end tags, which a parser closes: many in a row are not nested. */
const closedByNext = new Set("p li td th tr dt dd option optgroup thead tbody tfoot colgroup caption rp rt".split(" "));

/** Elements with text content: end tags in it close nothing. */
const textual = new Set("title textarea style script xmp iframe noembed noframes noscript plaintext".split(" "));

/** How far up an end tag is matched: elements further out are rare, and closing too little is safe. */
const lookedUp = 16;

/** Whether elements may be nested deeper than the limit. Takes linear time. */
export function isTooDeep(html: string): boolean {
  const open: string[] = [];
  let textUntil: string | null = null;
  for (const { name, isEnd } of tags(html)) {
    if (isEnd) {
      if (textUntil !== null && name !== textUntil) continue;
      textUntil = null;
      const at = open.lastIndexOf(name);
      if (at >= 0 && at >= open.length - lookedUp) open.length = at;
      continue;
    }
    if (empty.has(name) || closedByNext.has(name)) continue;
    open.push(name);
    if (textUntil === null && textual.has(name)) textUntil = name;
    if (open.length > deepest) return true;
  }
  return false;
}

interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
}

/** Start and end tags in order, comments left out. */
function* tags(html: string): Generator<Tag> {
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", at)) {
    if (html.startsWith("<!--", at)) {
      const end = html.indexOf("-->", at + 2);
      if (end < 0) return;
      at = end + 3;
      continue;
    }
    const match = tagName(html, at);
    if (match === null) {
      at++;
      continue;
    }
    yield match;
    at = tagEnd(html, at + 1 + match.name.length);
    if (at < 0) return;
  }
}

function tagName(html: string, at: number): Tag | null {
  const isEnd = html[at + 1] === "/";
  const start = at + (isEnd ? 2 : 1);
  let end = start;
  while (end < html.length && end - start < 40 && /[A-Za-z0-9:-]/.test(html[end]!)) end++;
  const name = html.slice(start, end).toLowerCase();
  return /^[a-z]/.test(name) ? { name, isEnd } : null;
}

/** The index after the `>` that ends a tag; quotes hide a `>` only at the start of a value. */
function tagEnd(html: string, from: number): number {
  for (let at = from; at < html.length; at++) {
    if (html[at] === ">") return at + 1;
    if (html[at] !== "=") continue;
    while (/\s/.test(html[at + 1] ?? "")) at++;
    const quote = html[at + 1];
    if (quote !== '"' && quote !== "'") continue;
    at = html.indexOf(quote, at + 2);
    if (at < 0) return -1;
  }
  return -1;
}
