/** Tables of results: one list of typed columns each, from which the table, HTML, Markdown, text and records follow. */

export type { Column, ColumnKind } from "./column.js";
export { type TableOptions, tableHtml } from "./html.js";
export { tableMarkdown } from "./markdown.js";
export { makeSheet, type Sheet, type SheetColumn, type SheetRecord, sheetRecords, sheetTable } from "./sheet.js";
export type { Cell, Table, TableColumn } from "./table.js";
export { tableText } from "./text.js";
