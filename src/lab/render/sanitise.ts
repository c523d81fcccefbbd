/**
 * Sanitises untrusted HTML and SVG: removes scripts, forms, content that is loaded when the page opens, and content that leaves its box.
 */
import type { Config, DOMPurify } from "dompurify";
import { escapeHtml } from "../../core/util/escape.js";
import { isInlinePicture, safeLink } from "./addresses.js";

/** The nesting depth of HTML, unparsed: parsers need quadratic time for a thousand levels, which no author writes. */

/** The maximum depth; browsers stop at 512. */
const deepest = 256;

const empty = new Set(
  "area base br col embed hr img input keygen link meta param source track wbr circle ellipse line path polygon polyline rect stop use".split(
    " ",
  ),
);

/** Elements with optional end tags, which a parser closes: many in a row are not nested. */
const closedByNext = new Set("p li td th tr dt dd option optgroup thead tbody tfoot colgroup caption rp rt".split(" "));

/** Elements with text content: end tags in it close nothing. */
const textual = new Set("title textarea style script xmp iframe noembed noframes noscript plaintext".split(" "));

/** The number of levels at which an end tag is matched. Further out they are rare, and closing too little is safe. */
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

function* tags(html: string): Generator<{ readonly name: string; readonly isEnd: boolean }> {
  const start = /<(\/?)([a-z][a-z0-9:-]{0,39})/iy;
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", at)) {
    if (html.startsWith("<!--", at)) {
      const end = html.indexOf("-->", at + 2);
      if (end < 0) return;
      at = end + 3;
      continue;
    }
    start.lastIndex = at;
    const [, slash, name] = start.exec(html) ?? [];
    if (name === undefined) {
      at++;
      continue;
    }
    yield { name: name.toLowerCase(), isEnd: slash === "/" };
    at = tagEnd(html, at + 1 + name.length);
    if (at < 0) return;
  }
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

const properties =
  /^(?:color|background(?:-color)?|opacity|fill(?:-opacity|-rule)?|stroke(?:-[a-z]+)?|stop-(?:color|opacity)|text-anchor|dominant-baseline|font(?:-[a-z-]+)?|line-height|letter-spacing|word-(?:break|spacing)|overflow(?:-wrap|-x|-y)?|white-space|text-(?:align|decoration|indent|transform|overflow)|vertical-align|(?:min-|max-)?(?:width|height)|padding(?:-[a-z]+)?|margin(?:-[a-z]+)?|border(?:-[a-z-]+)?|table-layout|caption-side|list-style-type|display|flex(?:-[a-z]+)?|gap|align-items|justify-content|box-sizing)$/;
const functions = new Set(["rgb", "rgba", "hsl", "hsla", "calc", "min", "max"]);

const longest = 4_000;

/** Allowed declarations. None can load anything or move a box. */
export function safeStyle(style: string): string {
  if (style.length > longest) return "";
  return style
    .split(";")
    .flatMap((declaration) => {
      const colon = declaration.indexOf(":");
      const name = declaration.slice(0, Math.max(0, colon)).trim().toLowerCase();
      const value = declaration.slice(colon + 1).trim();
      return properties.test(name) && isPlain(value) ? [`${name}:${value}`] : [];
    })
    .join(";");
}

/** Words, numbers and colours. Escapes and comments could spell a function that is not allowed. */
function isPlain(value: string): boolean {
  if (!/^[\w\s#%.,()+*/"'-]*$/.test(value) || value.includes("/*")) return false;
  return [...value.matchAll(/([\w-]*)\s*\(/g)].every(([, name]) => functions.has(name!.toLowerCase()));
}

export type Sanitise = (html: string, pictures?: Pictures) => string;

/** Resolves pictures that HTML references but does not embed: the data URL of an address, or `null`. */
export type Pictures = (address: string) => string | null;

/** Prefix of ids, so that untrusted ids cannot clash with the page's. */
const idPrefix = "user-content-";

const config: Config = {
  USE_PROFILES: { html: true, svg: true, svgFilters: true, mathMl: true },
  // Style sheets affect the whole page; forms can ask for passwords; dialogs and media cover the page or play.
  FORBID_TAGS:
    "style form input button textarea select option optgroup datalist output fieldset legend label meter progress dialog audio video source track picture map area marquee menu animate animatecolor animatemotion animatetransform set mpath template slot".split(
      " ",
    ),
  FORBID_ATTR:
    "class name target rel download action formaction background poster srcset sizes usemap ping cite longdesc accesskey autofocus contenteditable popover popovertarget popovertargetaction is slot part nonce integrity crossorigin loading autoplay for headers overflow".split(
      " ",
    ),
  ALLOW_DATA_ATTR: false,
  KEEP_CONTENT: true,
};

/** Loads DOMPurify and a document for it (half a second). */
export async function createSanitiser(): Promise<Sanitise> {
  const { JSDOM } = await import("jsdom");
  const { default: create } = await import("dompurify");
  const purify = create(new JSDOM("").window);
  let picturesOf: Pictures = () => null;
  addHooks(purify, (address) => picturesOf(address));
  return (html, pictures = () => null) => {
    picturesOf = pictures;
    if (isTooDeep(html)) return asText(html);
    try {
      return purify.sanitize(html, config);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // the stack overflowed
      return asText(html);
    }
  };
}

function asText(html: string): string {
  return `<pre>${escapeHtml(html)}</pre>`;
}

function addHooks(purify: DOMPurify, picturesOf: Pictures): void {
  const elsewhere = new WeakMap<Element, string>();

  purify.addHook("uponSanitizeAttribute", (element, attribute) => {
    const value = safeAttribute(element, attribute.attrName, attribute.attrValue, picturesOf);
    if (value === null) {
      if (attribute.attrName === "src") elsewhere.set(element, attribute.attrValue);
      attribute.keepAttr = false;
    } else attribute.attrValue = value;
  });
  purify.addHook("afterSanitizeAttributes", (element) => {
    const name = element.localName;
    if (name === "a" && element.hasAttribute("href")) element.setAttribute("rel", "noopener noreferrer");
    if (name === "img" && !element.hasAttribute("src")) element.replaceWith(linkTo(element, elsewhere.get(element)));
  });
}

/** The sanitised value of an attribute; `null`: remove the attribute. */
function safeAttribute(element: Element, name: string, value: string, picturesOf: Pictures): string | null {
  const tag = element.localName;
  if (name === "style") return safeStyle(value) || null;
  if (name === "id") return idPrefix + value;
  if (name === "src") return tag === "img" ? inlinePicture(value, picturesOf) : null;
  if (name !== "href" && name !== "xlink:href") return safeReferences(value);
  if (value.startsWith("#")) return `#${idPrefix}${value.slice(1)}`;
  if (tag === "a") return safeLink(value);
  return tag === "image" ? inlinePicture(value, picturesOf) : null;
}

function inlinePicture(address: string, picturesOf: Pictures): string | null {
  const picture = isInlinePicture(address) ? address : picturesOf(address);
  return picture !== null && isInlinePicture(picture) ? picture.trim() : null;
}

/** `url(#gradient)` refers to the drawing itself; any other address would be loaded. */
function safeReferences(value: string): string | null {
  if (!/url|\\/i.test(value)) return value;
  const reference = /^url\(\s*(["']?)#([\w.:-]+)\1\s*\)$/i.exec(value.trim());
  return reference ? `url(#${idPrefix}${reference[2]})` : /\(|\\/.test(value) ? null : value;
}

function linkTo(picture: Element, address: string | undefined): Element {
  const target = address === undefined ? null : safeLink(address);
  const link = picture.ownerDocument.createElement(target === null ? "span" : "a");
  if (target !== null) link.setAttribute("href", target);
  link.textContent = `[picture: ${picture.getAttribute("alt") || target || "not in this page"}]`;
  return link;
}
