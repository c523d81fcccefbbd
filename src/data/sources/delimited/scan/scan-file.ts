/**
 * Scans a whole CSV file: returns the number of rows and the column types, or the first problem.
 */
import { DataError } from "../../../../errors/index.js";
import { detectCompression, textBytes } from "../bytes/text-bytes.js";
import { Utf8Check } from "../bytes/utf8-check.js";
import type { Dialect } from "../dialect.js";
import { longestRecord } from "../head.js";
import { type CsvOptions, openingFix } from "../options.js";
import type { CountedText } from "./column-classes.js";
import { recordProblem } from "./record-problem.js";
import { type LineEnd, RecordScan } from "./scan.js";

/** The result of a scan. */
export interface FileRecords {
  /** Number of rows without the header. */
  readonly rows: number;
  /** [columns], the bits of `cell-classes.ts`. */
  readonly classes: Uint8Array;
  /** [columns], the usual texts for a missing value in columns of other kinds than text. */
  readonly marks: readonly (readonly CountedText[])[];
  /** Length of the longest record in bytes. */
  readonly longest: number;
  readonly lineEnd: LineEnd | null;
  /** Whether a quoted field spans several lines. */
  readonly hasLongFields: boolean;
}

/** How to scan a file. */
export interface ScanOptions {
  /** The caller's options: `nulls`, and what a suggested call repeats. */
  readonly csv?: CsvOptions;
  /** Aborts the scan. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Throws a DataError with the first invalid line and the position in it; the signal's reason once the signal is
 * aborted.
 */
export async function scanFile(file: string, dialect: Dialect, options: ScanOptions = {}): Promise<FileRecords> {
  const { separator, names, header } = dialect;
  const { signal, csv = {} } = options;
  const nulls = csv.nulls ?? [];
  const scan = new RecordScan({ separator, fields: names.length, header, mostBytes: longestRecord, nulls });
  const text = new Utf8Check();
  for await (const piece of textBytes(file)) {
    signal?.throwIfAborted();
    const { lines } = scan;
    const goesOn = scan.push(piece);
    const linesBefore = text.push(piece);
    if (linesBefore !== null && (scan.fault?.line ?? Number.POSITIVE_INFINITY) > lines + linesBefore) {
      throw notUtf8(file, lines + linesBefore, csv);
    }
    if (!goesOn) break;
  }
  if (scan.fault === null && text.isCut) throw notUtf8(file, scan.lines, csv);
  scan.end();
  // If an archive is damaged, report that instead of problems of its lines.
  if (scan.fault !== null && detectCompression(file) !== null) for await (const _ of textBytes(file));
  if (scan.fault !== null) throw new DataError(await recordProblem(file, scan.fault, names, separator));
  const { records, classes, marks, longest, lineEnd, hasLongFields } = scan;
  return { rows: Math.max(0, records - (header ? 1 : 0)), classes, marks, longest, lineEnd, hasLongFields };
}

function notUtf8(file: string, line: number, csv: CsvOptions): DataError {
  const { header, names, separator, nulls, types } = csv;
  return new DataError({
    path: `${file}: line ${line}`,
    message: "the file is not valid UTF-8",
    fix: `if it is in latin-1: ${openingFix(file, { header, names, separator, nulls, types, encoding: "latin-1" })}; else pass its encoding, or save it as UTF-8`,
  });
}
