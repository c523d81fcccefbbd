/** The time of each row as whole microseconds in SQL, so that equal times are equal in every step. */
import { DataError } from "../../errors/index.js";
import { epochUnit } from "../../util/epoch.js";
import { count } from "../../util/text.js";
import { type Connection, fileList } from "../sources/duckdb.js";
import { newPrivateFile } from "../sources/file-version.js";
import { identifier } from "../sources/names.js";
import { numberColumn, usedWords } from "../table/column.js";
import { readTimes, type Table, writeParquet } from "../table/table.js";

/** A column of times in SQL. */
export interface TimeColumn {
  /** SQL of the rows with a column that has the time. */
  readonly relation: string;
  /** SQL: the time as BIGINT, in units of `1 / scale` of the column's; null without a time. */
  readonly sql: string;
  readonly scale: number;
  /** Whether times are dates, so that durations have a meaning and ages are days; else ages are in the column's unit. */
  readonly isDates: boolean;
  /** A private file that the relation reads. */
  readonly file: string | null;
}

const microsPerDay = 86_400_000_000;
const safe = Number.MAX_SAFE_INTEGER;

/** The number of steps of time in a unit of age: a day, or the column's own unit. */
export function ageUnit({ isDates, scale }: Pick<TimeColumn, "isDates" | "scale">): number {
  return isDates ? microsPerDay : scale;
}

/** `3 days`, `5.5 hours`. */
export function spanText(micros: number): string {
  const seconds = micros / 1_000_000;
  const [amount, unit] =
    seconds >= 172_800 ? [seconds / 86_400, "day"] : seconds >= 7200 ? [seconds / 3600, "hour"] : [seconds, "second"];
  return count(Math.round(amount * 10) / 10, unit);
}

/** @param type of the column in DuckDB @param relation SQL of the rows */
export async function timeColumn(
  connection: Connection,
  table: Table,
  name: string,
  type: string,
  relation: string,
): Promise<TimeColumn> {
  const column = `data.${identifier(name)}`;
  const rows = `${relation} AS data`;
  const dates = { relation: rows, scale: 1, isDates: true, file: null };
  if (/^TIMESTAMP_NS/.test(type)) {
    return { ...dates, sql: `(epoch_ns(${column}) - (epoch_ns(${column}) % 1000 + 1000) % 1000) // 1000` };
  }
  if (/^(TIMESTAMP|DATE)/.test(type)) return { ...dates, sql: `epoch_us(CAST(${column} AS TIMESTAMP))` };
  if (/^VARCHAR/.test(type)) return writtenTimes(connection, table, name, rows);
  const isWhole = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,0\))/.test(type);
  return numberTimes(connection, table, { name, relation: rows, column, isWhole });
}

interface NumberTimes {
  readonly name: string;
  readonly relation: string;
  /** SQL of the numbers. */
  readonly column: string;
  readonly isWhole: boolean;
}

async function numberTimes(
  connection: Connection,
  table: Table,
  { name, relation, column, isWhole }: NumberTimes,
): Promise<TimeColumn> {
  const number = `CAST(${column} AS DOUBLE)`;
  const finite = `CASE WHEN isfinite(${number}) THEN ${number} END`;
  const [range] = await connection.rows(`SELECT min(${finite}) AS low, max(${finite}) AS high FROM ${relation}`);
  const [low, high] = [Number(range?.["low"] ?? 0), Number(range?.["high"] ?? 0)];
  const unit = epochUnit(low, high);
  const scale = unit === "s" ? 1_000_000 : unit === "ms" ? 1000 : isWhole ? 1 : 1_000_000;
  if (Math.max(Math.abs(low), Math.abs(high)) * scale > safe) {
    throw new DataError({
      path: `${table.source}: column "${name}"`,
      message: "times too large to compare exactly",
      received: `${low} to ${high}`,
      expected: "timestamps, ISO text, or seconds or milliseconds since 1970",
      fix: `derive timestamps first, such as .derive({ ${JSON.stringify(name)}: "make_timestamp(${name})" }) for microseconds`,
    });
  }
  const sql = isWhole ? `CAST(${column} AS BIGINT) * ${scale}` : `CAST(round(${finite} * ${scale}) AS BIGINT)`;
  return { relation, sql, scale, isDates: unit !== null, file: null };
}

/** Text is read as everywhere else, part by part, into a file of one column beside the rows. */
async function writtenTimes(connection: Connection, table: Table, name: string, relation: string): Promise<TimeColumn> {
  let isNumbers: boolean | null = null;
  async function* parts() {
    for await (const { columns } of table.parts([name])) {
      const column = columns.get(name)!;
      const times = Float64Array.from(readTimes(column, `${table.source}: column "${name}"`));
      const [word] = column.kind === "text" ? usedWords(column) : [];
      if (word !== undefined) {
        const isNumber = !Number.isNaN(Number(word));
        if (isNumbers !== null && isNumbers !== isNumber) {
          throw new DataError({
            path: `${table.source}: column "${name}"`,
            message: "numbers and dates are mixed, so rows cannot be ordered by them",
            received: JSON.stringify(word),
            expected: "text of one kind: numbers, or such as 2017-05-06T08:55:10",
          });
        }
        isNumbers = isNumber;
      }
      const valid = Uint8Array.from(times, (time) => Number(!Number.isNaN(time)));
      yield new Map([["time", numberColumn("float", times, valid)]]);
    }
  }
  const info = { name: "time", type: "float", sourceType: "DOUBLE" } as const;
  const file = await newPrivateFile(".parquet", (fresh) => writeParquet([info], parts(), fresh));
  const both = `${relation} POSITIONAL JOIN read_parquet(${fileList([file])}) AS written`;
  const column = `written."time"`;
  if (isNumbers === true)
    return { ...(await numberTimes(connection, table, { name, relation: both, column, isWhole: false })), file };
  const sql = `CAST(round(${column} * 1000) AS BIGINT)`;
  return { relation: both, sql, scale: 1, isDates: true, file };
}
