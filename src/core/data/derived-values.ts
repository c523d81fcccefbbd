/** Computes derived columns: labels by a rule, parts of dates, and ages. */

import type { ComparisonRule, DatePartRule, DerivedColumn, EqualityRule } from "../spec/feature/derived.js";
import { stringLiteral } from "../util/code-text.js";
import { dayMillis, type TimeUnit } from "../util/epoch.js";
import { writtenTime, zoneMinutes } from "../util/iso-time.js";
import { numberIn, numberText, timeText } from "./cells.js";
import { dateFix, numbersFix } from "./column-fixes.js";
import { writtenTruth } from "./number-text.js";
import { Fault, type RowFinding, type RowProblems } from "./row-findings.js";
import {
  type CellReading,
  type ColumnInfo,
  columnRows,
  hasValue,
  type NumberColumn,
  type RawColumn,
  readCells,
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
  const read = (from: string, reading: RuleReading): Float64Array => {
    return readNumbers(from, columns.get(from)!, reading, report);
  };
  if (!("unit" in rule)) {
    return numbersOf(
      "integer",
      read(rule.from, rule.kind === "equals" ? equality(name, rule) : comparison(name, rule)),
    );
  }
  const times = read(rule.from, timesOf(name, rule.from, rule.unit));
  if (rule.kind !== "days") return numbersOf("integer", times.map(clock(rule)));
  const { to, until, unit } = rule;
  const ends = to === null ? writtenTime(until!) : read(to, timesOf(name, to, unit));
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

/** How a rule reads cells as numbers; NaN for those that it cannot use. */
interface RuleReading extends CellReading<number> {
  /** The number that stands for a cell that cannot be used. */
  readonly unusable: number;
  /** Describes such cells, of which there is one at least. */
  readonly describe: (column: RawColumn, wrong: Fault) => Pick<RowFinding, "message" | "expected" | "fix">;
}

/** [rows], NaN for missing values; values that cannot be used, among them all lists, are reported. */
function readNumbers(from: string, column: RawColumn, reading: RuleReading, report: RowProblems): Float64Array {
  const wrong = new Fault();
  const cells = column.kind === "list" ? null : readCells(column, reading);
  const numbers = new Float64Array(columnRows(column)).fill(Number.NaN);
  for (let row = 0; row < numbers.length; row++) {
    if (!hasValue(column, row)) continue;
    numbers[row] = cells?.at(row) ?? Number.NaN;
    if (!Number.isNaN(numbers[row])) continue;
    wrong.note(row, () => valueText(column, row));
    numbers[row] = reading.unusable;
  }
  if (wrong.rows > 0) report.fault(from, wrong, reading.describe(column, wrong));
  return numbers;
}

/** Milliseconds since 1970. */
function timesOf(name: string, from: string, unit: TimeUnit | null): RuleReading {
  const factor = unit === "s" ? 1000 : unit === null ? Number.NaN : 1;
  const possible = (time: number): number => (Math.abs(time) <= mostMillis ? time : Number.NaN);
  const about = `feature "${name}" reads times`;
  return {
    text: (word) => possible(unit === null ? writtenTime(word.trim()) : numberIn(word) * factor),
    number: (value, type) => possible(type === "timestamp" ? value : value * factor),
    unusable: Number.NaN,
    describe(column, { received }) {
      if (unit !== null) {
        return { message: about, expected: "numbers since 1970", fix: (texts) => numbersFix(from, texts) };
      }
      if (column.kind !== "number") {
        const expected = "dates and times, or ISO text such as 2024-05-06 10:30:00";
        return { message: about, expected, fix: dateFix(from, received) };
      }
      // Seconds reach 10^11 in the year 5138; as milliseconds that is March 1973.
      const likelyUnit = Math.abs(Number(received)) < 1e11 ? "s" : "ms";
      const expected = "seconds or milliseconds since 1970, by { unit }";
      return { message: `${about}, and a number needs a unit`, expected, fix: `{ unit: "${likelyUnit}" }` };
    },
  };
}

function valueText(column: RawColumn, row: number): string {
  if (column.kind === "text") return JSON.stringify(column.words[column.codes[row]!]);
  if (column.kind === "list") return "a list";
  const value = column.values[row]!;
  return column.type === "timestamp" ? timeText(value) : String(value);
}

/** The rules of labels give 1 where they hold, and 0 where they do not; a label is missing where its column is. */

function comparison(name: string, { kind, from, value: limit }: ComparisonRule): RuleReading {
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
    unusable: 0,
    describe(column, { received }) {
      const word = column.kind === "text" ? (JSON.parse(received) as string) : null;
      const call = `label(${stringLiteral(name)}).from(${stringLiteral(from)})`;
      const otherFix = word === null ? elsewhere : `${call}.equals(${stringLiteral(word)})`;
      return {
        message: `label "${name}" compares numbers, and this is not a number`,
        expected: "a number in each row",
        fix: async (texts) => (await numbersFix(from, texts)) ?? otherFix,
      };
    },
  };
}

const elsewhere = "compute the label in the data";

/** Texts equal the same text, numbers equal the same number (even if written as text), and `true` and `false` booleans. */
function equality(name: string, { values }: EqualityRule): RuleReading {
  const texts = new Set(values.map(String));
  const numbers = new Set(values.map((value) => (typeof value === "string" ? numberIn(value) : Number(value))));
  const truths = new Set(values.filter((value) => typeof value === "boolean").map(Number));
  return {
    text: (word) => Number(texts.has(word) || (truths.size > 0 && truths.has(numberIn(word)))),
    number(value, type) {
      if (type === "timestamp") return Number(texts.has(timeText(value)));
      return Number(texts.has(numberText(value)) || numbers.has(value));
    },
    unusable: 0,
    describe: () => ({
      message: `label "${name}" compares values, and this column holds lists`,
      expected: "one value in each row",
      fix: elsewhere,
    }),
  };
}
