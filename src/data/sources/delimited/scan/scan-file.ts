/**
 * Scans a whole CSV file: returns the number of rows and the column types, or the first problem.
 */
import { DataError } from "../../../../errors/index.js";
import { compressionOf, textBytes } from "../bytes/text-bytes.js";
import { Utf8Check } from "../bytes/utf8-check.js";
import type { Dialect } from "../dialect.js";
import { longestRecord } from "../head.js";
import { recordProblem } from "./record-problem.js";
import { type LineEnd, RecordScan } from "./scan.js";

/** The result of a scan. */
export interface FileRecords {
  /** Number of rows without the header. */
  readonly rows: number;
  /** [columns], the bits of `cell-classes.ts`. */
  readonly classes: Uint8Array;
  /** Length of the longest record in bytes. */
  readonly longest: number;
  readonly lineEnd: LineEnd | null;
  /** Whether a quoted field spans several lines. */
  readonly hasLongFields: boolean;
}

/**
 * Throws a DataError with the first invalid line and the position in it; the signal's reason once the signal is
 * aborted.
 */
export async function scanFile(file: string, dialect: Dialect, signal?: AbortSignal): Promise<FileRecords> {
  const { separator, names, header } = dialect;
  const scan = new RecordScan({ separator, fields: names.length, header, mostBytes: longestRecord });
  const text = new Utf8Check();
  for await (const piece of textBytes(file)) {
    signal?.throwIfAborted();
    const { lines } = scan;
    const goesOn = scan.push(piece);
    const linesBefore = text.push(piece);
    if (linesBefore !== null && (scan.fault?.line ?? Number.POSITIVE_INFINITY) > lines + linesBefore) {
      throw notUtf8(file, lines + linesBefore);
    }
    if (!goesOn) break;
  }
  if (scan.fault === null && text.isCut) throw notUtf8(file, scan.lines);
  scan.end();
  // If an archive is damaged, report that instead of problems of its lines.
  if (scan.fault !== null && compressionOf(file) !== null) for await (const _ of textBytes(file));
  if (scan.fault !== null) throw new DataError(await recordProblem(file, scan.fault, names, separator));
  const { records, classes, longest, lineEnd, hasLongFields } = scan;
  return { rows: Math.max(0, records - (header ? 1 : 0)), classes, longest, lineEnd, hasLongFields };
}

function notUtf8(file: string, line: number): DataError {
  return new DataError({
    path: `${file}: line ${line}`,
    message: "the file is not valid UTF-8",
    fix: "save it as UTF-8, for example with iconv",
  });
}
