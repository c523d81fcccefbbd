/** Classes of CSV cells as bits: the type of a column follows from the bits of all its cells, in any order. */
import { isTimeText } from "../util/iso-time.js";
import { firstUnsafe, isWhole, withoutBlanks, writtenNumber, writtenTruth } from "./number-text.js";
import type { ColumnInfo } from "./table/column.js";

/** A safe integer: float64 distinguishes it from its neighbours. */
export const wholeCell = 1;
/** An integer of at least 2^53, as digits. */
export const largeCell = 2;
/** An integer with surrounding blanks, or −0: printing it does not return the same text. */
export const oddCell = 4;
/** A number with a point or an exponent, NaN or an infinity. */
export const decimalCell = 8;
export const truthCell = 16;
export const timeCell = 32;
export const textCell = 64;
/** A text that usually means "no value", such as `NA`. */
export const markCell = 128;

/** Texts that mean "no value" in a column of numbers, times or booleans. */
export const usualNulls: readonly string[] = ["NA", "N/A", "n/a", "NULL", "null", "None", "\\N", "?"];
const marks: ReadonlySet<string> = new Set(usualNulls);
const longestMark = 4;

/** The bit of a non-empty cell. */
export function classOfCell(text: string): number {
  if (isWhole(text)) {
    if (Math.abs(Number(text)) >= firstUnsafe) return largeCell;
    return text === "-0" ? oddCell : wholeCell;
  }
  const bare = withoutBlanks(text);
  if (bare !== text && isWhole(bare)) return Math.abs(Number(bare)) < firstUnsafe ? oddCell : textCell;
  if (writtenNumber(text) !== null) return decimalCell;
  if (writtenTruth(text) !== null) return truthCell;
  if (bare.length <= longestMark && marks.has(bare)) return markCell;
  return isTimeText(text) ? timeCell : textCell;
}

/** How the values of a CSV column are read; `digits`: integers, kept as text because some are too large. */
export type CellKind = "integer" | "float" | "digits" | "text";

export function kindOfCells(allBits: number): CellKind {
  const bits = allBits & ~markCell;
  if (bits === 0 || (bits & (truthCell | timeCell | textCell)) !== 0) return "text";
  if ((bits & decimalCell) !== 0) return "float";
  if ((bits & largeCell) === 0) return "integer";
  return (bits & oddCell) === 0 ? "digits" : "text";
}

export function hasMarks(bits: number): boolean {
  const values = bits & ~markCell;
  const isTyped = values === truthCell || values === timeCell || kindOfCells(values) !== "text";
  return (bits & markCell) !== 0 && values !== 0 && isTyped;
}

const sourceTypes = { integer: "BIGINT", float: "DOUBLE", digits: "HUGEINT", text: "VARCHAR" } as const;

/** The displayed type; times and words for yes or no stay text that this type only describes. */
export function columnOfCells(name: string, bits: number): ColumnInfo {
  const kind = kindOfCells(bits);
  const values = bits & ~markCell;
  const type =
    values === truthCell ? "boolean" : values === timeCell ? "timestamp" : kind === "digits" ? "integer" : kind;
  return { name, type, sourceType: sourceTypes[kind] };
}

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
