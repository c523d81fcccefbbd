/** A table as lines that fit the terminal's width. */
import { tables } from "../../api/output/index.js";
import { styled } from "./styles.js";

type Table = Parameters<ReturnType<typeof tables>["tableText"]>[0];

/** Leaves out columns from the right until the lines fit, and names them below the table. */
export function fittedTable(table: Table, columns: number = process.stdout.columns || 80): string[] {
  let count = table.columns.length;
  while (count > 2 && widthOf(table, count) > columns) count--;
  const lines = textLines(table, count);
  const missing = table.columns.slice(count).map(({ name }) => name);
  const head = table.caption === undefined ? 0 : 1;
  const { stdout } = process;
  return [
    ...lines.map((line, l) =>
      l <= head ? styled(stdout, "bold", line) : l === head + 1 ? styled(stdout, "dim", line) : line,
    ),
    ...(missing.length === 0 ? [] : [styled(stdout, "dim", `not shown in ${columns} columns: ${missing.join(", ")}`)]),
  ];
}

function textLines(table: Table, count: number): string[] {
  const rows = table.rows.map((row) => row.slice(0, count));
  return tables()
    .tableText({ ...table, columns: table.columns.slice(0, count), rows }, { maxRows: 200 })
    .split("\n");
}

/** Without the caption, which may wrap. */
function widthOf({ caption: _, ...table }: Table, count: number): number {
  return Math.max(...textLines(table, count).map((line) => [...line].length));
}
