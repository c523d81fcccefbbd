/** The values of a derived column, from the columns that its rule reads. */
import {
  type AgeRule,
  type DatePartRule,
  type DerivedColumn,
  type TimeUnit,
  zoneMinutes,
} from "../spec/feature/derived.js";
import { stringLiteral } from "../util/near.js";
import { dateFix, numberIn, writtenTime } from "./cells.js";
import { ruleColumn } from "./rules.js";
import {
  type ColumnInfo,
  columnRows,
  Fault,
  hasValue,
  type NumberColumn,
  type RawColumn,
  type RowProblems,
} from "./table/column.js";

/**
 * Parts of dates, and days between dates. A date is an instant in UTC; a part of it is read on a clock at a fixed
 * distance from UTC, so results depend on neither the machine nor daylight saving time.
 */

const dayMs = 86_400_000;

interface Description {
  readonly about: string;
  readonly report: RowProblems;
}

/** The values of a rule on dates; no value where a date is missing. */
export function dateColumn(
  rule: DatePartRule | AgeRule,
  columns: ReadonlyMap<string, RawColumn>,
  description: Description,
): NumberColumn {
  const times = timesIn(rule.from, columns, rule.unit, description);
  const values = new Float64Array(times.length);
  const valid = new Uint8Array(times.length);
  const ends = rule.kind === "days" ? readEnds(rule, columns, description) : null;
  const part = rule.kind === "days" ? null : clock(rule);
  for (const [row, time] of times.entries()) {
    const value = part === null ? ((typeof ends === "number" ? ends : ends![row]!) - time) / dayMs : part(time);
    if (Number.isNaN(value)) continue;
    values[row] = value;
    valid[row] = 1;
  }
  const type = rule.kind === "days" ? "float" : "integer";
  const numbers = type === "float" ? values : Int32Array.from(values);
  return { kind: "number", type, values: numbers, valid: valid.includes(0) ? valid : null };
}

function readEnds({ to, until, unit }: AgeRule, columns: ReadonlyMap<string, RawColumn>, description: Description) {
  return to === null ? writtenTime(until!) : timesIn(to, columns, unit, description);
}

/** Reads a part of a time on the rule's clock. */
function clock({ kind, zone }: DatePartRule): (time: number) => number {
  const shift = zoneMinutes(zone) * 60_000;
  return (time) => {
    if (Number.isNaN(time)) return Number.NaN;
    const date = new Date(Math.floor(time + shift));
    if (kind === "hour") return date.getUTCHours();
    return kind === "month" ? date.getUTCMonth() : (date.getUTCDay() + 6) % 7;
  };
}

/** Milliseconds since 1970, [rows]; NaN without a value. Values that are not times are reported. */
function timesIn(
  name: string,
  columns: ReadonlyMap<string, RawColumn>,
  unit: TimeUnit | null,
  { about, report }: Description,
): Float64Array {
  const column = columns.get(name)!;
  const rows = columnRows(column);
  const times = new Float64Array(rows).fill(Number.NaN);
  const wrong = new Fault();
  const factor = unit === "s" ? 1000 : 1;
  const inText = (word: string): number => (unit === null ? writtenTime(word.trim()) : numberIn(word) * factor);
  const words = column.kind === "text" ? column.words.map(inText) : [];
  for (let row = 0; row < rows; row++) {
    if (!hasValue(column, row)) continue;
    let time = Number.NaN;
    if (column.kind === "text") time = words[column.codes[row]!]!;
    else if (column.kind === "number" && column.type === "timestamp") time = column.values[row]!;
    else if (column.kind === "number" && unit !== null) time = column.values[row]! * factor;
    // Beyond this no Date exists.
    if (Math.abs(time) <= 8.64e15) times[row] = time;
    else wrong.note(row, () => valueText(column, row));
  }
  if (wrong.rows === 0) return times;
  const isNumber = column.kind === "number" && unit === null;
  const { first: row, rows: count, received, examples } = wrong;
  report.rowProblem({
    column: name,
    row,
    rows: count,
    message: isNumber ? `feature ${about} reads times, and a number needs a unit` : `feature ${about} reads times`,
    received,
    examples,
    expected: isNumber ? "seconds or milliseconds since 1970, by { unit }" : expectedTimes(unit),
    fix: isNumber ? `{ unit: "${likelyUnit(column.values[row]!)}" }` : dateFix(name, received),
  });
  return times;
}

function expectedTimes(unit: TimeUnit | null): string {
  return unit === null ? "dates and times, or ISO text such as 2024-05-06 10:30:00" : "numbers since 1970";
}

/** Seconds reach 10^11 in the year 5138; as milliseconds that is March 1973. */
function likelyUnit(value: number): TimeUnit {
  return Math.abs(value) < 1e11 ? "s" : "ms";
}

function valueText(column: RawColumn, row: number): string {
  if (column.kind === "text") return JSON.stringify(column.words[column.codes[row]!]);
  return column.kind === "list" ? "a list" : String(column.values[row]);
}

/** The type of a derived column. */
export function derivedInfo(name: string, rule: DerivedColumn): ColumnInfo {
  const type = rule.kind === "days" ? "float" : "integer";
  return { name, type, sourceType: type === "float" ? "DOUBLE" : "INTEGER" };
}

/** A label's values by a rule; 0 where the rule cannot be used. */
export function labelsBy(name: string, rule: DerivedColumn, column: RawColumn): Float32Array {
  const columns = new Map([[rule.from, column]]);
  return Float32Array.from(derivedValues(name, rule, columns, { rowProblem: () => undefined }).values);
}

/** Computes a column; values that the rule cannot use are reported, and are 0. */
export function derivedValues(
  name: string,
  rule: DerivedColumn,
  columns: ReadonlyMap<string, RawColumn>,
  report: RowProblems,
): NumberColumn {
  const about = `"${name}"`;
  switch (rule.kind) {
    case "above":
    case "atLeast":
    case "below":
    case "atMost":
    case "equals":
      return ruleColumn(rule, columns.get(rule.from)!, { about, call: `label(${stringLiteral(name)})`, report });
    default:
      return dateColumn(rule, columns, { about, report });
  }
}
