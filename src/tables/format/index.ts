/** A table as HTML, Markdown or plain text. */

export { type TableOptions, tableHtml } from "./html.js";
export { tableMarkdown } from "./markdown.js";
export { tableText } from "./text.js";
