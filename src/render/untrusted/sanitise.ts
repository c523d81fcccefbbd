/**
 * Sanitises untrusted HTML and SVG with DOMPurify: removes scripts, forms, everything that loads when the page opens,
 * and everything that extends beyond its box. Links lead only to the web, and only when clicked.
 */
import type { Config, DOMPurify } from "dompurify";
import { escapeHtml } from "../../util/text/escape.js";
import { isInlinePicture, safeLink } from "./addresses.js";
import { isTooDeep } from "./depth.js";
import { safeStyle } from "./styles.js";

/** Sanitises HTML. */
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
      if (!(error instanceof RangeError)) throw error; // the stack's end
      return asText(html);
    }
  };
}

function asText(html: string): string {
  return `<pre>${escapeHtml(html)}</pre>`;
}

function addHooks(purify: DOMPurify, picturesOf: Pictures): void {
  /** Attributes with addresses of external pictures. */
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
  switch (name) {
    case "style":
      return safeStyle(value) || null;
    case "id":
      return idPrefix + value;
    case "src":
      return tag === "img" ? inlinePicture(value, picturesOf) : null;
    case "href":
    case "xlink:href":
      if (value.startsWith("#")) return `#${idPrefix}${value.slice(1)}`;
      if (tag === "a") return safeLink(value);
      return tag === "image" ? inlinePicture(value, picturesOf) : null;
    default:
      return safeReferences(value);
  }
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

/** The placeholder of a picture that would have to be loaded. */
function linkTo(picture: Element, address: string | undefined): Element {
  const target = address === undefined ? null : safeLink(address);
  const link = picture.ownerDocument.createElement(target === null ? "span" : "a");
  if (target !== null) link.setAttribute("href", target);
  link.textContent = `[picture: ${picture.getAttribute("alt") || target || "not in this page"}]`;
  return link;
}
