/** Tables of guides that tests write from the sources. */
import { expect } from "vitest";

/** The page with other rows under the heading of a table. @param heading the start of its first line */
export function withRows(text: string, heading: string, rows: readonly string[]): string {
  const start = text.indexOf(heading);
  expect(start, heading).toBeGreaterThan(0);
  const first = text.indexOf("\n", text.indexOf("\n", start) + 1) + 1;
  const table = /^(?:\|.*\n)*/.exec(text.slice(first))![0];
  return text.slice(0, first) + rows.map((row) => `${row}\n`).join("") + text.slice(first + table.length);
}

/** A row of a table. */
export function tableRow(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
