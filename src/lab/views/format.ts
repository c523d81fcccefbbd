/** Formats of tables: HTML, Markdown and text. */
import type { TimePlaces } from "../../core/port/notebook.js";
import { escapeHtml } from "../../core/util/escape.js";
import { count, visible } from "../../core/util/text.js";

/** A value of a table; `null` is a gap (not defined there). */
export type Cell = string | number | boolean | null;

/** A column of a table. */
export interface TableColumn {
  readonly name: string;
  /** Digits after the point. Default: whole numbers are grouped by thousands, others get four significant digits. */
  readonly digits?: number;
  /** Show the fraction as a percentage. */
  readonly percent?: boolean;
  /** Values as they are in the data, such as an id `2434` and a price `28.8`: not grouped, with seven significant digits. */
  readonly plain?: boolean;
  /** Default: right for columns of numbers, left otherwise. */
  readonly align?: "left" | "right";
}

/** A table: each row has a cell for each column. */
export interface Table {
  readonly caption?: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** Where it has measured values, if it has any. */
  readonly times?: TimePlaces;
}

/** A cell as text: `1,234`, `0.7123`, `12.5%`, `yes`, and `–` for a gap. */
export function cellText(cell: Cell, column: TableColumn): string {
  if (cell === null) return "–";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell === "string") return cell;
  if (!Number.isFinite(cell)) return String(cell);
  return numberText(cell, column)
    .replace(/^-(?=[0.]*%?$)/, "")
    .replace(/^-/, "−");
}

function numberText(value: number, { percent, digits, plain }: TableColumn): string {
  if (plain === true) return plainNumber(value);
  if (percent === true) return `${(value * 100).toFixed(digits ?? 1)}%`;
  if (digits !== undefined) return byThousands(value.toFixed(digits));
  return Number.isInteger(value) ? byThousands(String(value)) : significant(value);
}

/** Seven digits: the float32 nearest to 0.1 has more. */
export function plainNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Math.abs(value) >= 1e6 ? Math.round(value) : Number(value.toPrecision(7)));
}

function columnAlign(table: Table, column: number): "left" | "right" {
  const chosen = table.columns[column]?.align;
  if (chosen !== undefined) return chosen;
  const cells = table.rows.map((row) => row[column] ?? null).filter((cell) => cell !== null);
  return cells.length > 0 && cells.every((cell) => typeof cell === "number") ? "right" : "left";
}

function byThousands(digits: string): string {
  if (digits.includes("e")) return digits;
  const [whole = "", fraction] = digits.split(".");
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

function significant(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6 || magnitude < 1e-4) return value.toExponential(3);
  return byThousands(String(Number(value.toPrecision(magnitude >= 1000 ? 6 : 4))));
}

export interface TableOptions {
  /** Largest number of rows to show; a last line counts the others. Default: 100. */
  readonly maxRows?: number;
  /** Letters in a line of text: columns that do not fit are placed below, beside the leading texts again. Default: unbounded. */
  readonly width?: number;
  /** Make a wide table reachable by keyboard and name it for screen readers, on a whole page. Default: false. */
  readonly region?: boolean;
  /** Buttons in the head for the script `tables.js`, and exact values for it. Default: false. */
  readonly sortable?: boolean;
}

/** Texts with more letters than this wrap on a narrow page, so that no column is hidden behind a scroll bar. */
const longText = 32;
const nowrap = "vertical-align:top;white-space:nowrap";
const wrapping = "vertical-align:top;white-space:normal;min-width:15em;max-width:60em";
const cellStyle = "padding:2px 10px;font-variant-numeric:tabular-nums";
const headStyle = "vertical-align:bottom;border-bottom:1px solid rgba(128,128,128,0.5)";
const tableStyle = "border-collapse:collapse;width:auto;font-size:13px;line-height:1.35";
const captionStyle = "caption-side:top;text-align:left;padding:4px 10px;font-weight:600";
const buttonStyle =
  "all:revert;border:0;padding:0;background:none;color:inherit;font:inherit;cursor:pointer;text-decoration:underline dotted";

/**
 * The style of tables that are a region of a page. Other clients have the style in each cell, because a notebook has no style sheet.
 */
export const regionStyle: string = `
[role=region] { overflow-x: auto; max-width: 100%; } [role=region] table { ${tableStyle} } [role=region] caption { ${captionStyle} }
[role=region] :is(th, td) { ${cellStyle};${nowrap};text-align:right } [role=region] th { ${headStyle} }
[role=region] .left { text-align: left; } [role=region] .long { ${wrapping} } [role=region] th button { ${buttonStyle} }
`;

/** A table as HTML. Every name and value is escaped. */
export function tableHtml(table: Table, options: TableOptions = {}): string {
  const maxRows = options.maxRows ?? 100;
  const aligns = table.columns.map((_, c) => columnAlign(table, c));
  const texts = table.rows
    .slice(0, maxRows)
    .map((row) => table.columns.map((column, c) => cellText(row[c] ?? null, column)));
  const wraps = table.columns.map((_, c) => texts.some((row) => row[c]!.length > longText));
  const { region = false, sortable = false } = options;
  const styled = (style: string): string => (region ? "" : ` style="${style}"`);
  const look = (c: number, style: string, names = ""): string => {
    if (!region) return ` style="text-align:${aligns[c]};${cellStyle};${style}"`;
    const classes = `${names}${aligns[c] === "left" ? " left" : ""}`.trim();
    return classes === "" ? "" : ` class="${classes}"`;
  };
  const head = table.columns
    .map(
      (column, c) =>
        `<th scope="col"${look(c, headStyle)}>${sortable ? `<button type="button"${styled(buttonStyle)}>${escapeHtml(column.name)}</button>` : escapeHtml(column.name)}</th>`,
    )
    .join("");
  const body = texts.map((row, r) => {
    const value = (c: number): string => (sortable ? sortValue(table.rows[r]?.[c] ?? null) : "");
    const cells = row.map(
      (text, c) =>
        `<td${value(c)}${look(c, wraps[c] ? wrapping : nowrap, wraps[c] ? "long" : "")}>${escapeHtml(text)}</td>`,
    );
    return `<tr>${cells.join("")}</tr>`;
  });
  const hidden = table.rows.length - maxRows;
  const more =
    hidden > 0
      ? `<tfoot><tr><td colspan="${table.columns.length}"${region ? ' class="left"' : ' style="text-align:left;padding:2px 10px"'}>… ${count(hidden, "more row")}</td></tr></tfoot>`
      : "";
  const { caption } = table;
  const place = region ? ` role="region" tabindex="0" aria-label="${escapeHtml(caption ?? "table")}"` : "";
  return [
    `<div${place}${styled("overflow-x:auto;max-width:100%")}><table${sortable ? " data-sortable" : ""}${styled(tableStyle)}>`,
    caption === undefined ? "" : `<caption${styled(captionStyle)}>${escapeHtml(caption)}</caption>`,
    `<thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody>${more}</table></div>`,
  ].join("");
}

/** Gaps stay last. */
function sortValue(cell: Cell): string {
  if (cell === null) return ' data-gap=""';
  return typeof cell === "number" ? ` data-value="${cell}"` : "";
}

/** A table as Markdown, its caption above it; names and values are escaped. */
export function tableMarkdown(table: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = table.columns.map((_, c) => (columnAlign(table, c) === "right" ? "--:" : ":--"));
  const rows = table.rows.map((row) => table.columns.map((column, c) => escaped(cellText(row[c] ?? null, column))));
  const head = table.columns.map(({ name }) => escaped(name));
  const caption = table.caption === undefined ? [] : [escaped(table.caption), ""];
  return [...caption, line(head), line(rule), ...rows.map(line)].join("\n");
}

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

export function tableText(
  table: Table,
  { maxRows = 100, width = Number.POSITIVE_INFINITY }: TableOptions = {},
): string {
  const bodyCells = table.rows
    .slice(0, maxRows)
    .map((row) => table.columns.map((column, c) => oneLine(cellText(row[c] ?? null, column))));
  const names = table.columns.map((column) => oneLine(column.name));
  const widths = names.map((name, c) => Math.max(letters(name), ...bodyCells.map((row) => letters(row[c]!))));
  const aligns = names.map((_, c) => columnAlign(table, c));
  const hidden = table.rows.length - maxRows;
  const blocks = foldedColumns(widths, aligns, width).map((columns) => {
    const line = (cells: readonly string[]): string =>
      columns
        .map((c) => pad(cells[c]!, widths[c]!, aligns[c]!))
        .join("  ")
        .trimEnd();
    return [line(names), columns.map((c) => "─".repeat(widths[c]!)).join("  "), ...bodyCells.map(line)].join("\n");
  });
  return [
    ...(table.caption === undefined ? [] : [visible(table.caption)]),
    blocks.join("\n\n"),
    ...(hidden > 0 ? [`… ${count(hidden, "more row")}`] : []),
  ].join("\n");
}

/** The columns of each block: the leading texts, at most two, name the rows of all blocks. */
function foldedColumns(widths: readonly number[], aligns: readonly string[], width: number): readonly number[][] {
  const firstNumber = aligns.indexOf("right");
  const keys = Math.min(2, firstNumber < 0 ? 1 : firstNumber);
  const named = Array.from({ length: keys }, (_, c) => c);
  const used = (columns: readonly number[]): number => columns.reduce((sum, c) => sum + widths[c]! + 2, -2);
  const blocks: number[][] = [[...named]];
  for (let c = keys; c < widths.length; c++) {
    const last = blocks.at(-1)!;
    if (last.length > keys && used([...last, c]) > width) blocks.push([...named, c]);
    else last.push(c);
  }
  return blocks;
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
