/**
 * Converts a column to times that order its rows.
 */
import { DataError } from "../../errors/index.js";
import { lacksZone, writtenTime } from "../cells/time-text.js";
import type { NumberColumn, RawColumn, TextColumn } from "./column.js";

/**
 * Numbers that order rows in time, [rows]: the numbers of the column, or of its text if all of it is numbers, or all
 * of it ISO dates and times (`2017-05-06`, `2017-05-06T08:55:10Z`; without a zone: UTC), as milliseconds since 1970.
 * Rows without a value are NaN. Throws a DataError for other text and for lists.
 */
export function readTimes(column: RawColumn, path: string): ArrayLike<number> {
  if (column.kind === "number") {
    const { values, valid } = column;
    return valid === null ? values : Float64Array.from(values, (value, row) => (valid[row] === 1 ? value : Number.NaN));
  }
  if (column.kind === "list") throw new DataError({ path, message: "a list is not a time" });
  const written = usedWords(column);
  const parse = written.every((word) => number.test(word.trim())) ? Number : timeIn;
  const wrong = written.find((word) => Number.isNaN(parse(word)));
  if (wrong !== undefined) {
    throw new DataError({
      path,
      message: "this text is not a time, so rows cannot be ordered by it",
      received: JSON.stringify(wrong),
      expected: "numbers, timestamps, or text such as 2017-05-06 or 2017-05-06T08:55:10, all of one kind",
      fix: "convert the column, for example by a query: strptime(column, format)",
    });
  }
  const times = column.words.map(parse);
  return Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : times[code]!));
}

/** Converts a text column of ISO dates and times to times; `null` for other columns. */
export function textAsTimes(column: RawColumn): NumberColumn | null {
  if (column.kind !== "text") return null;
  const written = usedWords(column);
  if (written.length === 0 || written.some((word) => Number.isNaN(timeIn(word)))) return null;
  const times = column.words.map(timeIn);
  const values = Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : times[code]!));
  const valid = column.codes.includes(-1) ? Uint8Array.from(column.codes, (code) => (code < 0 ? 0 : 1)) : null;
  return { kind: "number", type: "timestamp", values, valid };
}

/** A note on a column whose text has a time of day without a zone; `null` if it has none. */
export function zoneNote(name: string, column: RawColumn): string | null {
  if (column.kind !== "text") return null;
  const word = usedWords(column).find((text) => lacksZone(text.trim()));
  return word === undefined ? null : `column "${name}": times without a zone, such as "${word}", are read as UTC`;
}

const number = /^[+-]?\d+(\.\d+)?$/;

function timeIn(text: string): number {
  return writtenTime(text.trim());
}

/** A selection of rows may not use all words. */
function usedWords({ codes, words }: TextColumn): string[] {
  const used = new Uint8Array(words.length);
  for (const code of codes) if (code >= 0) used[code] = 1;
  return words.filter((_, word) => used[word] === 1);
}
