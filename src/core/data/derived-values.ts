/** Computes derived columns: labels by a rule, parts of dates, and ages. */

import type { ComparisonRule, DatePartRule, DerivedColumn, EqualityRule } from "../spec/feature/derived.js";
import { stringLiteral } from "../util/code-text.js";
import { dayMillis, type TimeUnit } from "../util/epoch.js";
import { writtenTime, zoneMinutes } from "../util/iso-time.js";
import { numberIn, numberText, timeText } from "./cells.js";
import { dateFix, numbersFix } from "./column-fixes.js";
import { writtenTruth } from "./number-text.js";
import { Fault, type RowProblems } from "./row-findings.js";
import {
  type ColumnInfo,
  cellReader,
  columnRows,
  hasValue,
  type NumberColumn,
  type RawColumn,
} from "./table/column.js";

export function derivedInfo(name: string, rule: DerivedColumn): ColumnInfo {
  return rule.kind === "days"
    ? { name, type: "float", sourceType: "DOUBLE" }
    : { name, type: "integer", sourceType: "INTEGER" };
}

/** A label's values by a rule, which by default reads 0 and 1 or booleans; 0 where the rule cannot be used. */
export function labelsBy(
  name: string,
  column: RawColumn,
  rule: DerivedColumn = { kind: "equals", from: name, values: [1, true] },
): Float32Array {
  const columns = new Map([[rule.from, column]]);
  return Float32Array.from(derivedValues(name, rule, columns, { fault: () => undefined }).values);
}

/** Computes a column; values that the rule cannot use are reported, and are 0. */
export function derivedValues(
  name: string,
  rule: DerivedColumn,
  columns: ReadonlyMap<string, RawColumn>,
  report: RowProblems,
): NumberColumn {
  const column = columns.get(rule.from)!;
  if (!("unit" in rule)) return ruleColumn(name, rule, column, report);
  const times = timesIn(name, rule.from, rule.unit, column, report);
  if (rule.kind !== "days") return numbersOf("integer", times.map(clock(rule)));
  const { to, until, unit } = rule;
  const ends = to === null ? writtenTime(until!) : timesIn(name, to, unit, columns.get(to)!, report);
  return numbersOf(
    "float",
    times.map((time, row) => ((typeof ends === "number" ? ends : ends[row]!) - time) / dayMillis),
  );
}

function numbersOf(type: "float" | "integer", numbers: Float64Array): NumberColumn {
  const valid = Uint8Array.from(numbers, (value) => (Number.isNaN(value) ? 0 : 1));
  const values = type === "integer" ? Int32Array.from(numbers) : numbers.map((value, row) => (valid[row] ? value : 0));
  return { kind: "number", type, values, valid: valid.includes(0) ? valid : null };
}

/** Dates are instants in UTC, read on a clock at a fixed distance from UTC: no daylight saving time. */

const mostMillis = 8.64e15;

function clock({ kind, zone }: DatePartRule): (time: number) => number {
  const shift = zoneMinutes(zone) * 60_000;
  return (time) => {
    if (Number.isNaN(time)) return Number.NaN;
    const date = new Date(Math.floor(time + shift));
    if (kind === "hour") return date.getUTCHours();
    return kind === "month" ? date.getUTCMonth() : (date.getUTCDay() + 6) % 7;
  };
}

/** Turns values into the numbers that a rule compares; NaN for values that it cannot use. */
interface ValueReader {
  readonly text: (word: string) => number;
  readonly number: (value: number, type: NumberColumn["type"]) => number;
}

/** [rows], NaN for missing values; unusable values, including lists, become `unusable` and are noted as `wrong`. */
function readValues(column: RawColumn, reader: ValueReader, wrong: Fault, unusable: number): Float64Array {
  const read = column.kind === "list" ? () => Number.NaN : cellReader(column, reader.text, reader.number);
  const numbers = new Float64Array(columnRows(column)).fill(Number.NaN);
  for (let row = 0; row < numbers.length; row++) {
    if (!hasValue(column, row)) continue;
    numbers[row] = read(row)!;
    if (!Number.isNaN(numbers[row])) continue;
    wrong.note(row, () => valueText(column, row));
    numbers[row] = unusable;
  }
  return numbers;
}

/** Milliseconds since 1970, [rows]; NaN without a value. Values that are not times are reported. */
function timesIn(name: string, from: string, unit: TimeUnit | null, column: RawColumn, report: RowProblems) {
  const wrong = new Fault();
  const factor = unit === "s" ? 1000 : unit === null ? Number.NaN : 1;
  const possible = (time: number): number => (Math.abs(time) <= mostMillis ? time : Number.NaN);
  const reader: ValueReader = {
    text: (word) => possible(unit === null ? writtenTime(word.trim()) : numberIn(word) * factor),
    number: (value, type) => possible(type === "timestamp" ? value : value * factor),
  };
  const times = readValues(column, reader, wrong, Number.NaN);
  const isNumber = column.kind === "number" && unit === null;
  // Seconds reach 10^11 in the year 5138; as milliseconds that is March 1973.
  const likelyUnit = Math.abs(Number(wrong.received)) < 1e11 ? "s" : "ms";
  const about = `feature "${name}" reads times`;
  report.fault(from, wrong, {
    message: isNumber ? `${about}, and a number needs a unit` : about,
    expected: isNumber
      ? "seconds or milliseconds since 1970, by { unit }"
      : unit === null
        ? "dates and times, or ISO text such as 2024-05-06 10:30:00"
        : "numbers since 1970",
    fix: isNumber
      ? `{ unit: "${likelyUnit}" }`
      : unit === null
        ? dateFix(from, wrong.received)
        : (texts) => numbersFix(from, texts),
  });
  return times;
}

function valueText(column: RawColumn, row: number): string {
  if (column.kind === "text") return JSON.stringify(column.words[column.codes[row]!]);
  if (column.kind === "list") return "a list";
  const value = column.values[row]!;
  return column.type === "timestamp" ? timeText(value) : String(value);
}

/** A column of 1 where the rule holds and 0 where it does not; missing where the column is. */
function ruleColumn(name: string, rule: ComparisonRule | EqualityRule, column: RawColumn, report: RowProblems) {
  const wrong = new Fault();
  const values = readValues(column, rule.kind === "equals" ? equality(rule) : comparison(rule), wrong, 0);
  const equals = rule.kind === "equals";
  const from = `label(${stringLiteral(name)}).from(${stringLiteral(rule.from)})`;
  const otherFix =
    column.kind === "text" && wrong.rows > 0
      ? `${from}.equals(${stringLiteral(JSON.parse(wrong.received) as string)})`
      : "compute the label in the data";
  report.fault(rule.from, wrong, {
    message: equals
      ? `label "${name}" compares values, and this column holds lists`
      : `label "${name}" compares numbers, and this is not a number`,
    expected: equals ? "one value in each row" : "a number in each row",
    fix: async (texts) => (equals ? undefined : await numbersFix(rule.from, texts)) ?? otherFix,
  });
  return numbersOf("integer", values);
}

function comparison({ kind, value: limit }: ComparisonRule): ValueReader {
  const holds = (value: number): number => {
    if (Number.isNaN(value)) return value;
    if (kind === "above") return Number(value > limit);
    if (kind === "atLeast") return Number(value >= limit);
    return Number(kind === "below" ? value < limit : value <= limit);
  };
  return {
    // A word for yes or no counts as a number elsewhere, but is not compared with a limit.
    text: (word) => holds(writtenTruth(word.trim()) === null ? numberIn(word) : Number.NaN),
    number: (value, type) => (type === "timestamp" ? Number.NaN : holds(value)),
  };
}

/** Texts equal the same text, numbers equal the same number (even if written as text), and `true` and `false` booleans. */
function equality({ values }: EqualityRule): ValueReader {
  const texts = new Set(values.map(String));
  const numbers = new Set(values.map((value) => (typeof value === "string" ? numberIn(value) : Number(value))));
  const truths = new Set(values.filter((value) => typeof value === "boolean").map(Number));
  return {
    text: (word) => Number(texts.has(word) || (truths.size > 0 && truths.has(numberIn(word)))),
    number(value, type) {
      if (type === "timestamp") return Number(texts.has(timeText(value)));
      return Number(texts.has(numberText(value)) || numbers.has(value));
    },
  };
}
