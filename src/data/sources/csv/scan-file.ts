/**
 * Scans a whole CSV file: returns its ranges of records and the column types, or the first problem.
 */
import { DataError } from "../../../errors/index.js";
import { detectCompression, textBytes } from "../delimited/bytes/text-bytes.js";
import { Utf8Check } from "../delimited/bytes/utf8-check.js";
import type { Dialect } from "../delimited/dialect.js";
import { longestRecord } from "../delimited/head.js";
import { openingFix } from "../delimited/options.js";
import { recordProblem } from "../delimited/scan/record-problem.js";
import type { CsvReading } from "./csv-source.js";
import { RecordScan } from "./scan.js";

/**
 * Throws a DataError with the first invalid line and the position in it; the signal's reason once the signal is
 * aborted.
 */
export async function scanFile(file: string, dialect: Dialect, options: CsvReading): Promise<RecordScan> {
  const { separator, names, header } = dialect;
  const { nulls, rangeBytes, signal } = options;
  const shape = { separator, header, nulls, rangeBytes, fields: names.length, mostBytes: longestRecord };
  const scan = new RecordScan(shape);
  const text = new Utf8Check();
  for await (const piece of textBytes(file)) {
    signal?.throwIfAborted();
    const linesBefore = text.push(piece);
    const line = linesBefore === null ? Number.POSITIVE_INFINITY : scan.nextLine + linesBefore;
    const isSound = scan.push(piece);
    if (line < (scan.fault?.line ?? Number.POSITIVE_INFINITY)) throw notUtf8(file, line, options);
    if (!isSound) break;
  }
  if (scan.fault === null && text.isCut) throw notUtf8(file, scan.nextLine, options);
  scan.end();
  if (scan.fault === null) return scan;
  // If an archive is damaged, report that instead of problems of its lines.
  if (detectCompression(file) !== null) for await (const _ of textBytes(file));
  throw new DataError(await recordProblem(file, scan.fault, names, separator));
}

function notUtf8(file: string, line: number, { header, names, separator, nulls, types }: CsvReading): DataError {
  return new DataError({
    path: `${file}: line ${line}`,
    message: "the file is not valid UTF-8",
    fix: `if it is in latin-1: ${openingFix(file, { header, names, separator, nulls, types, encoding: "latin-1" })}; else pass its encoding, or save it as UTF-8`,
  });
}
