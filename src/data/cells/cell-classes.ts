/**
 * What kind of value each cell of a CSV column holds, as bits, and the type of a column from the bits of all its cells.
 * Threads that read plain files and the scan of the others find the same bits (`class-of-bytes.ts`), so a column has
 * one type whoever reads it, however many rows there are and wherever a surprise comes.
 */
import type { ColumnInfo } from "../table/column.js";
import { firstUnsafe, isWhole, withoutBlanks, writtenNumber, writtenTruth } from "./number-text.js";
import { isTimeText } from "./time-text.js";

/** A whole number that float64 tells from its neighbours. */
export const wholeCell = 1;
/** A whole number from 2^53 on, as digits. */
export const largeCell = 2;
/** A whole number within blanks, or −0: not its own digits. */
export const oddCell = 4;
/** A number with a point or an exponent, NaN or an infinity. */
export const decimalCell = 8;
/** A word for yes or no. */
export const truthCell = 16;
/** An ISO date or time. */
export const timeCell = 32;
/** Anything else. */
export const textCell = 64;

/** The bit of a cell that is not empty. */
export function classOfCell(text: string): number {
  if (isWhole(text)) {
    if (Math.abs(Number(text)) >= firstUnsafe) return largeCell;
    return text === "-0" ? oddCell : wholeCell;
  }
  const bare = withoutBlanks(text);
  if (bare !== text && isWhole(bare)) return Math.abs(Number(bare)) < firstUnsafe ? oddCell : textCell;
  if (writtenNumber(text) !== null) return decimalCell;
  if (writtenTruth(text) !== null) return truthCell;
  return isTimeText(text) ? timeCell : textCell;
}

/** How the values of a CSV column are read; `digits`: whole numbers of which some are too large, as text. */
export type CellKind = "integer" | "float" | "digits" | "text";

/** How a column is read whose cells have these bits. */
export function kindOfCells(bits: number): CellKind {
  if (bits === 0 || (bits & (truthCell | timeCell | textCell)) !== 0) return "text";
  if ((bits & decimalCell) !== 0) return "float";
  if ((bits & largeCell) === 0) return "integer";
  return (bits & oddCell) === 0 ? "digits" : "text";
}

const sourceTypes = { integer: "BIGINT", float: "DOUBLE", digits: "HUGEINT", text: "VARCHAR" } as const;

/**
 * A column whose cells have these bits, for people and checks. Times and words for yes or no are kept as text, letter by
 * letter; their type only says what the text is.
 */
export function columnOfCells(name: string, bits: number): ColumnInfo {
  const kind = kindOfCells(bits);
  const type = bits === truthCell ? "boolean" : bits === timeCell ? "timestamp" : kind === "digits" ? "integer" : kind;
  return { name, type, sourceType: sourceTypes[kind] };
}
