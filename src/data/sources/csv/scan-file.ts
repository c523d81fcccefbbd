/** Scans a whole CSV file: returns its ranges of records and the column types, or the first problem. */
import { DataError, type Problem } from "../../../errors/index.js";
import { detectCompression, textBytes, Utf8Check } from "./bytes.js";
import type { Dialect } from "./dialect.js";
import { longestRecord } from "./head.js";
import { type CsvReading, openingFix } from "./options.js";
import { type RecordFault, RecordScan } from "./scan.js";

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

/** The number of shown characters of a line. */
const shownCharacters = 80;

/** Converts a fault to a problem. Reads the file again up to it. @param names of the columns */
export async function recordProblem(
  file: string,
  fault: RecordFault,
  names: readonly string[],
  separator: string,
): Promise<Problem> {
  const { lineBefore, from } = await textAround(file, fault);
  const excerpt = firstLine(from);
  const line = `${file}: line ${fault.line}`;
  const field = `${line}, character ${lineBefore.length + 1} (column ${JSON.stringify(names[fault.field] ?? `field ${fault.field + 1}`)})`;
  switch (fault.kind) {
    case "fields": {
      const lines = fault.endLine > fault.line ? ` in lines ${fault.line} to ${fault.endLine}` : "";
      return {
        path: line,
        message: "the number of fields in the line differs from the header",
        received: `${fault.field} ${fault.field === 1 ? "field" : "fields"}${lines}: ${excerpt}`,
        expected: `${names.length} ${names.length === 1 ? "field" : "fields"} separated by ${JSON.stringify(separator)}`,
        fix: `correct the line; a field that contains the separator needs "quotes"${lines === "" ? "" : ", and a quote that opens at the start of a field continues to the next one"}`,
      };
    }
    case "open quote":
      return {
        path: field,
        message: "a quoted field starts here and its closing quote is missing",
        received: excerpt,
        fix: closingFix(file, separator),
      };
    case "text after quote":
      return {
        path: field,
        message: `a quoted field starts here, and text follows its closing quote${fault.endLine > fault.line ? ` in line ${fault.endLine}` : ""}`,
        received: excerpt,
        expected: `a separator or the end of the line after the closing quote`,
        fix: closingFix(file, separator),
      };
    case "line ends":
      return {
        path: line,
        message: "the line end differs from the lines above",
        expected: "one kind of line end (\\n, \\r\\n or \\r) in the whole file",
        fix: "save the file with one kind of line end, for example with dos2unix",
      };
    case "too long":
      return {
        path: line,
        message: "the record is too long",
        received: excerpt,
        expected: "at most 32 MB",
        fix: "check that the file is text with line ends, and that its quotes are closed",
      };
  }
}

function closingFix(file: string, separator: string): string {
  const sql = `select * from read_csv('${file.replaceAll("'", "''")}', delim = '${separator}', quote = '')`;
  return `close the quote, or write a quote inside a quoted field twice (""); if quotes have no special meaning in this file: dataset.sql(${JSON.stringify(sql)})`;
}

function firstLine(text: string): string {
  const line = text.slice(0, text.search(/[\r\n]|$/));
  return line.length <= shownCharacters ? line : `${line.slice(0, shownCharacters - 1)}…`;
}

/** The text of the line before a fault, and some text from the fault on. */
async function textAround(file: string, { at, lineStart }: RecordFault): Promise<{ lineBefore: string; from: string }> {
  const start = Math.min(at, lineStart);
  const end = at + 4 * shownCharacters;
  const pieces: Buffer[] = [];
  let base = 0;
  for await (const piece of textBytes(file)) {
    if (base + piece.length > start) pieces.push(piece.subarray(Math.max(0, start - base), end - base));
    base += piece.length;
    if (base >= end) break;
  }
  const bytes = Buffer.concat(pieces);
  return { lineBefore: bytes.toString("utf8", 0, at - start), from: bytes.toString("utf8", at - start) };
}
