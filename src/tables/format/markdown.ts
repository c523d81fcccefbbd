/** Tables and sentences as Markdown, for pull requests and reports. */

import { visible } from "../../util/text/visible.js";
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

/** Formats sentences as a list. */
export function bulletsMarkdown(lines: readonly string[]): string {
  // Within an item, a line could start a heading, a list or a rule.
  return lines
    .map((line) => `- ${escaped(line).replace(/^\s*(?:[#+=-]|\d+(?=[.)]))/, (start) => blockEscaped(start.trim()))}`)
    .join("\n");
}

function blockEscaped(start: string): string {
  return /^\d/.test(start) ? `${start}\\` : `\\${start}`;
}

function escaped(text: string): string {
  return visible(text.replace(/\s+/g, " ")).replace(/[\\|*_`~$<>[\]&]/g, "\\$&");
}
