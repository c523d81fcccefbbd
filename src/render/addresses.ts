const linked = new Set(["http:", "https:", "mailto:"]);

/** A link's address if it is the web, mail or a file in the page's folder, parsed as a browser does; else `null`. */
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

/** Whether an address is an embedded picture. Scripts in an SVG do not run in an `<img>`. */
export function isInlinePicture(address: string): boolean {
  return /^data:image\/(?:png|apng|jpeg|gif|webp|avif|bmp|svg\+xml)[;,]/i.test(address.trim());
}
