/** Reads ranges of CSV records into columns. */
import { closeSync, openSync, readSync } from "node:fs";
import type { RawColumn } from "../../table/column.js";
import type { RecordRange } from "./scan.js";
import { afterLineEnd, feedKind, returnKind, Splitter, separatorKind, unescaped } from "./split.js";
import { type CellColumn, type ColumnFormat, cellColumn, IntegerCells } from "./values.js";

const feed = 10;
const zero = 48;
/** Any integer of up to this number of digits fits 32 bits. */
const intDigits = 9;

export interface RecordFormat {
  readonly separator: string;
  /** The format of every column of the file; `null` skips it. */
  readonly columns: readonly (ColumnFormat | null)[];
}

/** Records to read: bytes `start` … `end − 1` of a file, or these bytes. */
export interface ReadTask extends RecordRange {
  readonly file: string;
  readonly bytes: Uint8Array | null;
  readonly format: RecordFormat;
}

/** The columns, `null` for a skipped one; or `null` if the records have changed since the scan. */
export type RecordsRead = readonly (RawColumn | null)[] | null;

export function readTask({ file, start, end, rows, bytes, format }: ReadTask): RecordsRead {
  if (bytes !== null) return readRecords(bytes, rows, format);
  const handle = openSync(file, "r");
  try {
    const read = new Uint8Array(end - start);
    return readSync(handle, read, 0, read.length, start) === read.length ? readRecords(read, rows, format) : null;
  } finally {
    closeSync(handle);
  }
}

export function readRecords(bytes: Uint8Array, rows: number, { separator, columns }: RecordFormat): RecordsRead {
  const reader = new RecordReader(
    new Splitter(separator),
    columns.map((format) => format && cellColumn(format, rows)),
  );
  const { kinds } = reader.splitter;
  let at = 0;
  for (let row = 0; row < rows; ) {
    if (at >= bytes.length) return null;
    const kind = kinds[bytes[at]!]!;
    // In a file with one column an empty line is a row.
    if (columns.length > 1 && (kind === feedKind || kind === returnKind)) {
      at = afterLineEnd(bytes, at);
      continue;
    }
    at = reader.record(bytes, at, row++);
    if (at < 0) return null;
  }
  const read = reader.cells.map((column) => column?.finish() ?? null);
  return read.includes("not UTF-8") ? null : (read as (RawColumn | null)[]);
}

class RecordReader {
  private readonly delimiter: number;
  private readonly ints: readonly (Int32Array | null)[];

  constructor(
    readonly splitter: Splitter,
    readonly cells: readonly (CellColumn | null)[],
  ) {
    this.delimiter = splitter.separator.length === 1 ? splitter.separator[0]! : -1;
    this.ints = cells.map((column) => (column instanceof IntegerCells && column.isPlain ? column.ints : null));
  }

  /**
   * Returns the start of the next record, or −1 if it has changed. V8 compiles a function per record sooner than a
   * loop.
   */
  record(bytes: Uint8Array, start: number, row: number): number {
    const { splitter, cells, ints, delimiter } = this;
    const { kinds, separator } = splitter;
    const { length } = bytes;
    const last = cells.length - 1;
    let at = start;
    for (let column = 0; ; column++) {
      const values = ints[column];
      if (values !== null && values !== undefined) {
        // A few digits, the most common field, are read without a call.
        let value = bytes[at]! - zero;
        if (value >= 0 && value <= 9) {
          const stop = column < last ? delimiter : feed;
          let end = at + 1;
          let byte = bytes[end]!;
          for (let digit = byte - zero; digit >= 0 && digit <= 9; digit = byte - zero) {
            value = (Math.imul(value, 10) + digit) | 0;
            byte = bytes[++end]!;
          }
          if (byte === stop && end - at <= intDigits) {
            values[row] = value;
            at = end + 1;
            if (column < last) continue;
            return at;
          }
        }
      }
      const end = splitter.end(bytes, at, length);
      if (splitter.fault !== null) return -1;
      const cell = column <= last ? cells[column]! : null;
      if (cell !== null && !this.set(cell, bytes, row)) return -1;
      const kind = end < length ? kinds[bytes[end]!]! : 0;
      if (kind === separatorKind) {
        at = end + separator.length;
        continue;
      }
      if (column < last) return -1;
      return end < length ? afterLineEnd(bytes, end) : end;
    }
  }

  private set(cell: CellColumn, bytes: Uint8Array, row: number): boolean {
    const { from, to, isEscaped } = this.splitter;
    if (!isEscaped) return cell.set(bytes, from, to, row);
    const text = unescaped(bytes, from, to);
    return cell.set(text, 0, text.length, row);
  }
}
