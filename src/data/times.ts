/** A column as points in time, to order rows by. */
import { DataError } from "../errors/index.js";
import type { RawColumn } from "./column.js";

/**
 * Numbers that order rows in time, [rows]: those of the column, or of its text where all of it is numbers or ISO dates
 * (`2017-05-06`, `2017-05-06T08:55:10Z`). Rows without a value hold NaN. Throws a DataError for other text and for lists.
 */
export function timesOf(column: RawColumn, path: string): ArrayLike<number> {
  if (column.kind === "number") {
    const { values, valid } = column;
    return valid === null ? values : Float64Array.from(values, (value, row) => (valid[row] === 1 ? value : Number.NaN));
  }
  if (column.kind === "list") throw new DataError({ path, message: "a list is no time" });
  const times = column.words.map(parseTime);
  const wrong = times.findIndex(Number.isNaN);
  if (wrong >= 0) {
    throw new DataError({
      path,
      message: "this text is no time, so rows cannot be ordered by it",
      received: JSON.stringify(column.words[wrong]),
      expected: "numbers, timestamps, or text such as 2017-05-06 or 2017-05-06T08:55:10",
      fix: "convert the column, for example by a query: strptime(column, format)",
    });
  }
  return Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : (times[code] as number)));
}

function parseTime(text: string): number {
  const trimmed = text.trim();
  if (/^[+-]?\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  return /^\d{4}-\d\d-\d\d/.test(trimmed) ? Date.parse(trimmed.replace(" ", "T")) : Number.NaN;
}
