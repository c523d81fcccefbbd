/** Addresses in the pages of others: where a link may lead, and which pictures are inside the page already. */

const linked = new Set(["http:", "https:", "mailto:"]);

/**
 * A link's address as it may stand in a page, or `null`: the web, mail, or a file below or beside the page. Read as a
 * browser reads it, on the web and from disk, since `java\nscript:` and `\\host\share` are addresses as well.
 */
export function safeLink(address: string): string | null {
  const text = address.trim();
  try {
    const absolute = new URL(text);
    return linked.has(absolute.protocol) ? absolute.href : null;
  } catch {
    // relative
  }
  try {
    const { protocol, host } = new URL(text, "file:///page/");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers leave them out
    return protocol === "file:" && host === "" && !/[\\\u0000-\u001f]|^\//.test(text) ? text : null;
  } catch {
    return null;
  }
}

/** Whether an address is a picture that the page holds itself. Scripts of an SVG do not run in an `<img>`. */
export function isInlinePicture(address: string): boolean {
  return /^data:image\/(?:png|apng|jpeg|gif|webp|avif|bmp|svg\+xml)[;,]/i.test(address.trim());
}
