/** Parts of a time as columns: the hour, the weekday and the date, on the clock of the data's zone. */
import { DataError } from "../../errors/index.js";
import { zoneProblems } from "../../spec/feature/derived.js";
import { epochUnit, type TimePart, timeParts } from "../../util/epoch.js";
import { zoneMinutes } from "../../util/iso-time.js";
import { didYouMean, listNames } from "../../util/names.js";
import { identifier } from "../sources/names.js";
import { notTimes } from "../summary/row-groups.js";
import type { Roles } from "../table/roles.js";
import { assertColumns, columnKey, deriveFrame, type Frame, sortFrame } from "./frame.js";
import { type SqlStep, type StepContext, sqlStep } from "./history.js";

/** SQL of each part of the timestamp `t`. */
const partSql: Readonly<Record<TimePart, (t: string) => string>> = {
  hour: (t) => `CAST(hour(${t}) AS INTEGER)`,
  weekday: (t) => `CAST(isodow(${t}) - 1 AS INTEGER)`,
  date: (t) => `strftime(${t}, '%Y-%m-%d')`,
};

/** Which times to take apart. `C`: the columns. */
export interface TimePartsOptions<C extends string = string> {
  /** Timestamps, ISO text, or seconds or milliseconds since 1970. Default: the role `time`. */
  readonly time?: C;
  /** The clock: `Z` (UTC) or a fixed distance such as `+08:00`. Default: that of the roles, else UTC. */
  readonly zone?: string;
  /** Put before the names of the columns. Default: none. */
  readonly prefix?: string;
}

/** @param time the column of times @param zone a fixed distance from UTC, such as `+08:00` */
export function timePartsStep(names: readonly string[], time: string, zone: string, prefix: string): SqlStep {
  const unknown = names.find((name) => !Object.hasOwn(partSql, name));
  if (unknown !== undefined || names.length === 0) {
    const [message, expected] = ["no such part of a time", `one of: ${timeParts.join(", ")}`];
    const fix = didYouMean(unknown ?? "", timeParts);
    throw new DataError({ path: "dt", message, received: JSON.stringify(unknown) ?? "nothing", expected, fix });
  }
  const problems = zoneProblems("dt.zone", zone);
  if (problems.length > 0) throw new DataError(problems);
  return sqlStep(`dt(${listNames(names)})`, async (frame, { ask }) => {
    assertColumns(frame, [time], "dt.time");
    const added = names.map((name) => prefix + name);
    const twice = added.filter((name) => frame.names.some((other) => other.toLowerCase() === name.toLowerCase()));
    if (twice.length > 0) {
      const fix = `.dt(${JSON.stringify(names)}, { prefix: ${JSON.stringify(`${time}_`)} })`;
      throw new DataError({ path: `dt: ${listNames(twice)}`, message: "the data have a column of that name", fix });
    }
    const micros = `(${await microsSql(ask, frame, time)} + ${zoneMinutes(zone) * 60_000_000})`;
    const sql = names.map((name) => partSql[name as TimePart](`make_timestamp(${micros})`));
    return deriveFrame(frame, Object.fromEntries(added.map((name, at) => [name, sql[at]!])));
  });
}

/**
 * A step on rows that may have parts of the role `time` as columns: those of `names` that no column has are added
 * before it. @param isSorted whether they sort its result
 */
export function withTimeParts(
  step: SqlStep,
  names: readonly string[],
  { time, zone = "Z" }: Roles,
  isSorted: boolean,
): SqlStep {
  return {
    ...step,
    async apply(frame, context) {
      const parts = names.filter((name) => Object.hasOwn(partSql, name) && !frame.names.includes(name));
      if (parts.length === 0 || time === undefined || !frame.names.includes(time)) return step.apply(frame, context);
      const result = await step.apply(await timePartsStep(parts, time, zone, "").apply(frame, context), context);
      const keys = parts.filter((part) => result.names.includes(part)).map((part) => columnKey(part, false));
      return keys.length === 0 || !isSorted ? result : sortFrame(result, keys);
    },
  };
}

/** SQL of the microseconds since 1970. @throws DataError if the column has no times */
async function microsSql(ask: StepContext["ask"], { relation }: Frame, time: string): Promise<string> {
  const column = identifier(time);
  const refused = (received: string): DataError => notTimes(`dt: column "${time}"`, received);
  const [described] = await ask(`DESCRIBE SELECT ${column} FROM ${relation}`);
  const type = String(described?.["column_type"]);
  if (type.startsWith("TIMESTAMP WITH")) return `epoch_us(${column})`;
  if (/^(DATE|TIMESTAMP)/.test(type)) return `epoch_us(CAST(${column} AS TIMESTAMP))`;
  if (/^(VARCHAR|ENUM)/.test(type)) {
    const read = `TRY_CAST(trim(CAST(${column} AS VARCHAR)) AS TIMESTAMP WITH TIME ZONE)`;
    const wrong = `SELECT ${column} AS word FROM ${relation} WHERE ${column} IS NOT NULL AND ${read} IS NULL LIMIT 1`;
    const [first] = await ask(wrong);
    if (first !== undefined) throw refused(JSON.stringify(first["word"]));
    return `epoch_us(${read})`;
  }
  if (!/INT|DECIMAL|FLOAT|DOUBLE/.test(type) || type.endsWith("]")) throw refused(`a column of ${type.toLowerCase()}`);
  const [range] = await ask(`SELECT min(${column}) AS low, max(${column}) AS high FROM ${relation}`);
  const { low = null, high = null } = range ?? {};
  const unit = low === null ? "s" : epochUnit(Number(low), Number(high));
  if (unit === null) throw refused(`numbers from ${low} to ${high}`);
  return `CAST(floor(CAST(${column} AS DOUBLE) * ${unit === "s" ? 1e6 : 1e3}) AS BIGINT)`;
}
