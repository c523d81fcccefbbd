/**
 * Tables as HTML for notebooks: inline styles only (front ends strip style sheets from untrusted output), colours
 * taken from the page so that light and dark themes both work.
 */

import { escapeHtml } from "../../util/text/escape.js";
import { count } from "../../util/text/format.js";
import { cellText, columnAlign } from "./cells.js";
import type { Cell, Table } from "./table.js";

/** Choices for tables. */
export interface TableOptions {
  /** Largest number of rows to show; a last line counts the others. Default: 100. */
  readonly maxRows?: number;
  /** Make a wide table reachable by keyboard and name it for screen readers, on a whole page. Default: false. */
  readonly region?: boolean;
  /** Buttons in the head for `sortTableScript`, and exact values for it. Default: false. */
  readonly sortable?: boolean;
}

/** Texts with more letters than this wrap if the page is narrow, so that no column is hidden behind a scroll bar. */
const longText = 32;
const nowrap = "vertical-align:top;white-space:nowrap";
const wrapping = "vertical-align:top;white-space:normal;min-width:15em;max-width:60em";

/** A table as HTML. Every name and value is escaped. */
export function tableHtml(table: Table, options: TableOptions = {}): string {
  const maxRows = options.maxRows ?? 100;
  const aligns = table.columns.map((_, c) => columnAlign(table, c));
  const texts = table.rows
    .slice(0, maxRows)
    .map((row) => table.columns.map((column, c) => cellText(row[c] ?? null, column)));
  const wraps = table.columns.map((_, c) => texts.some((row) => row[c]!.length > longText));
  const style = (c: number, more: string): string =>
    `style="text-align:${aligns[c]};padding:2px 10px;${more};font-variant-numeric:tabular-nums"`;
  const head = table.columns
    .map(
      (column, c) =>
        `<th scope="col" ${style(c, "vertical-align:bottom;border-bottom:1px solid rgba(128,128,128,0.5)")}>${headText(column.name, options)}</th>`,
    )
    .join("");
  const body = texts.map((row, r) => {
    const value = (c: number): string => (options.sortable === true ? sortValue(table.rows[r]?.[c] ?? null) : "");
    const cells = row.map(
      (text, c) => `<td${value(c)} ${style(c, wraps[c] ? wrapping : nowrap)}>${escapeHtml(text)}</td>`,
    );
    return `<tr>${cells.join("")}</tr>`;
  });
  const hidden = table.rows.length - maxRows;
  const more =
    hidden > 0
      ? `<tfoot><tr><td colspan="${table.columns.length}" style="text-align:left;padding:2px 10px">… ${count(hidden, "more row")}</td></tr></tfoot>`
      : "";
  const region =
    options.region === true ? ` role="region" tabindex="0" aria-label="${escapeHtml(table.caption ?? "table")}"` : "";
  return [
    `<div style="overflow-x:auto;max-width:100%"${region}><table${options.sortable === true ? " data-sortable" : ""} style="border-collapse:collapse;width:auto;font-size:13px;line-height:1.35">`,
    captionHtml(table.caption),
    `<thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody>${more}</table></div>`,
  ].join("");
}

function headText(name: string, { sortable = false }: TableOptions): string {
  if (!sortable) return escapeHtml(name);
  return `<button type="button" style="all:revert;border:0;padding:0;background:none;color:inherit;font:inherit;cursor:pointer;text-decoration:underline dotted">${escapeHtml(name)}</button>`;
}

/** Gaps stay last. */
function sortValue(cell: Cell): string {
  if (cell === null) return ' class="none"';
  return typeof cell === "number" ? ` data-value="${cell}"` : "";
}

function captionHtml(caption: string | undefined): string {
  if (caption === undefined) return "";
  return `<caption style="caption-side:top;text-align:left;padding:4px 10px;font-weight:600">${escapeHtml(caption)}</caption>`;
}
