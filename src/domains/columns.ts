/** Columns of a log as categories. */
import { findBucket } from "../data/encode/raw.js";
import { bucketStart } from "../data/summary/row-groups.js";
import { columnKeys, hasValue, type ScalarColumn, valueNumbers } from "../data/table/column.js";
import { Numbering } from "../util/growing.js";
import { random } from "../util/random.js";
import type { Field } from "./floor.js";

/** A level for each value, in the order of the first rows; a missing value is a level of its own. */
export function valueField(name: string, column: ScalarColumn): Field {
  return field(name, valueNumbers(column));
}

/** Numbers by tenths of their rows; a missing value is a level of its own. */
export function tenthsField(name: string, column: ScalarColumn): Field {
  const keys = columnKeys(column);
  const sorted = Float64Array.from(keys.filter((_: number, row: number) => hasValue(column, row))).sort();
  const cuts = Array.from({ length: 9 }, (_, cut) => sorted[Math.floor(((cut + 1) * sorted.length) / 10)]!);
  return field(
    name,
    Int32Array.from(keys, (_, row) => (hasValue(column, row) ? findBucket(keys[row]!, cuts) : -1)),
  );
}

/** A user's rows of one day (UTC). @param times milliseconds since 1970 */
export function dayField(user: Field, times: Float64Array): Field {
  const numbers = new Numbering<string>();
  return field(
    `${user.name} and day`,
    user.codes.map((code, row) => numbers.of(`${code} ${bucketStart(times[row]!, "day")}`)),
  );
}

/** A column that says nothing: what it seems to change is noise. */
export function randomField(name: string, rows: number, levels: number, seed: number): Field {
  const source = random(seed).fork(name);
  return { name, codes: new Int32Array(rows).map(() => source.integer(levels)), levels };
}

/** @param codes −1: no value */
function field(name: string, codes: Int32Array): Field {
  const last = codes.reduce((most, code) => Math.max(most, code), -1);
  if (!codes.includes(-1)) return { name, codes, levels: last + 1 };
  return { name, codes: codes.map((code) => (code < 0 ? last + 1 : code)), levels: last + 2 };
}
