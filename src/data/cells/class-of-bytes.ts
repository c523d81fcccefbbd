/**
 * Classifies a cell given as bytes (see `cell-classes.ts`) without decoding common numbers to text.
 */
import { classOfCell, decimalCell, wholeCell } from "./cell-classes.js";

// The constants are local: an imported constant is looked up at every byte.
const minus = 45;
const point = 46;
const zero = 48;
const nine = 57;
/** Any integer of up to this number of digits is exact in float64. */
const safeDigits = 15;

/** The bit of the cell in bytes `start` … `end − 1`; 0 if it is empty. */
export function classOfBytes(bytes: Buffer, start: number, end: number): number {
  if (start === end) return 0;
  const first = bytes[start] === minus ? start + 1 : start;
  let at = first;
  while (at < end && isDigit(bytes[at]!)) at++;
  const digits = at - first;
  let decimals = 0;
  if (at < end && bytes[at] === point && digits > 0) {
    do at++;
    while (at < end && isDigit(bytes[at]!));
    decimals = at - first - digits;
  }
  const leading = bytes[first] === zero && (digits > 1 || (first > start && decimals === 0));
  if (at === end && digits > 0 && !leading && digits + decimals <= safeDigits) {
    return decimals > 0 ? decimalCell : wholeCell;
  }
  return classOfCell(bytes.toString("latin1", start, end));
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}
