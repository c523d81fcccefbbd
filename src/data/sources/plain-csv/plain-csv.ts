/**
 * Plain CSV files, read by threads straight into columns. DuckDB parses as fast, but hands its rows over in vectors of
 * 2,048 values, which takes longer than the parsing. What this reader does not take with certainty DuckDB reads instead,
 * so the rows are DuckDB's either way.
 */
import type { ColumnInfo, RawColumn } from "../../column.js";
import type { FieldKind } from "./fields.js";
import { type LineRange, linesOfFile } from "./lines.js";
import type { LineFormat, LinesRead } from "./read-lines.js";
import { readInThread, threadCount } from "./threads.js";

/** A plain file's lines. */
export interface PlainLines {
  readonly rows: number;
  readonly ranges: readonly LineRange[];
}

/**
 * The files' lines; `null`: they are not plain.
 *
 * @param headers bytes of each file's header, its line end included
 */
export async function plainLines(
  files: readonly string[],
  headers: readonly number[],
  rangeBytes: number,
): Promise<PlainLines | null> {
  const ranges: LineRange[] = [];
  for (const [index, file] of files.entries()) {
    const own = await linesOfFile(file, headers[index] as number, rangeBytes);
    if (own === null) return null;
    ranges.push(...own);
  }
  return { rows: ranges.reduce((sum, { rows }) => sum + rows, 0), ranges };
}

/**
 * Reads columns range by range, in order, some ranges ahead of whoever takes them. Returns whether it read all rows: it
 * ends at the first range with a field that it cannot take. The parts before that hold.
 */
export async function* plainParts(
  lines: PlainLines,
  delimiter: string,
  columns: readonly ColumnInfo[],
  names: readonly string[],
): AsyncGenerator<Map<string, RawColumn>, boolean> {
  const kinds = columns.map((column) => (names.includes(column.name) ? kindOf(column) : "skipped"));
  if (kinds.includes(null)) return false;
  const format: LineFormat = { delimiter: delimiter.charCodeAt(0), kinds: kinds as FieldKind[] };
  const ahead: Promise<LinesRead>[] = [];
  let next = 0;
  const fill = (): void => {
    while (ahead.length < threadCount() + 1 && next < lines.ranges.length) {
      const read = readInThread({ range: lines.ranges[next++] as LineRange, format });
      read.catch(() => undefined); // thrown when it is awaited
      ahead.push(read);
    }
  };
  for (fill(); ahead.length > 0; ) {
    const read = await (ahead.shift() as Promise<LinesRead>).catch(() => null);
    if (read === null) return false;
    fill();
    const part = columns.flatMap(({ name }, index) => {
      const column = read[index];
      return column ? [[name, column] as const] : [];
    });
    yield new Map(part);
  }
  return true;
}

/** `null`: not read here. */
function kindOf({ type }: ColumnInfo): FieldKind | null {
  return type === "integer" || type === "float" || type === "text" ? type : null;
}
