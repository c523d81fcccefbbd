/**
 * Results as rows: one list of typed columns per result (a *sheet*) defines its table, HTML, Markdown, text, data frame
 * and JSON records. To add a result, add its list to the folder of its subject.
 */

export type { Column, ColumnKind } from "./column.js";
export * from "./data/index.js";
export * from "./effects/index.js";
export * from "./evaluation/index.js";
export * from "./format/index.js";
export * from "./gates/index.js";
export * from "./model/index.js";
export * from "./names/index.js";
export { siteName } from "../spec/index.js";
export {
  makeSheet,
  type Sheet,
  type SheetColumn,
  type SheetRecord,
  sheetRecords,
  sheetTable,
  tableSheet,
} from "./sheet.js";
export * from "./studies/index.js";
export * from "./training/index.js";
