/** Tables as plain text, for terminals and `text/plain`. */

import { count } from "../../util/text/format.js";
import { visible } from "../../util/text/visible.js";
import { cellText, columnAlign } from "./cells.js";
import type { TableOptions } from "./html.js";
import type { Table } from "./table.js";

/** A table as aligned text with a rule below the headings. */
export function tableText(table: Table, options: TableOptions = {}): string {
  const maxRows = options.maxRows ?? 100;
  const bodyCells = table.rows
    .slice(0, maxRows)
    .map((row) => table.columns.map((column, c) => oneLine(cellText(row[c] ?? null, column))));
  const names = table.columns.map((column) => oneLine(column.name));
  const widths = names.map((name, c) => Math.max(letters(name), ...bodyCells.map((row) => letters(row[c]!))));
  const aligns = names.map((_, c) => columnAlign(table, c));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => pad(cell, widths[c]!, aligns[c]!))
      .join("  ")
      .trimEnd();
  const hidden = table.rows.length - maxRows;
  return [
    ...(table.caption === undefined ? [] : [visible(table.caption)]),
    line(names),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...bodyCells.map(line),
    ...(hidden > 0 ? [`… ${count(hidden, "more row")}`] : []),
  ].join("\n");
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - letters(text)));
  return align === "right" ? space + text : text + space;
}

function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, " "));
}

function letters(text: string): number {
  return [...text].length;
}
