/** Scans CSV records in chunks: their number, the classes of their cells, and the first invalid record. */
import { DataError, type Problem } from "../../../errors/index.js";
import { throwIfInterrupted } from "../../../util/interrupt.js";
import { clipped, count } from "../../../util/text.js";
import { classOfBytes, markCell, textCell, wholeCell } from "../../cell-classes.js";
import { withoutBlanks } from "../../number-text.js";
import { Utf8Check } from "./bytes.js";
import { type Dialect, longestRecord } from "./dialect.js";
import { isStored, utf8Bytes } from "./encoding.js";
import { type CsvReading, openingFix } from "./options.js";
import { countFeeds, feedKind, returnKind, Splitter, separatorKind, unescaped, utf8 } from "./split.js";

/** A fault in a record. Positions are bytes of the text in UTF-8; lines count from 1. */
export interface RecordFault {
  readonly kind: "fields" | "open quote" | "text after quote" | "line ends" | "too long";
  /** For `fields` and `too long` the start of the record, for quotes the start of the field. */
  readonly at: number;
  readonly line: number;
  readonly lineStart: number;
  /** The index of the field in the record; for `fields`, their number. */
  readonly field: number;
  readonly endLine: number;
}

interface ScanShape {
  readonly separator: string;
  readonly fields: number;
  readonly header: boolean;
  readonly mostBytes: number;
  readonly nulls?: readonly string[];
  /** The minimum size of a range, in bytes. Default: one range. */
  readonly rangeBytes?: number;
}

/** Whole records, without the header: bytes `start` … `end − 1` of the text in UTF-8. */
export interface RecordRange {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
}

export type LineEnd = "\n" | "\r\n" | "\r";

const feed = 10;
const zero = 48;
const nine = 57;
/** Any integer of up to this number of digits is exact in float64. */
const safeDigits = 15;
const [whole, text] = [wholeCell, textCell] as const;

/** Scans chunks in order. A record that continues in the next chunk is scanned again from its start. */
export class RecordScan {
  /** Number of records so far, including the header. */
  records = 0;
  fault: RecordFault | null = null;
  /** The line end of the file; `null`: none yet. */
  lineEnd: LineEnd | null = null;
  /** The line of the current record, from 1. */
  line = 1;
  /** [fields], the bits of `cell-classes.ts`. */
  readonly classes: Uint8Array;
  /** [fields], the number of each usual text for a missing value. */
  readonly marks: Map<string, number>[];
  readonly ranges: RecordRange[] = [];

  private readonly splitter: Splitter;
  private readonly nulls: ReadonlySet<string>;
  private readonly delimiter: number;
  /** Chunks that are not scanned yet, starting with an incomplete record. */
  private pieces: Buffer[] = [];
  private held = 0;
  /** Scanning continues with at least this number of bytes: twice those of the incomplete record. */
  private needed = 3;
  /** The position of the first held byte in the file. */
  private base = 0;
  private rangeStart = 0;
  private rangeRecords = 0;
  private recordMarks: [number, string][] = [];

  constructor(private readonly shape: ScanShape) {
    this.splitter = new Splitter(shape.separator);
    this.delimiter = shape.separator.length === 1 ? shape.separator.charCodeAt(0) : -1;
    this.classes = new Uint8Array(shape.fields);
    this.marks = Array.from({ length: shape.fields }, () => new Map());
    this.nulls = new Set(shape.nulls);
  }

  push(piece: Buffer): boolean {
    this.pieces.push(piece);
    this.held += piece.length;
    if (this.held >= this.needed) this.walk(false);
    return this.fault === null;
  }

  end(): void {
    if (this.fault === null) this.walk(true);
    this.endRange(this.base);
  }

  get nextLine(): number {
    return this.line + this.pieces.reduce((sum, piece) => sum + countFeeds(piece), 0);
  }

  private walk(isLast: boolean): void {
    const bytes = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    let at = 0;
    if (this.base === 0 && bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf) at = 3;
    if (this.rangeStart < this.base + at && this.base === 0) this.rangeStart = at;
    while (at < bytes.length) {
      const next = this.record(bytes, at, isLast);
      if (next < 0) break;
      at = next;
    }
    if (this.fault === null && bytes.length - at > this.shape.mostBytes) this.fail("too long", at, at, this.line, 0);
    this.base += at;
    this.pieces = [bytes.subarray(at)];
    this.held = bytes.length - at;
    this.needed = Math.max(3, 2 * this.held);
  }

  private get isHeader(): boolean {
    return this.shape.header && this.records === 0;
  }

  /**
   * Returns the start of the next record, or −1 if this one is incomplete or invalid. V8 compiles it sooner than a
   * loop.
   */
  private record(bytes: Buffer, start: number, isLast: boolean): number {
    const { classes, splitter, delimiter } = this;
    const { fields } = this.shape;
    const { kinds, separator } = splitter;
    const { length } = bytes;
    const isFast = !this.isHeader && this.nulls.size === 0;
    if (this.recordMarks.length > 0) this.recordMarks = [];
    let at = start;
    let line = this.line;
    let lineStart = start;
    let surplus = false;
    for (let column = 0; ; column++) {
      if (isFast && column < fields) {
        const bits = classes[column]!;
        const first = bytes[at]!;
        if ((bits & text) === 0 && first >= zero && first <= nine) {
          // A few digits, the most common field, are scanned without a call.
          let end = at + 1;
          let byte = bytes[end]!;
          while (byte >= zero && byte <= nine) byte = bytes[++end]!;
          if (byte === delimiter && end - at <= safeDigits && (first !== zero || end === at + 1)) {
            if (bits !== whole) classes[column] = bits | whole;
            at = end + 1;
            continue;
          }
        }
      }
      const end = splitter.end(bytes, at, length);
      if (end >= length && !isLast) {
        splitter.fault = null;
        return -1;
      }
      if (splitter.fault !== null) {
        const { fault, quoteAt, lines } = splitter;
        const isLong = length - start > this.shape.mostBytes && end - start > this.shape.mostBytes;
        if (isLong) return this.fail("too long", start, start, this.line, column);
        return this.fail(fault, quoteAt, lineStart, line, column, line + lines);
      }
      if (splitter.lines > 0) {
        line += splitter.lines;
        lineStart = splitter.lineStart;
      }
      if (column < fields) {
        if (!this.isHeader) this.classify(bytes, column);
      } else if (end > at && !(splitter.isQuoted && splitter.to === splitter.from)) surplus = true;
      const kind = end < length ? kinds[bytes[end]!]! : 0;
      if (kind === separatorKind) {
        at = end + separator.length;
        if (at >= length && !isLast) return -1;
        continue;
      }
      if (kind === returnKind && end + 1 === length && !isLast) return -1;
      return this.finish(bytes, start, end, { column, line, lineStart, surplus });
    }
  }

  /** Ends a record at its line end or the end of the file; returns the start of the next one, or −1. */
  private finish(
    bytes: Buffer,
    start: number,
    end: number,
    { column, line, lineStart, surplus }: { column: number; line: number; lineStart: number; surplus: boolean },
  ): number {
    const { fields, mostBytes, rangeBytes = Number.POSITIVE_INFINITY } = this.shape;
    let next = end;
    if (end < bytes.length) {
      const isFeed = this.splitter.kinds[bytes[end]!] === feedKind;
      const lineEnd = isFeed ? "\n" : bytes[end + 1] === feed ? "\r\n" : "\r";
      this.lineEnd ??= lineEnd;
      if (this.lineEnd !== lineEnd) return this.fail("line ends", lineStart, lineStart, line, column);
      next = end + lineEnd.length;
    }
    // In a file with one column an empty line is a row without a value, except before the first record.
    const isEmpty = end === start && (fields > 1 || this.records === 0);
    if (!isEmpty) {
      if (end - start > mostBytes) return this.fail("too long", start, start, this.line, column);
      if (column + 1 < fields || surplus) return this.fail("fields", start, start, this.line, column + 1, line);
      for (const [column, mark] of this.recordMarks) {
        const counts = this.marks[column]!;
        counts.set(mark, (counts.get(mark) ?? 0) + 1);
      }
      this.records += 1;
    }
    this.line = next > end ? line + 1 : line;
    if (this.records <= (this.shape.header ? 1 : 0)) {
      this.rangeStart = this.base + next;
      this.rangeRecords = this.records;
    } else if (this.base + next - this.rangeStart >= rangeBytes) this.endRange(this.base + next);
    return next;
  }

  private endRange(end: number): void {
    const rows = this.records - this.rangeRecords;
    if (rows > 0) this.ranges.push({ start: this.rangeStart, end, rows });
    this.rangeStart = end;
    this.rangeRecords = this.records;
  }

  private classify(bytes: Buffer, column: number): void {
    const { splitter, classes, nulls } = this;
    if ((classes[column]! & text) !== 0) return;
    const { from, to } = splitter;
    const cell = splitter.isEscaped ? unescaped(bytes, from, to) : bytes;
    const [start, end] = splitter.isEscaped ? [0, cell.length] : [from, to];
    if (nulls.size > 0 && nulls.has(withoutBlanks(utf8(cell, start, end)))) return;
    const bit = splitter.isEscaped ? textCell : classOfBytes(cell as Buffer, start, end);
    classes[column]! |= bit;
    if (bit === markCell) this.recordMarks.push([column, withoutBlanks(utf8(cell, start, end))]);
  }

  /** Notes a fault of the record. @param at its position, and `lineStart` that of its line, in the held bytes */
  private fail(
    kind: RecordFault["kind"],
    at: number,
    lineStart: number,
    line: number,
    field: number,
    endLine: number = line,
  ): -1 {
    this.fault = { kind, at: this.base + at, line, lineStart: this.base + lineStart, field, endLine };
    return -1;
  }
}

/** Throws a DataError with the first invalid line and the position in it, or ends where it is interrupted. */
export async function scanFile(file: string, dialect: Dialect, options: CsvReading): Promise<RecordScan> {
  const { encoding, separator, names, header } = dialect;
  const { nulls, rangeBytes } = options;
  const scan = new RecordScan({ separator, header, nulls, rangeBytes, fields: names.length, mostBytes: longestRecord });
  const text = new Utf8Check();
  for await (const piece of utf8Bytes(file, encoding)) {
    throwIfInterrupted();
    const linesBefore = text.push(piece);
    const line = linesBefore === null ? Number.POSITIVE_INFINITY : scan.nextLine + linesBefore;
    const isSound = scan.push(piece);
    if (line < (scan.fault?.line ?? Number.POSITIVE_INFINITY)) throw notUtf8(file, line, options);
    if (!isSound) break;
  }
  if (scan.fault === null && text.isCut) throw notUtf8(file, scan.nextLine, options);
  scan.end();
  if (scan.fault === null) return scan;
  // If the archive is damaged or the encoding wrong, this reports it instead of problems of lines.
  if (!isStored(file, encoding)) for await (const _ of utf8Bytes(file, encoding));
  throw new DataError(await recordProblem(file, scan.fault, dialect));
}

function notUtf8(file: string, line: number, { header, names, separator, nulls, types }: CsvReading): DataError {
  const fix = `if it is in latin-1: ${openingFix(file, { header, names, separator, nulls, types, encoding: "latin-1" })}; else pass its encoding, or save it as UTF-8`;
  return new DataError({ path: `${file}: line ${line}`, message: "the file is not valid UTF-8", fix });
}

const shownCharacters = 80;

/** Converts a fault to a problem. Reads the file again up to it. */
async function recordProblem(file: string, fault: RecordFault, dialect: Dialect): Promise<Problem> {
  const { names, separator, encoding } = dialect;
  const { lineBefore, from } = await textAround(file, fault, encoding);
  const excerpt = clipped(from.slice(0, from.search(/[\r\n]|$/)), shownCharacters);
  const line = `${file}: line ${fault.line}`;
  const field = `${line}, character ${lineBefore.length + 1} (column ${JSON.stringify(names[fault.field] ?? `field ${fault.field + 1}`)})`;
  const isLater = fault.endLine > fault.line;
  const lines = isLater ? ` in lines ${fault.line} to ${fault.endLine}` : "";
  const problems: Readonly<Record<RecordFault["kind"], Problem>> = {
    fields: {
      path: line,
      message: "the number of fields in the line differs from the header",
      received: `${count(fault.field, "field")}${lines}: ${excerpt}`,
      expected: `${count(names.length, "field")} separated by ${JSON.stringify(separator)}`,
      fix: `correct the line; a field that contains the separator needs "quotes"${isLater ? ", and a quote that opens at the start of a field continues to the next one" : ""}`,
    },
    "open quote": {
      path: field,
      message: "a quoted field starts here and its closing quote is missing",
      received: excerpt,
      fix: closingFix(file, dialect),
    },
    "text after quote": {
      path: field,
      message: `a quoted field starts here, and text follows its closing quote${isLater ? ` in line ${fault.endLine}` : ""}`,
      received: excerpt,
      expected: `a separator or the end of the line after the closing quote`,
      fix: closingFix(file, dialect),
    },
    "line ends": {
      path: line,
      message: "the line end differs from the lines above",
      expected: "one kind of line end (\\n, \\r\\n or \\r) in the whole file",
      fix: "save the file with one kind of line end, for example with dos2unix",
    },
    "too long": {
      path: line,
      message: "the record is too long",
      received: excerpt,
      expected: "at most 32 MB",
      fix: "check that the file is text with line ends, and that its quotes are closed",
    },
  };
  return problems[fault.kind];
}

function closingFix(file: string, { separator, encoding }: Dialect): string {
  const decoded = encoding === null ? "" : `, encoding = '${encoding}'`;
  const sql = `select * from read_csv('${file.replaceAll("'", "''")}'${decoded}, delim = '${separator}', quote = '')`;
  return `close the quote, or write a quote inside a quoted field twice (""); if quotes have no special meaning in this file: dataset.sql(${JSON.stringify(sql)})`;
}

async function textAround(file: string, { at, lineStart }: RecordFault, encoding: string | null) {
  const start = Math.min(at, lineStart);
  const end = at + 4 * shownCharacters;
  const pieces: Buffer[] = [];
  let base = 0;
  for await (const piece of utf8Bytes(file, encoding)) {
    if (base + piece.length > start) pieces.push(piece.subarray(Math.max(0, start - base), end - base));
    base += piece.length;
    if (base >= end) break;
  }
  const bytes = Buffer.concat(pieces);
  return { lineBefore: bytes.toString("utf8", 0, at - start), from: bytes.toString("utf8", at - start) };
}
