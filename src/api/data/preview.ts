/** The preview of a data set: a summary of each column, and the first rows. */
import type { Table } from "../../data/index.js";
import { count, grouped } from "../../util/text/format.js";
import { visibleLine } from "../../util/text/visible.js";
import { type DisplayBundle, table as rowsTable, tables } from "../output/index.js";
import { rowCells } from "./raw-rows.js";

/** Column statistics of a preview are over at most this many rows. */
const PREVIEW_ROWS = 200_000;
const FIRST_ROWS = 5;
/** A table of at most this many rows is shown as its rows, without statistics. */
const SMALL_ROWS = 20;
const SMALL_COLUMNS = 20;

/** Builds the preview of a table, with notes above. */
export async function previewBundle(table: Table, notes: readonly string[]): Promise<DisplayBundle> {
  const { describe } = await import("../../data/index.js");
  const { escapeHtml } = await import("../../render/index.js");
  const { sheetTable, summarySheet, tableHtml, tableText } = tables();
  const isLarge = table.rows > PREVIEW_ROWS;
  const part = isLarge ? ` (statistics of the first ${grouped(PREVIEW_ROWS)} rows)` : "";
  const caption = `${count(table.rows, "row")} × ${count(table.columns.length, "column")}, ${visibleLine(table.source)}${part}`;
  const isSmall = table.rows <= SMALL_ROWS && table.columns.length <= SMALL_COLUMNS;
  const first = (await table.head(isSmall ? SMALL_ROWS : FIRST_ROWS)).map(rowCells);
  const sheets = isSmall
    ? [rowsTable(first, caption).sheet()]
    : [
        summarySheet(await describe(isLarge ? table.slice(0, PREVIEW_ROWS) : table), caption),
        rowsTable(first, "First rows").sheet(),
      ];
  const previewTables = sheets.map(sheetTable);
  const lines = notes.map((note) => `note: ${note}`);
  const html = lines.map((line) => `<p style="font-size:13px">${escapeHtml(line)}</p>`);
  return {
    "text/html": [...html, ...previewTables.map((each) => tableHtml(each))].join(""),
    "text/plain": [...lines, ...previewTables.map((each) => tableText(each))].join("\n\n"),
  };
}
