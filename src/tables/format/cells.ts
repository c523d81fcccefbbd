/** Formats table cells for HTML, Markdown and text. */
import type { Cell, Table, TableColumn } from "./table.js";

/** A cell as text: `1,234`, `0.7123`, `12.5%`, `yes`, and `–` for a gap. */
export function cellText(cell: Cell, column: TableColumn): string {
  if (cell === null) return "–";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell === "string") return cell;
  if (!Number.isFinite(cell)) return String(cell);
  if (column.percent === true) return `${(cell * 100).toFixed(column.digits ?? 1)}%`;
  if (column.digits !== undefined) return byThousands(cell.toFixed(column.digits));
  return Number.isInteger(cell) ? byThousands(String(cell)) : significant(cell);
}

/** Columns of numbers are right-aligned, all others left-aligned, unless the column sets it. */
export function columnAlign(table: Table, column: number): "left" | "right" {
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
