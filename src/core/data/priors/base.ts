/** The rows that priors count, in a narrow file: number, time, labels and keys; checked, with notes. */
import { DataError, type Problem } from "../../errors/index.js";
import { count, grouped } from "../../util/text.js";
import { notLabels } from "../query/history.js";
import { tableRelation } from "../query/sql.js";
import { type Connection, fileList, placeLiteral } from "../sources/duckdb.js";
import { newPrivateFile, removePrivateFile } from "../sources/file-version.js";
import { identifier } from "../sources/names.js";
import type { Table } from "../table/table.js";
import type { PriorsPlan } from "./plan.js";
import { invalidCode, missingCode } from "./sweep.js";
import { spanText, type TimeColumn, timeColumn } from "./times.js";

/** The narrow rows. */
export interface Base {
  /** SQL of the rows with the columns `row` (from 0), `t`, `codes` and those of {@link keyColumn}, in the data's order. */
  readonly relation: string;
  readonly time: Pick<TimeColumn, "scale" | "isDates"> | null;
  /** The first and the last time, in microseconds. */
  readonly first: number;
  readonly last: number;
  readonly rows: number;
  /** DuckDB's types by column. */
  readonly types: ReadonlyMap<string, string>;
  /** SQL of the data in the same order. */
  readonly source: string;
  /** Removes its files. */
  remove(): void;
}

/** The column of a key in the narrow rows. */
export function keyColumn(plan: PriorsPlan, name: string): string {
  return `k${keyNames(plan).indexOf(name)}`;
}

export function keyNames({ levels }: Pick<PriorsPlan, "levels">): readonly string[] {
  return [...new Set(levels.flatMap(({ columns }) => columns))];
}

export async function writeBase(
  connection: Connection,
  table: Table,
  plan: PriorsPlan,
  notes: string[],
): Promise<Base> {
  const source = await tableRelation(table);
  const described = await connection.rows(`DESCRIBE SELECT * FROM ${source}`);
  const types = new Map(described.map((row) => [String(row["column_name"]), String(row["column_type"])]));
  const time =
    plan.time === null ? null : await timeColumn(connection, table, plan.time, types.get(plan.time)!, source);
  const codes = plan.labels.map(({ name }, at) => `((${labelSql(name, types.get(name)!)}) << ${2 * at})`);
  const keys = keyNames(plan).map((name) => `data.${identifier(name)} AS ${keyColumn(plan, name)}`);
  const row = "CAST(row_number() OVER () - 1 AS INTEGER)";
  const columns = [
    `${row} AS "row"`,
    `${time?.sql ?? "0"} AS t`,
    `CAST(${codes.join(" | ")} AS INTEGER) AS codes`,
    ...keys,
  ];
  const numbered = `SELECT ${columns.join(", ")} FROM ${time?.relation ?? `${source} AS data`}`;
  const sql = time === null ? randomOrder(numbered) : numbered;
  const file = await newPrivateFile(".parquet", (fresh) =>
    connection.run(`COPY (${sql}) TO ${placeLiteral(fresh)} (FORMAT parquet)`),
  ).finally(() => removePrivateFile(time?.file ?? null));
  const relation = `read_parquet(${fileList([file])}, hive_partitioning = false)`;
  try {
    const facts = await checkBase(connection, table, plan, { relation, isDates: time?.isDates ?? false }, notes);
    return { relation, time, types, source, ...facts, remove: () => removePrivateFile(file) };
  } catch (error) {
    removePrivateFile(file);
    throw error;
  }
}

/** SQL: 0, 1, or the code of no label or of a value that is no label. */
function labelSql(name: string, type: string): string {
  const column = `data.${identifier(name)}`;
  const isMissing = `WHEN ${column} IS NULL THEN ${missingCode}`;
  if (type === "BOOLEAN") return `CASE ${isMissing} ELSE CAST(${column} AS INTEGER) END`;
  if (/^(VARCHAR|ENUM)/.test(type)) {
    const text = `lower(CAST(${column} AS VARCHAR))`;
    const words = `WHEN ${text} IN ('true', 'yes', 't', 'y', '1') THEN 1 WHEN ${text} IN ('false', 'no', 'f', 'n', '0') THEN 0`;
    return `CASE ${isMissing} ${words} ELSE ${invalidCode} END`;
  }
  if (!/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL|FLOAT|DOUBLE)/.test(type)) {
    return `CASE ${isMissing} ELSE ${invalidCode} END`;
  }
  return `CASE ${isMissing} WHEN ${column} = 1 THEN 1 WHEN ${column} = 0 THEN 0 ELSE ${invalidCode} END`;
}

/** SQL with `mixed(row)` of strength.ts as the time. */
function randomOrder(numbered: string): string {
  const step = (value: string, shift: number, factor: string | null): string => {
    const spread = `xor(${value}, ${value} >> ${shift})`;
    return factor === null ? spread : `(${spread} * ${factor}::UBIGINT) % 4294967296::UBIGINT`;
  };
  const first = `SELECT * REPLACE (${step('"row"::UBIGINT', 16, "2246822507")} AS t) FROM (${numbered})`;
  const second = `SELECT * REPLACE (${step("t", 13, "3266489909")} AS t) FROM (${first})`;
  return `SELECT * REPLACE (CAST(${step("t", 16, null)} AS BIGINT) AS t) FROM (${second})`;
}

interface WrittenBase {
  readonly relation: string;
  readonly isDates: boolean;
}

async function checkBase(
  connection: Connection,
  table: Table,
  plan: PriorsPlan,
  { relation, isDates }: WrittenBase,
  notes: string[],
): Promise<Pick<Base, "first" | "last" | "rows">> {
  const code = (label: number): string => `((codes >> ${2 * label}) & 3)`;
  const values = [
    "count(*) AS rows",
    "count(t) AS timed",
    "CAST(min(t) AS DOUBLE) AS low",
    "CAST(max(t) AS DOUBLE) AS high",
    ...plan.labels.map((_, at) => `count(*) FILTER (${code(at)} = ${invalidCode}) AS invalid${at}`),
    ...plan.labels.map((_, at) => `count(*) FILTER (${code(at)} < ${missingCode}) AS labelled${at}`),
    ...keyNames(plan).map((_, at) => `count(*) - count(k${at}) AS without${at}`),
  ];
  const [facts = {}] = await connection.rows(`SELECT ${values.join(", ")} FROM ${relation}`);
  const number = (name: string): number => Number(facts[name] ?? 0);
  for (const [at, { name }] of plan.labels.entries()) {
    if (number(`invalid${at}`) > 0)
      await refuseLabel(connection, table, relation, name, `${code(at)} = ${invalidCode}`);
  }
  const empty = plan.labels.filter((_, at) => number(`labelled${at}`) === 0);
  if (empty.length > 0) {
    throw new DataError(
      empty.map(
        ({ name }): Problem => ({
          path: `priors: column "${name}"`,
          message: "has no value in any row",
          expected: "0 and 1",
          fix: "leave this label out",
        }),
      ),
    );
  }
  await refuseCopies(connection, plan, relation);
  const [first, last] = [number("low"), number("high")];
  if (plan.time !== null) {
    const untimed = number("rows") - number("timed");
    if (untimed > 0) {
      notes.push(`priors: ${count(untimed, "row")} without ${plan.time} have no history and are in none`);
    }
    assertSpan(plan, first, last, isDates, notes);
  } else {
    notes.push(
      "priors: no column has the role time, so rows come in a fixed random order, and each sees those before it: right for training rows. " +
        "Do not split these rows: take priors of the training rows, and give test rows what all of them say: test.withPriors(await train.priorsState())",
    );
  }
  for (const [at, name] of keyNames(plan).entries()) {
    const without = number(`without${at}`);
    if (without > 0) notes.push(`priors: ${count(without, "row")} without ${name} count as new, and in no key of it`);
  }
  return { first, last, rows: number("rows") };
}

async function refuseLabel(
  connection: Connection,
  table: Table,
  relation: string,
  name: string,
  isInvalid: string,
): Promise<never> {
  const [first] = await connection.rows(
    `SELECT count(*) AS rows, min("row") AS row FROM ${relation} WHERE ${isInvalid}`,
  );
  const rows = await connection.rows(
    `SELECT DISTINCT CAST(value AS VARCHAR) AS value FROM (SELECT ${identifier(name)} AS value FROM ${await tableRelation(table)}) AS data
     WHERE value IS NOT NULL AND lower(CAST(value AS VARCHAR)) NOT IN ('0', '1', '0.0', '1.0') ORDER BY 1 LIMIT 3`,
  );
  const type = table.info(name)!.type;
  const examples = rows.map(({ value }) => (type === "text" ? JSON.stringify(value) : String(value)));
  throw new DataError(notLabels(`priors: column "${name}"`, Number(first?.["rows"]), Number(first?.["row"]), examples));
}

/** With fewer rows, a key of two values may be the same as a label by chance. */
const leastRows = 20;

/** @throws DataError for a key of two values that are the classes of a label */
async function refuseCopies(connection: Connection, plan: PriorsPlan, relation: string): Promise<void> {
  const problems: Problem[] = [];
  for (const [at, name] of keyNames(plan).entries()) {
    const key = `k${at}`;
    const values = plan.labels.flatMap((_, label) => {
      const code = `((codes >> ${2 * label}) & 3)`;
      const isLabel = `${code} < ${missingCode} AND ${key} IS NOT NULL`;
      return [
        `count(*) FILTER (${isLabel}) AS rows${label}`,
        `count(DISTINCT ${code}) FILTER (${isLabel}) AS classes${label}`,
        `count(*) FILTER (${isLabel} AND (${key} = high) = (${code} = 1)) AS same${label}`,
      ];
    });
    const [facts = {}] = await connection.rows(
      `SELECT count(*) FILTER (${key} <> low AND ${key} <> high) AS others, ${values.join(", ")}
       FROM ${relation}, (SELECT min(${key}) AS low, max(${key}) AS high FROM ${relation})`,
    );
    if (Number(facts["others"]) > 0) continue;
    for (const [label, { name: of }] of plan.labels.entries()) {
      const [rows, same] = [Number(facts[`rows${label}`]), Number(facts[`same${label}`])];
      if (rows < leastRows || Number(facts[`classes${label}`]) < 2 || (same !== rows && same !== 0)) continue;
      problems.push({
        path: `priors.by: column "${name}"`,
        message: `is a copy of the label "${of}": its value decides the label in all ${grouped(rows)} rows`,
        expected: "a column that is known before the label",
        fix: `leave ${name} out of the keys, and of the features`,
      });
    }
  }
  if (problems.length > 0) throw new DataError(problems);
}

/** @throws DataError for durations that the times do not have, and for delays and burn-ins as long as the log */
function assertSpan(plan: PriorsPlan, first: number, last: number, isDates: boolean, notes: string[]): void {
  const { labels, windows, after, time } = plan;
  const durations = [...labels.map(({ delay }) => delay), ...windows.map(({ micros }) => micros), after ?? 0];
  if (!isDates && durations.some((micros) => micros > 0)) {
    throw new DataError({
      path: `priors: column "${time}"`,
      message: "its numbers are no dates, so windows and delays have no meaning",
      received: `${first} to ${last}`,
      expected: "timestamps, ISO text, or seconds or milliseconds since 1970",
      fix: 'derive timestamps first, or leave out windows, delay and after ({ delay: "0s" })',
    });
  }
  const span = last - first;
  const log = `the log spans ${spanText(span)}`;
  const problems: Problem[] = labels
    .filter(({ delay }) => delay > 0 && delay >= span)
    .map(({ name }) => ({
      path: `priors.delay.${name}`,
      message: "leaves no row a history: no label is known before the log ends",
      received: log,
      expected: "a delay shorter than the log",
      fix: "open more days, or choose a label that is known sooner",
    }));
  if (after !== null && after > span) {
    problems.push({ path: "priors.after", message: "leaves no rows", received: log, fix: "choose a shorter time" });
  }
  if (problems.length > 0) throw new DataError(problems);
  for (const { text, micros } of windows) {
    if (micros < span) continue;
    notes.push(`priors: the window ${text} is no shorter than the log (${log}), so it holds all history`);
  }
}
