/** Decides which addresses of untrusted HTML are harmless. */
import { attempt } from "../../core/util/attempt.js";

const linked = new Set(["http:", "https:", "mailto:"]);

/** A link's address if it is the web, mail or a file in the page's folder, parsed as a browser does; else `null`. */
export function safeLink(address: string): string | null {
  const text = address.trim();
  const absolute = attempt(() => new URL(text), null);
  if (absolute !== null) return linked.has(absolute.protocol) ? absolute.href : null;
  const relative = attempt(() => new URL(text, "file:///page/"), null);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers leave them out
  const isInFolder = !/[\\\u0000-\u001f]|^\//.test(text);
  return relative?.protocol === "file:" && relative.host === "" && isInFolder ? text : null;
}

/** Whether an address is an embedded picture. Scripts in an SVG do not run in an `<img>`. */
export function isInlinePicture(address: string): boolean {
  return /^data:image\/(?:png|apng|jpeg|gif|webp|avif|bmp|svg\+xml)[;,]/i.test(address.trim());
}
