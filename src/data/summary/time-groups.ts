/** Groups rows by calendar time: hours, days, weeks, months, quarters or years (UTC). */
import { DataError } from "../../errors/index.js";
import type { TimeWidth } from "../../metrics/index.js";
import { count } from "../../util/text/format.js";
import { columnRows, hasValue, type NumberColumn, type RawColumn } from "../table/column.js";
import { textAsTimes } from "../table/times.js";
import type { RowGroups } from "./named-groups.js";

/** Buckets from the first row to the last, at most. */
const MOST_BUCKETS = 31;
/** With fewer rows a bucket, its metrics are noise. */
const FEWEST_ROWS = 100;

const widths: readonly TimeWidth[] = ["hour", "day", "week", "month", "quarter", "year"];

/**
 * Buckets of the narrowest width with at most `most` buckets and, on average, 100 rows in each. Buckets without rows
 * are kept. Rows without a time are in none. @throws DataError if the values are not times
 */
export function timeGroups(column: string, values: RawColumn, most: number = MOST_BUCKETS): RowGroups {
  const times = asTimes(column, values);
  let [first, last, rows] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const time of times) {
    if (Number.isNaN(time)) continue;
    first = Math.min(first, time);
    last = Math.max(last, time);
    rows++;
  }
  const width = chooseWidth(first, last, rows, most);
  const starts = rows === 0 ? [] : bucketStarts(first, last, width);
  const codes = Int32Array.from(times, (time) => (Number.isNaN(time) ? -1 : bucketAt(starts, time)));
  const names = starts.map((start) => bucketName(start, width));
  const missing = times.length - rows;
  return {
    column,
    codes,
    names,
    groups: { kind: "times", width, names, domains: null },
    notes: [
      `${column}: ${count(names.length, "bucket")} of one ${width} (UTC)`,
      ...(missing === 0 ? [] : [`${column}: ${count(missing, "row")} without a time are left out`]),
    ],
  };
}

/** Milliseconds since 1970; NaN without a value. Whole numbers are seconds or milliseconds, by their size. */
function asTimes(column: string, values: RawColumn): Float64Array {
  const times = values.kind === "text" ? textAsTimes(values) : values;
  if (times?.kind !== "number" || times.type === "boolean") throw notTimes(column, `a column of ${values.kind}`);
  const unit = times.type === "timestamp" ? 1 : unixUnit(column, times);
  return Float64Array.from({ length: columnRows(times) }, (_, row) =>
    hasValue(times, row) ? times.values[row]! * unit : Number.NaN,
  );
}

/** From 1973 to 2603 in seconds; from 1973 to 2603 in milliseconds. */
function unixUnit(column: string, times: NumberColumn): 1 | 1000 {
  const inside = (low: number, high: number): boolean =>
    times.values.every((value, row) => !hasValue(times, row) || (value >= low && value < high));
  if (inside(1e8, 2e10)) return 1000;
  if (inside(1e11, 2e13)) return 1;
  const example = times.values.find((value, row) => hasValue(times, row) && !(value >= 1e8 && value < 2e10)) ?? 0;
  throw notTimes(column, `numbers such as ${example}`);
}

function notTimes(column: string, received: string): DataError {
  return new DataError({
    path: `by: column "${column}"`,
    message: "these values are not times",
    received,
    expected: "timestamps, ISO text such as 2017-05-06, or seconds or milliseconds since 1970",
    fix: 'convert the column: data.derive({ day: "strptime(column, format)" })',
  });
}

function chooseWidth(first: number, last: number, rows: number, most: number): TimeWidth {
  const fit = widths.filter((width) => spanned(first, last, width) <= most);
  const full = fit.filter((width) => rows / spanned(first, last, width) >= FEWEST_ROWS);
  // Few rows are better in two buckets than in one.
  const apart = fit.filter((width) => spanned(first, last, width) > 1);
  return full.find((width) => apart.includes(width)) ?? apart.at(-1) ?? fit[0] ?? "year";
}

function spanned(first: number, last: number, width: TimeWidth): number {
  const days = { hour: 1 / 24, day: 1, week: 7, month: 30.4, quarter: 91.3, year: 365.25 }[width];
  return Math.floor((last - bucketStart(first, width)) / (days * 86_400_000)) + 1;
}

function bucketStarts(first: number, last: number, width: TimeWidth): number[] {
  const starts: number[] = [];
  for (let start = bucketStart(first, width); start <= last; start = nextStart(start, width)) starts.push(start);
  return starts;
}

/** Weeks begin on Mondays. */
function bucketStart(time: number, width: TimeWidth): number {
  const date = new Date(time);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (width === "hour") return Math.floor(time / 3_600_000) * 3_600_000;
  const day = Math.floor(time / 86_400_000);
  if (width === "day") return day * 86_400_000;
  if (width === "week") return (day - ((((day + 3) % 7) + 7) % 7)) * 86_400_000;
  if (width === "month") return Date.UTC(year, month);
  return width === "quarter" ? Date.UTC(year, month - (month % 3)) : Date.UTC(year, 0);
}

function nextStart(start: number, width: TimeWidth): number {
  const days = { hour: 1 / 24, day: 1, week: 7, month: 32, quarter: 93, year: 367 }[width];
  return bucketStart(start + days * 86_400_000, width);
}

function bucketAt(starts: readonly number[], time: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** `2024-05-06 13:00`, `2024-05-06`, `2024-05`, `2024-Q2`, `2024`. */
function bucketName(start: number, width: TimeWidth): string {
  const text = new Date(start).toISOString();
  if (width === "hour") return text.slice(0, 16).replace("T", " ");
  if (width === "quarter") return `${text.slice(0, 4)}-Q${Math.floor(new Date(start).getUTCMonth() / 3) + 1}`;
  return text.slice(0, { day: 10, week: 10, month: 7, year: 4 }[width]);
}
