/**
 * Reads plain CSV files by threads directly into columns. DuckDB parses as fast, but returns rows in vectors of
 * 2,048 values, which takes longer than the parsing. The threads scan every cell once before reading, so that the
 * column types depend on all rows. DuckDB reads files that are not plain.
 */
import { statSync } from "node:fs";
import { type CellKind, kindOfCells } from "../../cells/cell-classes.js";
import type { RawColumn } from "../../table/column.js";
import type { FieldKind } from "./fields.js";
import type { LineRange, LineShape, Scanned, Span } from "./lines.js";
import type { LineFormat, LinesRead } from "./read-lines.js";
import { readInThread, scanInThread, threadCount } from "./threads.js";

/** The lines of a plain file. */
export interface PlainLines {
  readonly rows: number;
  readonly ranges: readonly LineRange[];
  /** [columns], the bits of `cell-classes.ts` over all rows. */
  readonly classes: Uint8Array;
}

/**
 * The lines of the files; `null` if a file is not plain.
 * @param headers bytes of each file's header, including its line end
 */
export async function plainLines(
  files: readonly string[],
  headers: readonly number[],
  shape: LineShape,
  rangeBytes: number,
): Promise<PlainLines | null> {
  const spans = files.flatMap((file, index) => cutSpans(file, headers[index]!, rangeBytes));
  const classes = new Uint8Array(shape.columns);
  const ranges: LineRange[] = [];
  const returns = new Map<string, boolean>();
  for await (const [{ file }, scanned] of scannedSpans(spans, shape)) {
    if (scanned === null) return null;
    const { start, end, rows } = scanned;
    if (scanned.returns !== null) {
      if ((returns.get(file) ?? scanned.returns) !== scanned.returns) return null;
      returns.set(file, scanned.returns);
    }
    for (const [column, bits] of scanned.classes.entries()) classes[column]! |= bits;
    if (rows > 0) ranges.push({ file, start, end, rows });
  }
  return { rows: ranges.reduce((sum, { rows }) => sum + rows, 0), ranges, classes };
}

/** Equal spans of at most `rangeBytes`, a multiple of the number of threads: all threads end at the same time. */
function cutSpans(file: string, header: number, rangeBytes: number): Span[] {
  const bytes = statSync(file).size - header;
  const rounds = Math.ceil(bytes / rangeBytes / threadCount());
  const spanBytes = Math.max(1, Math.ceil(bytes / Math.max(1, rounds * threadCount())));
  const spans: Span[] = [];
  for (let from = header; from < header + bytes; from += spanBytes) {
    spans.push({ file, from, to: Math.min(header + bytes, from + spanBytes), first: from === header });
  }
  return spans;
}

/** Scans spans in order, some in advance. If a thread fails, DuckDB reads the file and reports the problem. */
async function* scannedSpans(spans: readonly Span[], shape: LineShape): AsyncGenerator<[Span, Scanned | null]> {
  const results = ahead(spans, (span) => scanInThread({ span, shape }).catch(() => null));
  for (const span of spans) yield [span, (await results.next()).value as Scanned | null];
}

/** Results in the order of their tasks; a few tasks run in advance. */
async function* ahead<Task, Result>(tasks: readonly Task[], start: (task: Task) => Promise<Result>) {
  const started: Promise<Result>[] = [];
  let next = 0;
  while (next < tasks.length || started.length > 0) {
    while (started.length < 2 * threadCount() && next < tasks.length) started.push(start(tasks[next++] as Task));
    yield await started.shift()!;
  }
}

/**
 * Reads columns range by range, in order, some ranges in advance. Returns whether it read all rows: it stops at the
 * first range that has changed since the scan.
 * @param names of all columns of the file
 * @param kinds by name, of the columns to read
 */
export async function* plainParts(
  { ranges }: PlainLines,
  delimiter: string,
  names: readonly string[],
  kinds: ReadonlyMap<string, CellKind>,
): AsyncGenerator<Map<string, RawColumn>, boolean> {
  const format: LineFormat = {
    delimiter: delimiter.charCodeAt(0),
    kinds: names.map((name) => fieldKind(kinds.get(name))),
  };
  const results = ahead(ranges, (range) => readInThread({ range, format }).catch((): LinesRead => null));
  for await (const read of results) {
    if (read === null) return false;
    const part = names.flatMap((name, index) => {
      const column = read[index];
      return column ? [[name, column] as const] : [];
    });
    yield new Map(part);
  }
  return true;
}

function fieldKind(kind: CellKind | undefined): FieldKind {
  if (kind === undefined) return "skipped";
  return kind === "digits" ? "text" : kind;
}

/** The type of each column, by name; columns requested as written are text. */
export function cellKinds(
  names: readonly string[],
  classes: Uint8Array,
  readNames: readonly string[],
  asWritten: readonly string[],
): Map<string, CellKind> {
  const places = new Map(names.map((name, index) => [name, index]));
  const written = new Set(asWritten);
  return new Map(
    readNames.map((name) => {
      const kind = kindOfCells(classes[places.get(name)!]!);
      return [name, written.has(name) ? "text" : kind];
    }),
  );
}
