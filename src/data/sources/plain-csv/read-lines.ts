/**
 * Reads whole lines of a plain CSV file into columns.
 */
import { readSync } from "node:fs";
import type { RawColumn } from "../../table/column.js";
import { type FieldKind, type FieldReader, fieldReader, IntegerReader } from "./fields.js";
import type { LineRange } from "./lines.js";

// Local, because an imported constant is looked up at every byte.
const lineEnd = 10;
const carriageReturn = 13;
const zero = 48;
/** Any integer of up to this number of digits fits 32 bits. */
const intDigits = 9;

/** How to split lines into fields. */
export interface LineFormat {
  /** The separator byte. */
  readonly delimiter: number;
  /** The type of every column of the file. */
  readonly kinds: readonly FieldKind[];
}

/** The columns, `null` for a skipped one; or `null` if the lines have changed. */
export type LinesRead = readonly (RawColumn | null)[] | null;

let bytes = new Uint8Array(0);

/** Reads the lines of a range. */
export function readLines(handle: number, range: LineRange, format: LineFormat): LinesRead {
  const { start, end, rows } = range;
  const length = end - start;
  if (bytes.length <= length) bytes = new Uint8Array(length + (length >> 3) + 1);
  if (readSync(handle, bytes, 0, length, start) !== length) return null;
  // A file may end without a line end.
  bytes[length] = lineEnd;
  return parseLines(bytes, bytes[length - 1] === lineEnd ? length : length + 1, rows, format);
}

/** Columns of the lines in `bytes`, with the last end before `length`. */
export function parseLines(
  bytes: Uint8Array,
  length: number,
  rows: number,
  { delimiter, kinds }: LineFormat,
): LinesRead {
  const readers = kinds.map((kind) => fieldReader(kind, rows, delimiter));
  const ints = readers.map((reader) => (reader instanceof IntegerReader ? reader.ints : null));
  let at = 0;
  for (let row = 0; row < rows && at < length; row++) {
    at = parseLine(bytes, at, row, delimiter, readers, ints);
    if (at < 0) return null;
    if (row === rows - 1 && at === length) return finished(readers);
  }
  return null;
}

/**
 * Reads the line at `start` as a row; returns the start of the next one, or −1 if the line has changed. A function of a
 * line is compiled after a few lines, a loop over all of them after some megabytes.
 * @param ints the values of readers of integers
 */
function parseLine(
  bytes: Uint8Array,
  start: number,
  row: number,
  delimiter: number,
  readers: readonly FieldReader[],
  ints: readonly (Int32Array | null)[],
): number {
  const last = readers.length - 1;
  let at = start;
  for (let column = 0; column <= last; column++) {
    const stop = column < last ? delimiter : lineEnd;
    const values = ints[column]!;
    if (values !== null) {
      // The most common field, a few digits, without a call; others use the reader.
      let value = bytes[at]! - zero;
      if (value >= 0 && value <= 9) {
        let end = at + 1;
        let byte = bytes[end]!;
        if (byte !== stop) {
          for (let digit = byte - zero; digit >= 0 && digit <= 9; digit = byte - zero) {
            value = (Math.imul(value, 10) + digit) | 0;
            byte = bytes[++end]!;
          }
        }
        if (byte === stop && end - at <= intDigits) {
          values[row] = value;
          at = end + 1;
          continue;
        }
      }
    }
    const end = readers[column]!.take(bytes, at, row);
    if (end < 0) return -1;
    const byte = bytes[end]!;
    if (byte === stop) at = end + 1;
    else if (column === last && byte === carriageReturn && bytes[end + 1] === lineEnd) at = end + 2;
    else return -1;
  }
  return at;
}

function finished(readers: readonly FieldReader[]): LinesRead {
  const columns = readers.map((reader) => reader.finish());
  return columns.includes("not UTF-8") ? null : (columns as (RawColumn | null)[]);
}
