/** Columns of a log as categories. */
import {
  columnKeys,
  columnRows,
  hasValue,
  numberColumn,
  type ScalarColumn,
  valueNumbers,
} from "../../core/data/table/column.js";
import { normalScore } from "../../core/metrics/distributions.js";
import type { Field } from "./floor.js";

/** A level for each value, in the order of the first rows; a missing value is a separate level. */
export function valueField(name: string, column: ScalarColumn): Field {
  return field(name, valueNumbers(column));
}

/** Numbers by tenths (or other parts) of their rows; a missing value is a separate level. */
export function tenthsField(name: string, column: ScalarColumn, parts = 10): Field {
  const keys = columnKeys(column);
  const rows = rowsByValue(column);
  const cuts = Array.from({ length: parts - 1 }, (_, cut) => quantile(keys, rows, (cut + 1) / parts));
  const codes = new Int32Array(columnRows(column)).fill(-1);
  let [code, passed] = [-1, -1];
  for (const row of rows) {
    const before = passed;
    while (passed < 0 || (passed < cuts.length && keys[row]! > cuts[passed]!)) passed++;
    if (passed !== before) code++;
    codes[row] = code;
  }
  return field(name, codes);
}

/** Stretches of time with equal numbers of rows, in which rates may differ: a campaign of two days in a month covers several. */
export function timeField(times: Float64Array): Field {
  return tenthsField("time", numberColumn("timestamp", times), 50);
}

/**
 * Ranks as quantiles of the normal distribution, so that a slope depends neither on the scale nor on a few large
 * values. Equal numbers have their mean rank; a missing value is 0. [rows]
 */
export function normalScores(column: ScalarColumn): Float64Array {
  const keys = columnKeys(column);
  const rows = rowsByValue(column);
  const scores = new Float64Array(columnRows(column));
  for (let start = 0; start < rows.length; ) {
    let end = start + 1;
    while (end < rows.length && keys[rows[end]!] === keys[rows[start]!]) end++;
    const score = normalScore((start + end) / 2 / rows.length);
    for (let at = start; at < end; at++) scores[rows[at]!] = score;
    start = end;
  }
  return scores;
}

/** Rows with a value, in ascending order of it. */
function rowsByValue(column: ScalarColumn): Int32Array {
  const keys = columnKeys(column);
  const rows = new Int32Array(columnRows(column)).map((_, row) => row).filter((row) => hasValue(column, row));
  return rows.sort((a, b) => keys[a]! - keys[b]! || a - b);
}

/** Between the two nearest rows, in proportion. */
function quantile(keys: ArrayLike<number>, rows: Int32Array, share: number): number {
  const place = share * (rows.length - 1);
  const low = keys[rows[Math.floor(place)]!]!;
  const high = keys[rows[Math.ceil(place)]!]!;
  return low === high ? low : low + (high - low) * (place - Math.floor(place));
}

/** @param codes −1: no value */
function field(name: string, codes: Int32Array): Field {
  const last = codes.reduce((most, code) => Math.max(most, code), -1);
  if (!codes.includes(-1)) return { name, codes, levels: last + 1 };
  return { name, codes: codes.map((code) => (code < 0 ? last + 1 : code)), levels: last + 2 };
}
