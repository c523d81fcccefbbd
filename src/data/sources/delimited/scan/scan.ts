/**
 * Scans the bytes of a CSV file once, in chunks, and finds the ends of its records: their number, the classes of
 * their columns, and the first record that differs from the others. It treats the same bytes as quotes, separators
 * and line ends as DuckDB, which reads the values; a property test compares the two. It stores positions instead of
 * text, so that the time does not depend on the length of a quoted field.
 */
import { ColumnClasses, type CountedText } from "./column-classes.js";

/** A fault in a record. Positions are bytes of the (decompressed) file; lines count from 1. */
export interface RecordFault {
  readonly kind: "fields" | "open quote" | "text after quote" | "line ends" | "too long";
  /** The position: for `fields` and `too long` the start of the record, for quotes the start of the field. */
  readonly at: number;
  readonly line: number;
  /** The start of that line. */
  readonly lineStart: number;
  /** The index of the field in the record. */
  readonly field: number;
  /** For `fields`: their number. */
  readonly fields: number;
  /** The current line of the scan. */
  readonly endLine: number;
}

/** The options of a scan. */
export interface ScanShape {
  /** Up to four ASCII characters. */
  readonly separator: string;
  /** Number of fields per record. */
  readonly fields: number;
  /** Whether the first record contains names. */
  readonly header: boolean;
  /** The maximum length of a record, in bytes. */
  readonly mostBytes: number;
  /** Texts of missing values in every column. Default: none. */
  readonly nulls?: readonly string[];
}

/** The kinds of line ends. */
export type LineEnd = "\n" | "\r\n" | "\r";

/** Bytes with a special meaning; all others are text. */
const separatorByte = 1;
const quoteByte = 2;
const feedByte = 3;
const returnByte = 4;
const spaceByte = 5;

/** The state within a field. */
const atStart = 0;
const inText = 1;
const inQuotes = 2;
const behindQuote = 3;
const behindSpace = 4;
/** After one space at the start: DuckDB still accepts an opening quote. */
const behindIndent = -1;

/** Scans the chunks of a file, in order. */
export class RecordScan {
  /** Number of records so far, including the header. */
  records = 0;
  /** Length of the longest record in bytes. */
  longest = 0;
  fault: RecordFault | null = null;
  /** The line end of the file; `null`: none yet. */
  lineEnd: LineEnd | null = null;
  /** Whether a quoted field spans several lines. */
  hasLongFields = false;

  private readonly kinds: Uint8Array;
  private readonly separator: Buffer;
  /** Bytes before the current chunk. */
  private base = 0;
  private piece: Buffer = Buffer.alloc(0);
  /** Bytes that belong to the next chunk. */
  private rest: Buffer = this.piece;
  private state = atStart;
  private line = 1;
  private lineStart = 0;
  private recordStart = 0;
  private recordLine = 1;
  private fieldStart = 0;
  private field = 0;
  /** Whether a field beyond the expected number is not empty. */
  private surplus = false;
  private quoteAt = 0;
  private quoteLine = 1;
  private quoteLineStart = 0;
  /** The position of the last closing quote. */
  private closedAt = 0;
  /** Whether the last byte was a return whose line end may continue. */
  private returned = false;
  private readonly columns: ColumnClasses;

  constructor(private readonly shape: ScanShape) {
    this.columns = new ColumnClasses(shape.fields, shape.nulls ?? []);
    this.separator = Buffer.from(shape.separator, "latin1");
    this.kinds = new Uint8Array(256);
    this.kinds[32] = spaceByte;
    this.kinds[34] = quoteByte;
    this.kinds[10] = feedByte;
    this.kinds[13] = returnByte;
    this.kinds[this.separator[0]!] = separatorByte;
  }

  /** [fields], the bits of `cell-classes.ts`. */
  get classes(): Uint8Array {
    return this.columns.classes;
  }

  /** [fields], the usual texts for a missing value in columns of other kinds than text. */
  get marks(): readonly (readonly CountedText[])[] {
    return Array.from({ length: this.shape.fields }, (_, column) => this.columns.columnMarks(column));
  }

  /** The current line, from 1. */
  get lines(): number {
    return this.line;
  }

  /** Scans the next chunk; `false` after a fault. */
  push(piece: Buffer): boolean {
    const bytes = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const begin = this.base === 0 && bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0;
    if (begin > 0) this.recordStart = this.lineStart = this.fieldStart = begin;
    this.piece = bytes;
    const done = this.walk(bytes, begin);
    if (!this.isHeader) this.columns.goesOn(this.field, bytes.subarray(0, done), this.fieldStart - this.base);
    this.base += done;
    this.rest = bytes.subarray(done);
    return this.fault === null;
  }

  /** Finishes the scan at the end of the file. */
  end(): void {
    if (this.fault !== null) return;
    this.piece = this.rest;
    // The first bytes of an incomplete separator are text.
    if (this.rest.length > 0) this.step(0, this.base);
    const at = this.base + this.rest.length;
    if (this.state === inQuotes) this.quoteFault("open quote");
    else if (this.returned) this.endLine("\r", at - 1);
    else if (this.fault === null && at > this.recordStart) this.endRecord(at);
  }

  /** Returns the number of bytes consumed: a separator may continue in the next chunk. */
  private walk(bytes: Buffer, begin: number): number {
    const { kinds, separator, base } = this;
    let at = begin;
    for (; at < bytes.length && this.fault === null; at++) {
      if (this.returned && this.afterReturn(bytes[at]!, base + at)) continue;
      let kind = kinds[bytes[at]!]!;
      if (this.state === inQuotes) {
        // Only quotes and line ends matter.
        while (kind !== quoteByte && kind !== feedByte && kind !== returnByte && ++at < bytes.length) {
          kind = kinds[bytes[at]!]!;
        }
        if (at < bytes.length) this.quoted(kind, base + at);
        continue;
      }
      if (kind === 0 && this.state <= inText) {
        this.state = inText;
        while (kind === 0 && ++at < bytes.length) kind = kinds[bytes[at]!]!;
        if (at === bytes.length) break;
      }
      if (kind === separatorByte && separator.length > 1) {
        if (at + separator.length > bytes.length) return this.checkLength(at);
        if (bytes.compare(separator, 0, separator.length, at, at + separator.length) !== 0) kind = 0;
        else at += separator.length - 1;
      }
      this.step(kind, base + at);
    }
    return this.checkLength(Math.min(at, bytes.length));
  }

  /** A record may be longer than a chunk. */
  private checkLength(taken: number): number {
    if (this.fault === null && this.base + taken - this.recordStart > this.shape.mostBytes)
      this.recordFault("too long");
    return taken;
  }

  /** One byte outside quotes, or the last one of a separator. */
  private step(kind: number, at: number): void {
    if (kind === separatorByte) this.endField(at - this.separator.length + 1, at + 1);
    else if (kind === feedByte) this.endLine("\n", at);
    else if (kind === returnByte) this.returned = true;
    else if (kind === quoteByte) this.quote(at);
    else if (this.state === behindQuote && kind === spaceByte) this.state = behindSpace;
    else if (this.state === behindQuote || (this.state === behindSpace && kind !== spaceByte)) {
      this.quoteFault("text after quote");
    } else if (this.state === atStart) this.state = kind === spaceByte ? behindIndent : inText;
    else if (this.state === behindIndent) this.state = inText;
  }

  private quote(at: number): void {
    if (this.state === inText) return;
    if (this.state <= atStart) {
      this.quoteAt = at;
      this.quoteLine = this.line;
      this.quoteLineStart = this.lineStart;
    }
    this.state = inQuotes;
  }

  /** A quote or a line end within quotes. */
  private quoted(kind: number, at: number): void {
    if (kind === quoteByte) {
      this.state = behindQuote;
      this.closedAt = at;
      return;
    }
    this.hasLongFields = true;
    if (kind === feedByte) this.nextLine(at + 1);
    else this.returned = true;
  }

  /** Whether the byte after a return belongs to the same line end. */
  private afterReturn(byte: number, at: number): boolean {
    this.returned = false;
    const both = byte === 10;
    if (this.state === inQuotes) this.nextLine(both ? at + 1 : at);
    else this.endLine(both ? "\r\n" : "\r", both ? at : at - 1);
    return both;
  }

  private nextLine(start: number): void {
    this.line += 1;
    this.lineStart = start;
  }

  /** @param end the end of the field; `next`: the start of the next one */
  private endField(end: number, next: number): void {
    const quotedNothing = this.state === behindQuote && this.closedAt === this.quoteAt + 1;
    if (this.field >= this.shape.fields && end > this.fieldStart && !quotedNothing) this.surplus = true;
    if (!this.isHeader) this.classify(end - this.base);
    this.field += 1;
    this.fieldStart = next;
    this.state = atStart;
  }

  private get isHeader(): boolean {
    return this.shape.header && this.records === 0;
  }

  private classify(end: number): void {
    const start = this.fieldStart - this.base;
    const isQuoted = this.state === behindQuote || this.state === behindSpace;
    if (!isQuoted) this.columns.plain(this.field, this.piece, start, end);
    else {
      const [open, close] = [this.quoteAt - this.fieldStart, this.closedAt - this.fieldStart];
      this.columns.quoted(this.field, this.piece, start, end, open, close);
    }
  }

  /** @param at the last byte of the line end */
  private endLine(end: LineEnd, at: number): void {
    this.lineEnd ??= end;
    if (this.lineEnd !== end) {
      this.fault = this.faultAt("line ends", this.lineStart, this.line, this.lineStart);
      return;
    }
    this.endRecord(at - end.length + 1);
    this.nextLine(at + 1);
    this.recordStart = this.fieldStart = at + 1;
    this.recordLine = this.line;
  }

  /** @param end after the record's last byte */
  private endRecord(end: number): void {
    const { fields, mostBytes } = this.shape;
    const bytes = end - this.recordStart;
    // In a file with one column an empty line is a row without a value, except before the first record.
    if (bytes === 0 && (fields > 1 || this.records === 0)) return;
    this.endField(end, end);
    if (bytes > this.longest) this.longest = bytes;
    if (bytes > mostBytes) this.recordFault("too long");
    else if (this.field < fields || this.surplus) this.recordFault("fields");
    this.records += 1;
    this.field = 0;
    this.surplus = false;
  }

  private recordFault(kind: "fields" | "too long"): void {
    this.fault = this.faultAt(kind, this.recordStart, this.recordLine, this.recordStart);
  }

  private quoteFault(kind: "open quote" | "text after quote"): void {
    this.fault = this.faultAt(kind, this.quoteAt, this.quoteLine, this.quoteLineStart);
  }

  private faultAt(kind: RecordFault["kind"], at: number, line: number, lineStart: number): RecordFault {
    return { kind, at, line, lineStart, field: this.field, fields: this.field, endLine: this.line };
  }
}
