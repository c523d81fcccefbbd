/** Days of a log, or other equal periods of time, on the clock of its roles. */
import { DataError } from "../errors/index.js";
import { dayMillis } from "../util/epoch.js";
import { zoneMinutes } from "../util/iso-time.js";
import { count } from "../util/text.js";
import { asTimes } from "./summary/row-groups.js";
import { durationMillis } from "./table/duration.js";
import { namedFor } from "./table/likely-roles.js";
import { rolesCall } from "./table/roles.js";
import type { Table } from "./table/table.js";

/** The rows of a log by period, from the first with rows to the last. */
export interface Periods {
  /** The length of a period in milliseconds. */
  readonly millis: number;
  /** `2024-05-06`, or `2024-05-06 08:00` of periods shorter than a day. */
  readonly names: readonly string[];
  /** The row numbers of each period, ascending; empty if the log has none. */
  readonly rows: readonly Int32Array[];
  /** Rows without a time, which are in no period. */
  readonly untimed: number;
  /** From the first time to the last. */
  readonly spanMillis: number;
}

/** More periods are a mistake: each is a training. */
const mostPeriods = 1000;

/** The column with the role of the time. @throws DataError if no column has it */
function timeColumn(table: Table, path: string): string {
  const { time } = table.roles;
  if (time !== undefined) return time;
  const example = namedFor(table, "time") ?? "ts";
  throw new DataError({
    path,
    message: "no column has the role time, so no row is on a day",
    expected: "a log whose roles name the column of times",
    fix: `const log = await ${rolesCall({ ...table.roles, time: example })}`,
  });
}

/**
 * Cuts a table into periods that begin at midnight (or, of shorter ones, at a multiple since midnight) of the zone.
 * @param path of errors, such as `fitDays`
 */
export async function tablePeriods(table: Table, every: string, path: string): Promise<Periods> {
  const millis = durationMillis(every, `${path}.every`);
  const column = timeColumn(table, `${path}: ${table.source}`);
  const times = asTimes(column, (await table.read([column])).get(column)!, path);
  const ahead = zoneMinutes(table.roles.zone ?? "Z") * 60_000;
  let [first, last, untimed] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const time of times) {
    if (Number.isNaN(time)) untimed++;
    first = Math.min(first, Number.isNaN(time) ? first : time + ahead);
    last = Math.max(last, Number.isNaN(time) ? last : time + ahead);
  }
  if (untimed === times.length) {
    throw new DataError({ path: `${path}: column "${column}"`, message: "no row has a time", expected: "times" });
  }
  const midnight = Math.floor(first / dayMillis) * dayMillis;
  const origin = midnight + Math.floor((first - midnight) / millis) * millis;
  const total = Math.floor((last - origin) / millis) + 1;
  if (total > mostPeriods) {
    throw new DataError({
      path: `${path}.every`,
      message: "too many periods, each of which is a training",
      received: `${count(total, "period")} of ${every}`,
      expected: `at most ${count(mostPeriods, "period")}`,
      fix: longerPeriods(Math.ceil((total * millis) / dayMillis / mostPeriods)),
    });
  }
  const codes = Int32Array.from(times, (time) =>
    Number.isNaN(time) ? -1 : Math.floor((time + ahead - origin) / millis),
  );
  return {
    millis,
    names: periodNames(origin, millis, total),
    rows: rowsOf(codes, total),
    untimed,
    spanMillis: last - first,
  };
}

function longerPeriods(days: number): string {
  return `every: "${days}d", start: "${days}d"`;
}

function periodNames(origin: number, millis: number, total: number): string[] {
  const isDated = millis % dayMillis === 0;
  return Array.from({ length: total }, (_, period) => {
    const text = new Date(origin + period * millis).toISOString();
    if (isDated) return text.slice(0, 10);
    return `${text.slice(0, 10)} ${text.slice(11, millis % 60_000 === 0 ? 16 : 19)}`;
  });
}

function rowsOf(codes: Int32Array, total: number): Int32Array[] {
  const sizes = new Int32Array(total);
  for (const code of codes) if (code >= 0) sizes[code]! += 1;
  const rows = Array.from(sizes, (size) => new Int32Array(size));
  const next = new Int32Array(total);
  codes.forEach((code, row) => {
    if (code >= 0) rows[code]![next[code]!++] = row;
  });
  return rows;
}
