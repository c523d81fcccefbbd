/** Tables that people read, and the same as HTML, Markdown or plain text. */

export { type TableOptions, tableHtml } from "./html.js";
export { bulletsMarkdown, tableMarkdown } from "./markdown.js";
export type { Cell, Table, TableColumn } from "./table.js";
export { tableText } from "./text.js";
