/** How a table's cells read, in HTML and in text alike. */
import type { Cell, Table, TableColumn } from "../charts/table.js";

/** A cell as text: `1,234`, `0.7123`, `12.5 %`, `yes`, and `–` for a gap. */
export function cellText(cell: Cell, column: TableColumn): string {
  if (cell === null) return "–";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell === "string") return cell;
  if (!Number.isFinite(cell)) return String(cell);
  if (column.percent === true) return `${(cell * 100).toFixed(column.digits ?? 1)} %`;
  if (column.digits !== undefined) return grouped(cell.toFixed(column.digits));
  return Number.isInteger(cell) ? grouped(String(cell)) : significant(cell);
}

/** Numbers line up at the right. */
export function columnAlign(table: Table, column: number): "left" | "right" {
  const named = table.columns[column]?.align;
  if (named !== undefined) return named;
  const cells = table.rows.map((row) => row[column] ?? null).filter((cell) => cell !== null);
  return cells.length > 0 && cells.every((cell) => typeof cell === "number") ? "right" : "left";
}

function grouped(digits: string): string {
  if (digits.includes("e")) return digits;
  const [whole = "", fraction] = digits.split(".");
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

function significant(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(3);
  return grouped(String(Number(value.toPrecision(size >= 1000 ? 6 : 4))));
}
