/**
 * Reads the positions of sequence columns: lists, lists of lists, and text with delimiters.
 */
import { hasValue, type ListColumn, nestedSeparator, type RawColumn } from "../../table/column.js";

/** A value of a position as written; `null`: missing. */
export type Token = number | string | null;

/** How a sequence is written. */
export interface SequenceFormat {
  /** Separates positions in a text. */
  readonly delimiter: string;
  /** Separates values of one position in a text. */
  readonly separator: string;
}

/** The positions of a row, each with its values; `null`: the row has no value. */
export type ReadPositions = (row: number) => readonly (readonly Token[])[] | null;

/** Returns a reader of a column. Each distinct text is parsed once. */
export function readPositions(column: RawColumn, { delimiter, separator }: SequenceFormat): ReadPositions {
  if (column.kind === "text") {
    const parsed: (readonly (readonly Token[])[])[] = [];
    return (row) => {
      const code = column.codes[row]!;
      if (code < 0) return null;
      const word = column.words[code]!;
      parsed[code] ??= word === "" ? [] : word.split(delimiter).map((position) => position.split(separator));
      return parsed[code]!;
    };
  }
  if (column.kind === "number") return (row) => (hasValue(column, row) ? [[column.values[row]!]] : null);
  const position = itemReader(column, separator);
  return (row) => {
    if (!hasValue(column, row)) return null;
    const positions: (readonly Token[])[] = [];
    for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) positions.push(position(item));
    return positions;
  };
}

/** The values of an item of a list. An item of a list of lists may be empty. */
function itemReader({ items, nested }: ListColumn, separator: string): (item: number) => readonly Token[] {
  if (items.kind === "number") return (item) => [hasValue(items, item) ? items.values[item]! : null];
  const inner = nested === true ? nestedSeparator : separator;
  const parsed: (readonly Token[])[] = [];
  return (item) => {
    const code = items.codes[item]!;
    if (code < 0) return [null];
    const word = items.words[code]!;
    parsed[code] ??= nested === true && word === "" ? [] : word.split(inner);
    return parsed[code]!;
  };
}
