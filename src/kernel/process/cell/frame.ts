/**
 * Shows danfo frames and series as tables. They are recognised by shape: the kernel does not depend on a data frame
 * library.
 */

import type { MimeBundle } from "../../../port/index.js";
import { escapeHtml } from "../../../util/text/escape.js";
import { count } from "../../../util/text/format.js";
import { visibleLine } from "../../../util/text/visible.js";

/** The parts of a danfo DataFrame or Series that the kernel uses. */
export interface Frame {
  readonly columns?: readonly string[];
  readonly name?: string;
  readonly shape: readonly number[];
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
  readonly dtypes: readonly string[];
  head(rows?: number): Frame;
}

const shownRows = 12;
const shownColumns = 30;

/** Whether a value looks like a danfo frame or series. */
export function isFrame(value: unknown): value is Frame {
  if (typeof value !== "object" || value === null) return false;
  const frame = value as Partial<Frame>;
  const looks = Array.isArray(frame.shape) && Array.isArray(frame.index) && Array.isArray(frame.dtypes);
  return looks && Array.isArray(frame.columns) && typeof frame.head === "function";
}

/** The first rows as an HTML table and as text. */
export function frameBundle(frame: Frame): MimeBundle {
  const [rows = 0, columns = 1] = frame.shape;
  const first = frame.head(shownRows);
  const names = (frame.columns ?? []).slice(0, shownColumns);
  const cells = first.values.map((row) => (Array.isArray(row) ? row : [row]).slice(0, shownColumns));
  const size = `${count(rows, "row")} × ${count(columns, "column")}`;
  const left = [
    rows > cells.length ? `the first ${cells.length} shown` : "",
    columns > names.length ? `${names.length} columns shown` : "",
  ];
  const caption = [size, ...left].filter(Boolean).join(", ");
  return {
    "text/html": table(names, frame.dtypes, first.index, cells, caption),
    "text/plain": text(names, cells, caption),
  };
}

type Cells = readonly (readonly unknown[])[];

function table(
  names: readonly string[],
  types: readonly string[],
  index: Frame["index"],
  cells: Cells,
  caption: string,
): string {
  const head = names.map((name, i) => `<th title="${escapeHtml(types[i] ?? "")}">${escapeHtml(name)}</th>`).join("");
  const body = cells.map((row, i) => {
    const data = row.map((value) => `<td>${escapeHtml(cellText(value))}</td>`).join("");
    return `<tr><th>${escapeHtml(String(index[i] ?? i))}</th>${data}</tr>`;
  });
  return `<table><thead><tr><th></th>${head}</tr></thead><tbody>${body.join("")}</tbody></table><p>${escapeHtml(caption)}</p>`;
}

function text(names: readonly string[], cells: Cells, caption: string): string {
  const lines = [names, ...cells.map((row) => row.map(cellText))].map((line) => line.map(visibleLine));
  const widths = names.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const padded = lines.map((line) => line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  "));
  return [...padded, caption].join("\n");
}

function cellText(value: unknown): string {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  const text = value instanceof Date ? value.toISOString() : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
