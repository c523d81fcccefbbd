/**
 * The state of priors at the end of the log, as a table: per key, its counts, and how they change as late labels become
 * known and windows move on. Later rows join it.
 */
import { DataError } from "../../errors/index.js";
import { count, grouped, parseJson } from "../../util/text.js";
import { storedSource } from "../query/sql.js";
import type { Connection } from "../sources/duckdb.js";
import type { Source } from "../sources/file-version.js";
import { identifier, literal } from "../sources/names.js";
import { appendColumns } from "../sources/parquet.js";
import { numberColumn } from "../table/column.js";
import type { Table } from "../table/table.js";
import { type Base, keyColumn, keyNames, writeBase } from "./base.js";
import { type CountedLevels, countLevels, passLevel } from "./levels.js";
import type { Level, PriorsLabel, PriorsPlan, PriorsWindow } from "./plan.js";
import type { Strengths } from "./rates.js";
import type { KeySweep } from "./sweep.js";
import { spanText } from "./times.js";

/** The columns that the state has besides keys and counts. */
export const stateColumns = { key: "_key", since: "_since", about: "_about" } as const;

/** The description of a state in the first row of its column `_about`, as JSON. */
export interface PriorsAbout {
  readonly version: 1;
  readonly time: {
    readonly column: string;
    readonly isDates: boolean;
    readonly scale: number;
    /** The first and the last time of the log, in microseconds. */
    readonly first: number;
    readonly last: number;
  } | null;
  readonly labels: readonly PriorsLabel[];
  readonly windows: readonly PriorsWindow[];
  readonly levels: readonly Level[];
  readonly strengths: Strengths;
}

const version = 1;

/** How the state's log was counted, for rows that join it. */
export function planOf(about: PriorsAbout): PriorsPlan {
  return { ...about, after: null, time: about.time?.column ?? null };
}

/** The columns of a label's counts in a state, such as `click_n_7d`. */
export function stateColumn(label: string, kind: "n" | "s" | "last", window?: string): string {
  return `${label}_${kind}${window === undefined ? "" : `_${window}`}`;
}

/** The text that names a level in the state: its columns as JSON. */
export function levelKey({ columns }: Pick<Level, "columns">): string {
  return JSON.stringify(columns);
}

/** The state after all rows of a table. */
export async function stateSource(
  connections: { readonly read: Connection; readonly write: Connection },
  table: Table,
  plan: PriorsPlan,
): Promise<Source> {
  assertOwnNames(plan);
  const base = await writeBase(connections.read, table, plan, []);
  let levels: CountedLevels | null = null;
  try {
    levels = await countLevels(connections, base, plan, false);
    const writer = new StateWriter(connections.write, base, plan);
    await writer.open();
    for (const level of plan.levels.keys()) await writer.level(connections.read, level);
    const sql = stateSql(base, plan, aboutOf(base, plan, levels.strengths));
    return await storedSource(connections.write, sql, `${table.source}, state of priors`);
  } finally {
    levels?.remove();
    base.remove();
  }
}

function aboutOf(base: Base, plan: PriorsPlan, strengths: Strengths): PriorsAbout {
  const { labels, windows, levels, time } = plan;
  const times = base.time === null ? null : { column: time!, ...pickTime(base) };
  return { version, time: times, labels, windows, levels, strengths };
}

function pickTime({ time, first, last }: Base) {
  return { isDates: time!.isDates, scale: time!.scale, first, last };
}

/** Rows of the state that wait in JavaScript. */
const heldRows = 1 << 14;

/** Writes the counts of each key, and each later change of them, to the table `state`. */
class StateWriter {
  readonly #rows: number[][] = [];

  constructor(
    private readonly connection: Connection,
    private readonly base: Base,
    private readonly plan: PriorsPlan,
  ) {}

  async open(): Promise<void> {
    const fields = ["level", '"row"', "since", ...countFields(this.plan)].map((name) => `${name} DOUBLE`);
    await this.connection.run(`CREATE TEMP TABLE state (${fields.join(", ")})`);
  }

  async level(read: Connection, level: number): Promise<void> {
    const { base, plan } = this;
    const end = base.time === null ? Number.POSITIVE_INFINITY : base.last;
    await passLevel(read, base, plan, level, {
      row: () => undefined,
      key: async (row, sweep) => {
        sweep.advance(end);
        this.#add(level, row, Number.NaN, sweep);
        for (const change of base.time === null ? [] : sweep.changesFrom(end)) {
          sweep.advance(change + 1); // the first time after it
          this.#add(level, row, change, sweep);
          if (this.#rows.length >= heldRows) await this.#flush();
        }
        if (this.#rows.length >= heldRows) await this.#flush();
      },
    });
    await this.#flush();
  }

  #add(level: number, row: number, since: number, sweep: KeySweep): void {
    const values = [level, row, since];
    for (const { rows, positives, last, windowRows, windowPositives } of sweep.counts) {
      values.push(rows, positives, last);
      for (const window of this.plan.windows.keys()) {
        values.push(windowRows[window] ?? Number.NaN, windowPositives[window] ?? Number.NaN);
      }
    }
    this.#rows.push(values);
  }

  async #flush(): Promise<void> {
    const rows = this.#rows.splice(0);
    if (rows.length === 0) return;
    const columns = rows[0]!.map((_, at) => {
      const values = Float64Array.from(rows, (row) => row[at]!);
      return numberColumn(
        "float",
        values,
        Uint8Array.from(values, (value) => Number(!Number.isNaN(value))),
      );
    });
    await appendColumns(this.connection, "state", columns);
  }
}

/** Names of the counts inside queries, in the order in which they are written. */
function countFields({ labels, windows }: PriorsPlan): string[] {
  return labels.flatMap((_, label) => [
    `n${label}`,
    `s${label}`,
    `last${label}`,
    ...windows.flatMap((__, window) => [`n${label}_${window}`, `s${label}_${window}`]),
  ]);
}

/** @throws DataError if a key has the name of another column of the state */
function assertOwnNames(plan: PriorsPlan): void {
  const counts = plan.labels.flatMap(({ name }) => [
    ...(["n", "s", "last"] as const).map((kind) => stateColumn(name, kind)),
    ...plan.windows.flatMap(({ text }) => (["n", "s"] as const).map((kind) => stateColumn(name, kind, text))),
  ]);
  const used = new Set([...Object.values(stateColumns), ...counts].map((name) => name.toLowerCase()));
  const same = keyNames(plan).filter((name) => used.has(name.toLowerCase()));
  if (same.length === 0) return;
  throw new DataError(
    same.map((name) => ({
      path: `priorsState: column "${name}"`,
      message: "the state has another column of this name",
      fix: "rename the key before priors, by derive and select",
    })),
  );
}

function stateSql(base: Base, plan: PriorsPlan, about: PriorsAbout): string {
  const { labels, windows, levels } = plan;
  const whole = (field: string, name: string): string => `CAST(${field} AS BIGINT) AS ${identifier(name)}`;
  const time = (field: string, name: string): string => {
    const value =
      about.time?.isDates === false ? `${field} / ${about.time.scale}` : `make_timestamp(CAST(${field} AS BIGINT))`;
    return `${value} AS ${identifier(name)}`;
  };
  const keys = keyNames(plan).map((name) => {
    const having = [...levels.keys()].filter((level) => levels[level]!.columns.includes(name));
    return `CASE WHEN level IN (${having.join(", ")}) THEN ${keyColumn(plan, name)} END AS ${identifier(name)}`;
  });
  const levelNames = levels.map((level, at) => `WHEN ${at} THEN ${literal(levelKey(level))}`).join(" ");
  const columns = [
    `CASE level ${levelNames} END AS ${identifier(stateColumns.key)}`,
    ...keys,
    time("since", stateColumns.since),
    ...labels.flatMap(({ name }, label) => [
      whole(`n${label}`, stateColumn(name, "n")),
      whole(`s${label}`, stateColumn(name, "s")),
      time(base.time === null ? "NULL" : `last${label}`, stateColumn(name, "last")),
      ...windows.flatMap(({ text }, window) => [
        whole(`n${label}_${window}`, stateColumn(name, "n", text)),
        whole(`s${label}_${window}`, stateColumn(name, "s", text)),
      ]),
    ]),
    `CASE WHEN level = 0 AND since IS NULL THEN ${literal(JSON.stringify(about))} END AS ${identifier(stateColumns.about)}`,
  ];
  return `SELECT ${columns.join(", ")} FROM state JOIN ${base.relation} USING ("row") ORDER BY level, "row", since NULLS FIRST`;
}

/** The description of a state. @param caller for errors @throws DataError for a table that is not a state */
export async function readAbout(state: Table, caller = "withPriors"): Promise<PriorsAbout> {
  const refuse = (message: string): DataError =>
    new DataError({
      path: `${caller}: ${state.source}`,
      message,
      expected: "the result of priorsState(), or a Parquet file of it",
      fix: "const state = await log.priorsState(), where log is the result of priors",
    });
  const { key, since, about } = stateColumns;
  if (![key, since, about].every((name) => state.has(name))) throw refuse("not a state of priors");
  const [text] = (await state.column(about)).filter((value) => value !== null);
  if (typeof text !== "string") throw refuse("a state without its description: some of its rows are missing");
  try {
    const read = parseJson(text) as PriorsAbout;
    if (read.version === version) return read;
  } catch {
    throw refuse("a state whose description is damaged");
  }
  throw refuse("a state of another version");
}

/**
 * A note on how much later the rows are than the log; `null`: without times.
 * @throws DataError for rows before the end of the log: the state knows what came after them
 */
export async function assertLater(
  connection: Connection,
  relation: string,
  about: PriorsAbout,
  table: Table,
): Promise<string | null> {
  if (about.time === null) return null;
  const { last, isDates, scale } = about.time;
  const [facts] = await connection.rows(
    `SELECT count(*) AS rows, count(*) FILTER (t < ${last}) AS older, CAST(max(t) AS DOUBLE) AS latest FROM ${relation}`,
  );
  const [older, latest] = [Number(facts?.["older"]), Number(facts?.["latest"] ?? last)];
  const end = isDates ? new Date(last / 1000).toISOString() : String(last / scale);
  const later = isDates ? `${spanText(latest - last)} after it` : `at ${latest / scale}`;
  if (older === 0) return `withPriors: the log of the state ends at ${end}, and the last of these rows is ${later}`;
  throw new DataError({
    path: `withPriors: ${table.source}`,
    message: `${grouped(older)} of ${count(Number(facts?.["rows"]), "row")} are before the end of the log that the state counts, so it knows what came after them`,
    received: `times before ${end}`,
    expected: "later rows",
    fix: "add these rows to the log (log.concat(rows).priors(…)), where each sees what was before it",
  });
}
