/** Tables as Markdown, for pull requests and reports. */

import { cellText, columnAlign } from "./cells.js";
import type { Table } from "./table.js";

/** A table as Markdown, its caption above it; names and values are escaped. */
export function tableMarkdown(table: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = table.columns.map((_, c) => (columnAlign(table, c) === "right" ? "--:" : ":--"));
  const rows = table.rows.map((row) => table.columns.map((column, c) => escaped(cellText(row[c] ?? null, column))));
  const head = table.columns.map(({ name }) => escaped(name));
  const caption = table.caption === undefined ? [] : [escaped(table.caption), ""];
  return [...caption, line(head), line(rule), ...rows.map(line)].join("\n");
}

function escaped(text: string): string {
  return text.replace(/[\\|*_`<>[\]]/g, "\\$&").replace(/\s*\n\s*/g, " ");
}
