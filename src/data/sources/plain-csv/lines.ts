/**
 * Finds the lines of a CSV file, classifies their cells, and checks whether the file is *plain*: no quotes after the
 * header, no empty lines, one kind of line end, and the header's number of fields in every line. In a plain file
 * every line end ends a row, so several threads can read its lines in pieces.
 */
import { isUtf8 } from "node:buffer";
import { readSync } from "node:fs";
import { classOfCell, decimalCell, textCell, wholeCell } from "../../cells/cell-classes.js";

/** Whole lines of a file, bytes `start` … `end − 1`. */
export interface LineRange {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly rows: number;
}

/** Bytes of a file to scan: the lines that start at `from` … `to − 1`. */
export interface Span {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  /** Whether a line is known to start at `from`. */
  readonly first: boolean;
}

/** How to split the lines of a file. */
export interface LineShape {
  /** The separator byte. */
  readonly delimiter: number;
  /** Number of fields per line. */
  readonly columns: number;
}

/** The lines of a span. */
export interface Scanned {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  /** [columns], the bits of `cell-classes.ts`. */
  readonly classes: Uint8Array;
  /** Whether lines end in `\r\n`; `null`: no line end. */
  readonly returns: boolean | null;
}

// The constants are local: an imported constant is looked up at every byte, which takes 1.5 times as long.
const lineEnd = 10;
const carriageReturn = 13;
const quote = 34;
const minus = 45;
const point = 46;
const zero = 48;
const nine = 57;
/** Any integer of up to this number of digits is exact in float64. */
const safeDigits = 15;
const [whole, text] = [wholeCell, textCell] as const;
/** The maximum length of a line after the end of its span, in bytes. */
const longestRest = 1 << 21;

let buffer: Buffer = Buffer.alloc(0);

/** Scans the lines of a span; `null` if they are not plain. */
export function scanSpan(handle: number, { from, to, first }: Span, shape: LineShape): Scanned | null {
  const origin = first ? from : from - 1;
  const read = readLines(handle, origin, to - origin);
  if (read === null) return null;
  const { bytes, length, closed } = read;
  const start = first ? 0 : bytes.subarray(0, length).indexOf(lineEnd) + 1;
  if (!closed && bytes[length - 1] === carriageReturn) return null;
  const none = { classes: new Uint8Array(shape.columns), rows: 0, returns: null };
  if (start === length || (start === 0 && !first)) return { start: origin + length, end: origin + length, ...none };
  const lines = bytes.subarray(start, length);
  if (lines.includes(quote) || lines.includes(0) || !isUtf8(lines)) return null;
  // A file may end without a line end.
  if (!closed) bytes[length] = lineEnd;
  const scanned = scanLines(bytes, start, closed ? length : length + 1, closed, shape);
  return scanned && { start: origin + start, end: origin + length, ...scanned };
}

/**
 * Bytes from `origin` to the end of the line that contains the last of `count` bytes; `null` if that line is too
 * long.
 */
function readLines(handle: number, origin: number, count: number) {
  let length = 0;
  for (;;) {
    const pieceBytes = length === 0 ? count : Math.min(1 << 16, longestRest);
    if (buffer.length <= length + pieceBytes) buffer = grown(buffer, length + pieceBytes + (1 << 16));
    const read = readSync(handle, buffer, length, pieceBytes, origin + length);
    const end = buffer.subarray(0, length + read).indexOf(lineEnd, Math.max(count - 1, length));
    length += read;
    if (end >= 0) return { bytes: buffer, length: end + 1, closed: true };
    if (read < pieceBytes) return { bytes: buffer, length, closed: buffer[length - 1] === lineEnd };
    if (length > count + longestRest) return null;
  }
}

function grown(bytes: Buffer, length: number): Buffer {
  const more = Buffer.allocUnsafe(length);
  bytes.copy(more);
  return more;
}

/**
 * The lines from `start` on, with the last end before `length`; `null` if they are not plain.
 * @param closed whether the last line ends with the file
 */
export function scanLines(
  bytes: Buffer,
  start: number,
  length: number,
  closed: boolean,
  { delimiter, columns }: LineShape,
): Pick<Scanned, "classes" | "rows" | "returns"> | null {
  const classes = new Uint8Array(columns);
  let returns: boolean | null = null;
  let rows = 0;
  let at = start;
  for (; at < length; rows++) {
    const line = at;
    at = scanLine(bytes, line, delimiter, classes);
    if (at < 0) return null;
    const returned = bytes[at - 1] === carriageReturn;
    if (at === line + 1 || (returned && bytes[at++] !== lineEnd)) return null;
    if (at === length && !closed) continue;
    if (returns === !returned) return null;
    returns = returned;
  }
  return { classes, rows, returns };
}

/**
 * Adds the classes of a line's fields; returns the position after its first line end byte, or −1 if it has another
 * number of fields. A function of a line is compiled after a few lines, a loop over all of them after some megabytes.
 */
function scanLine(bytes: Buffer, start: number, delimiter: number, classes: Uint8Array): number {
  const last = classes.length - 1;
  let at = start;
  for (let column = 0; column <= last; column++) {
    const stop = column < last ? delimiter : lineEnd;
    const bits = classes[column]!;
    let end = at;
    let byte = bytes[end]!;
    if ((bits & text) !== 0) {
      while (byte !== delimiter && byte !== lineEnd && byte !== carriageReturn) byte = bytes[++end]!;
    } else {
      // The most common field, a few digits, without a call.
      const first = byte;
      if (byte >= zero && byte <= nine) {
        byte = bytes[++end]!;
        if (byte !== stop) while (byte >= zero && byte <= nine) byte = bytes[++end]!;
        if (byte === stop && end - at <= safeDigits && (first !== zero || end === at + 1)) {
          if (bits !== whole) classes[column] = bits | whole;
          at = end + 1;
          continue;
        }
      }
      end = classify(bytes, at, delimiter, classes, column);
      byte = bytes[end]!;
    }
    if (column < last ? byte === delimiter : byte === lineEnd || byte === carriageReturn) at = end + 1;
    else return -1;
  }
  return at;
}

/** The end of a field without quotes. */
export function fieldEnd(bytes: Uint8Array, at: number, delimiter: number): number {
  let end = at;
  for (let byte = bytes[end]; byte !== delimiter && byte !== lineEnd && byte !== carriageReturn; ) byte = bytes[++end];
  return end;
}

/** Adds the class of a field to its column; returns the end of the field. */
function classify(bytes: Buffer, at: number, delimiter: number, classes: Uint8Array, column: number): number {
  const start = bytes[at] === minus ? at + 1 : at;
  let end = start;
  let byte = bytes[end]!;
  while (byte >= zero && byte <= nine) byte = bytes[++end]!;
  const digits = end - start;
  let decimals = 0;
  if (byte === point && digits > 0) {
    do byte = bytes[++end]!;
    while (byte >= zero && byte <= nine);
    decimals = end - start - digits;
  }
  const ended = byte === delimiter || byte === lineEnd || byte === carriageReturn;
  if (ended && end === at) return end;
  const leading = bytes[start] === zero && (digits > 1 || (start > at && decimals === 0));
  // Fast path for the most common numbers; others use the general rule.
  if (ended && digits > 0 && !leading && digits + decimals <= safeDigits) {
    classes[column]! |= decimals > 0 ? decimalCell : wholeCell;
    return end;
  }
  end = ended ? end : fieldEnd(bytes, end, delimiter);
  classes[column]! |= classOfCell(bytes.toString("latin1", at, end));
  return end;
}
