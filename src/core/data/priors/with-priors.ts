/** The verb `withPriors`: gives later rows the priors that a state holds, as a replay of the log would. */

import { DataError } from "../../errors/index.js";
import { count, percent } from "../../util/text.js";
import { firstFrame } from "../query/frame.js";
import { type TableStep, tableStep } from "../query/history.js";
import { assertAlike } from "../query/join.js";
import { storedSource, tableRelation } from "../query/sql.js";
import type { Connection } from "../sources/duckdb.js";
import { removePrivateFile } from "../sources/file-version.js";
import { identifier, literal } from "../sources/names.js";
import { missingColumn, Table } from "../table/table.js";
import { keyNames } from "./base.js";
import { withinMemory } from "./memory.js";
import { assertFree, newColumns, type PriorsPlan } from "./plan.js";
import { columnSql, innerColumn, ratesSql, windowsAt } from "./rates.js";
import { assertLater, levelKey, type PriorsAbout, planOf, readAbout, stateColumn, stateColumns } from "./state.js";
import { ageUnit, type TimeColumn, timeColumn } from "./times.js";

export function withPriorsStep(state: () => Promise<Table>, memoryMB: number | undefined): TableStep {
  return tableStep("withPriors", async (table, notes) => {
    const stateTable = await state();
    const about = await readAbout(stateTable);
    const plan = planOf(about);
    const needed = [...keyNames(plan), ...(plan.time === null ? [] : [plan.time])];
    const absent = needed.filter((name) => !table.has(name)).map((name) => missingColumn(table, name));
    if (absent.length > 0) throw new DataError(absent);
    assertFree(table, newColumns(plan));
    const source = await withinMemory(`${table.source}: withPriors`, memoryMB, async ({ read }) => {
      const [relation, stateRelation] = [await tableRelation(table), await tableRelation(stateTable)];
      await assertSameKeys(read, plan, [table, relation], [stateTable, stateRelation]);
      const time = about.time === null ? null : await laterTimes(read, table, relation, about.time);
      try {
        const rows = laterRows(plan, table.names, time, relation);
        const later = await assertLater(read, rows, about, table);
        if (later !== null) notes.push(later);
        notes.push(...(await newKeyNotes(read, plan, rows, stateRelation)));
        const sql = laterSql(plan, about, { rows, state: stateRelation }, table.names);
        return await storedSource(read, sql, `${table.source}, withPriors`);
      } finally {
        removePrivateFile(time?.file ?? null);
      }
    });
    for (const each of [table, stateTable]) await each.assertUnchanged();
    return new Table(source);
  });
}

type Relation = readonly [table: Table, relation: string];

async function assertSameKeys(
  connection: Connection,
  plan: PriorsPlan,
  rows: Relation,
  state: Relation,
): Promise<void> {
  const [left, right] = [rows, state].map(([table, relation]) => firstFrame(table.source, relation, table.names));
  const pairs = keyNames(plan).map((name) => [name, name] as const);
  await assertAlike((sql) => connection.rows(sql), left!, right!, pairs, "withPriors");
}

/** @throws DataError for times that count something else than those of the state */
async function laterTimes(
  connection: Connection,
  table: Table,
  relation: string,
  { column, isDates, scale }: NonNullable<PriorsAbout["time"]>,
): Promise<TimeColumn> {
  const described = await connection.rows(`DESCRIBE SELECT ${identifier(column)} FROM ${relation}`);
  const time = await timeColumn(connection, table, column, String(described[0]!["column_type"]), relation);
  if (time.isDates === isDates && (isDates || time.scale === scale)) return time;
  removePrivateFile(time.file);
  throw new DataError({
    path: `withPriors: column "${column}"`,
    message: "its times are not of the kind that the log had",
    received: time.isDates ? "dates" : "numbers that are no dates",
    expected: isDates ? "timestamps, ISO text, or seconds or milliseconds since 1970" : "the same numbers",
    fix: "write the times of these rows as those of the log",
  });
}

/** SQL of the later rows: their columns as `c0`, `c1` …, keys as `k0` …, and the time `t`. */
function laterRows(plan: PriorsPlan, names: readonly string[], time: TimeColumn | null, relation: string): string {
  const columns = [
    ...names.map((name, at) => `data.${identifier(name)} AS c${at}`),
    ...keyNames(plan).map((name, at) => `data.${identifier(name)} AS k${at}`),
    `${time?.sql ?? "0"} AS t`,
    `row_number() OVER () AS "row"`,
  ];
  return `(SELECT ${columns.join(", ")} FROM ${time?.relation ?? `${relation} AS data`})`;
}

/** Notes on the rows whose keys the state does not have. */
async function newKeyNotes(
  connection: Connection,
  { levels }: PriorsPlan,
  rows: string,
  state: string,
): Promise<string[]> {
  const keys = keyNames({ levels });
  const notes: string[] = [];
  for (const level of levels.filter(({ isAsked }) => isAsked)) {
    const isEqual = level.columns
      .map((name) => `data.k${keys.indexOf(name)} = state.${identifier(name)}`)
      .join(" AND ");
    const isKey = `state.${identifier(stateColumns.key)} = ${literal(levelKey(level))}`;
    const isNew = `NOT EXISTS (SELECT 1 FROM ${state} AS state WHERE ${isKey} AND ${isEqual})`;
    const [facts] = await connection.rows(
      `SELECT count(*) AS rows, count(*) FILTER (${isNew}) AS fresh FROM ${rows} AS data`,
    );
    const [all, fresh] = [Number(facts?.["rows"]), Number(facts?.["fresh"])];
    if (fresh === 0) continue;
    notes.push(`withPriors: ${count(fresh, "row")} (${percent(fresh / all)}) have a new ${level.columns.join(" × ")}`);
  }
  return notes;
}

interface Joined {
  readonly rows: string;
  readonly state: string;
}

/** SQL of the later rows, with the state's knowledge at the time of each. */
function laterSql(plan: PriorsPlan, about: PriorsAbout, { rows, state }: Joined, names: readonly string[]): string {
  const keys = keyNames(plan);
  const isTimed = about.time !== null;
  const joins = plan.levels.map((level, at) => {
    const isEqual = level.columns.map((name) => `data.k${keys.indexOf(name)} = level${at}.k${keys.indexOf(name)}`);
    const inTime = isTimed
      ? [`coalesce(data.t, ${always}) > level${at}.since`]
      : level.columns.length === 0
        ? ["true"]
        : [];
    const join = isTimed ? "ASOF LEFT JOIN" : "LEFT JOIN";
    return ` ${join} ${levelState(plan, about, at, state)} AS level${at} ON ${[...isEqual, ...inTime].join(" AND ")}`;
  });
  const counts = plan.levels.flatMap((_, level) =>
    plan.labels.flatMap((__, label) => {
      const windows = [null, ...windowsAt(plan, level).keys()];
      const both = windows.flatMap((window) => {
        return (["n", "s"] as const).map((kind) => innerColumn(level, label, kind, window));
      });
      const since = `coalesce(${innerColumn(level, label, "last")}, ${about.time?.first ?? 0})`;
      const unit = about.time === null ? 1 : ageUnit(about.time);
      const age = `coalesce(CAST(data.t - ${since} AS DOUBLE) / ${unit}::DOUBLE, 0)`;
      return [
        ...both.map((name) => `CAST(coalesce(${name}, 0) AS INTEGER) AS ${name}`),
        `${age} AS ${innerColumn(level, label, "age")}`,
      ];
    }),
  );
  const joined = `(SELECT data.*, ${counts.join(", ")} FROM ${rows} AS data${joins.join("")})`;
  const columns = [
    ...names.map((name, at) => `c${at} AS ${identifier(name)}`),
    ...newColumns(plan).map((column) => `${columnSql(column)} AS ${identifier(column.name)}`),
  ];
  return `SELECT ${columns.join(", ")} FROM ${ratesSql(plan, about.strengths, joined)} ORDER BY "row"`;
}

/** Before all times; a row without a time is here, too, and so matches nothing. */
const always = -(2 ** 62);

/** SQL of the state's rows of a level, with counts as {@link innerColumn} names them. */
function levelState(plan: PriorsPlan, about: PriorsAbout, level: number, state: string): string {
  const steps = (name: string): string => {
    const column = identifier(name);
    return about.time?.isDates === false
      ? `CAST(round(${column} * ${about.time.scale}) AS BIGINT)`
      : `epoch_us(${column})`;
  };
  const keys = keyNames(plan);
  const { columns } = plan.levels[level]!;
  const selected = [
    ...columns.map((name) => `${identifier(name)} AS k${keys.indexOf(name)}`),
    ...(about.time === null ? [] : [`coalesce(${steps(stateColumns.since)}, ${always}) AS since`]),
    ...plan.labels.flatMap(({ name }, label) => [
      ...(["n", "s"] as const).flatMap((kind) => [
        `${identifier(stateColumn(name, kind))} AS ${innerColumn(level, label, kind)}`,
        ...windowsAt(plan, level).map(({ text }, window) => {
          return `${identifier(stateColumn(name, kind, text))} AS ${innerColumn(level, label, kind, window)}`;
        }),
      ]),
      `${about.time === null ? "NULL::BIGINT" : steps(stateColumn(name, "last"))} AS ${innerColumn(level, label, "last")}`,
    ]),
  ];
  const key = literal(levelKey(plan.levels[level]!));
  return `(SELECT ${selected.join(", ")} FROM ${state} WHERE ${identifier(stateColumns.key)} = ${key})`;
}
