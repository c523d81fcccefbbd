/** Tables for people, and their HTML, Markdown and plain text. */

export { cellText } from "./cells.js";
export { type TableOptions, tableHtml } from "./html.js";
export { bulletsMarkdown, tableMarkdown } from "./markdown.js";
export type { Cell, Table, TableColumn } from "./table.js";
export { tableText } from "./text.js";
