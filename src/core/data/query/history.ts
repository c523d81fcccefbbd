/** The last items of a user's earlier rows. Rows at the same time are not earlier: no row sees the future. */

import { createHash } from "node:crypto";
import { DataError, type Problem } from "../../errors/index.js";
import { assertCount } from "../../spec/validate/checks.js";
import { SharedValue } from "../../util/interrupt.js";
import { count } from "../../util/text.js";
import { inTurns, type Work } from "../../util/turns.js";
import { NumberBuilder } from "../sources/builders.js";
import type { Connection } from "../sources/duckdb.js";
import type { Source, SourceVersion } from "../sources/file-version.js";
import { columnContents, columnsSource } from "../sources/memory.js";
import {
  columnRows,
  hasValue,
  type ListColumn,
  type RawColumn,
  type ScalarColumn,
  sliceColumn,
  takeColumn,
  valueAt,
  valueNumbers,
} from "../table/column.js";
import { columnInRole } from "../table/role-checks.js";
import { readTimes, Table, zoneNote } from "../table/table.js";
import { type Frame, firstFrame, orderedSql } from "./frame.js";
import { noteRandom, storedSource, tableRelation, withQueries } from "./sql.js";

/** How to collect a history. `C`: the columns. */
export interface HistoryOptions<C extends string = string> {
  /** The column of the user, or another column whose rows form a history. Default: the role `user`. */
  readonly by?: C;
  /** The column with the time: numbers, timestamps or ISO text. Default: the role `time`. */
  readonly order?: C;
  /** The largest number of items, the latest. Default: 20. */
  readonly last?: number;
  /** A label column: only rows where it is 1 or true enter a history. Default: all rows do. */
  readonly positive?: C;
  /** The name of the new column. Default: the item column's name with `_history`. */
  readonly as?: string;
}

export function historyStep(item: string, options: HistoryOptions): TableStep {
  const { last = 20, positive, as = `${item}_history` } = options;
  assertCount("history.last", last, DataError);
  return tableStep(`history("${item}")`, async (table, notes) => {
    const by = columnInRole(table, "user", options.by, "history.by");
    const order = columnInRole(table, "time", options.order, "history.order");
    const columnNames = [...new Set([item, by, order, ...(positive === undefined ? [] : [positive])])];
    const read = await table.read(columnNames);
    const items = flatColumn(read.get(item)!, `history: column "${item}"`, "one item a row");
    const zone = zoneNote(order, read.get(order)!);
    if (zone !== null) notes.push(zone);
    const times = readTimes(read.get(order)!, `${table.source}: column "${order}"`);
    const users = userKeys(read.get(by)!, by);
    const enters = positive === undefined ? null : binaryLabels(read.get(positive)!, `history: column "${positive}"`);
    const { lists, unknown } = await inTurns(collect({ items, times, users, enters, last }));
    if (unknown > 0) {
      notes.push(`history: ${count(unknown, "row")} without ${by} or ${order} have an empty history and are in none`);
    }
    return withColumns(table, new Map([[as, lists]]));
  });
}

export function userKeys(column: RawColumn, name: string): Int32Array {
  return valueNumbers(flatColumn(column, `column "${name}"`));
}

/** @throws DataError for a column of lists */
export function flatColumn(column: RawColumn, path: string, expected?: string): ScalarColumn {
  if (column.kind !== "list") return column;
  throw new DataError({ path, message: "is a list column", expected });
}

/** A label without a value, in the result of {@link binaryLabels}. */
export const missingLabel = 2;

/** A label by row: 0, 1 or {@link missingLabel}. Throws a DataError for other values. @param path of the errors */
export function binaryLabels(column: RawColumn, path: string): Uint8Array {
  const labels = new Uint8Array(columnRows(column));
  const others: number[] = [];
  for (let row = 0; row < labels.length; row++) {
    const label = hasValue(column, row) ? binaryValue(valueAt(column, row)) : missingLabel;
    if (label === null) others.push(row);
    else labels[row] = label;
  }
  if (others.length === 0) return labels;
  const examples = [...new Set(others.slice(0, 1000).map((row) => JSON.stringify(valueAt(column, row))))].slice(0, 3);
  throw new DataError(notLabels(path, others.length, others[0]!, examples));
}

/** The problem of a column in which rows have values that are no labels. @param first the first such row */
export function notLabels(path: string, rows: number, first: number, examples: readonly string[]): Problem {
  return {
    path,
    message: `not a label in ${count(rows, "row")}, first in row ${first} (from 0)`,
    received: examples.join(", "),
    expected: "0 and 1, true and false, or yes and no",
    fix: 'make a label first, such as .derive({ liked: "CAST(rating >= 4 AS INTEGER)" })',
  };
}

function binaryValue(value: unknown): 0 | 1 | null {
  const text = String(value);
  if (/^(true|yes|t|y|1)$/i.test(text)) return 1;
  return /^(false|no|f|n|0)$/i.test(text) ? 0 : null;
}

interface Histories {
  readonly items: ScalarColumn;
  readonly times: ArrayLike<number>;
  readonly users: Int32Array;
  readonly enters: Uint8Array | null;
  readonly last: number;
}

function* collect({ items, times, users, enters, last }: Histories): Work<{ lists: ListColumn; unknown: number }> {
  const order = Int32Array.from(users.keys()).filter((row) => users[row]! >= 0 && !Number.isNaN(times[row]!));
  order.sort((a, b) => users[a]! - users[b]! || times[a]! - times[b]! || a - b);
  yield;
  const starts = new Int32Array(users.length);
  const lengths = new Int32Array(users.length);
  const entered = new Int32Array(order.length);
  let filled = 0;
  let first = 0;
  for (let at = 0; at < order.length; ) {
    const row = order[at]!;
    if (at === 0 || users[row] !== users[order[at - 1]!]) first = filled;
    let end = at;
    while (end < order.length && users[order[end]!] === users[row] && times[order[end]!] === times[row]) end += 1;
    const start = Math.max(first, filled - last);
    for (let peer = at; peer < end; peer++) {
      starts[order[peer]!] = start;
      lengths[order[peer]!] = filled - start;
    }
    for (let peer = at; peer < end; peer++) {
      const entering = order[peer]!;
      if (hasValue(items, entering) && (enters === null || enters[entering] === 1)) entered[filled++] = entering;
    }
    at = end;
    if ((at & 4095) === 0) yield;
  }
  const offsets = new Int32Array(users.length + 1);
  for (let row = 0; row < users.length; row++) offsets[row + 1] = offsets[row]! + lengths[row]!;
  const picked = new Int32Array(offsets[users.length]!);
  for (let row = 0; row < users.length; row++) {
    picked.set(entered.subarray(starts[row]!, starts[row]! + lengths[row]!), offsets[row]!);
  }
  const taken = takeColumn(items, picked) as ScalarColumn;
  return { lists: { kind: "list", offsets, items: taken, valid: null }, unknown: users.length - order.length };
}

/** The table with columns of its number of rows: those with a known name replace the table's. */
export function withColumns(table: Table, added: ReadonlyMap<string, RawColumn>): Table {
  const extra = columnsSource(table.source, added);
  const version = new SharedValue<SourceVersion | null>();
  const source: Source = {
    name: table.source,
    rows: table.rows,
    columns: [...new Map([...table.columns, ...extra.columns].map((column) => [column.name, column])).values()],
    written: table.isText
      ? new Set(table.names.filter((name) => !added.has(name) && table.isWritten(name)))
      : undefined,
    async *parts(names, reading = {}) {
      const fromTable = names.filter((name) => !added.has(name));
      if (fromTable.length === 0) return yield* extra.parts(names, reading);
      const { asWritten = [], limit = table.rows, whole = false } = reading;
      const part = limit >= table.rows ? table : table.slice(0, limit);
      const read = async () => ({ rows: part.rows, columns: await part.read(fromTable, asWritten) });
      let start = 0;
      for await (const { rows, columns } of whole ? [await read()] : part.parts(fromTable, asWritten)) {
        const end = start + rows;
        const column = (name: string): RawColumn => columns.get(name) ?? sliceColumn(added.get(name)!, start, end);
        yield new Map(names.map((name) => [name, column(name)]));
        start = end;
      }
    },
    version: () => version.get(() => overlayVersion(table, added)),
    assertUnchanged: () => table.assertUnchanged(),
    locate: (row) => table.locate(row),
  };
  return new Table(source);
}

async function overlayVersion(table: Table, added: ReadonlyMap<string, RawColumn>): Promise<SourceVersion | null> {
  const version = await table.version();
  if (version === null) return null;
  const hash = createHash("sha256").update(JSON.stringify([version.key, table.names, [...added.keys()]]));
  if (table.selection !== null) hash.update(table.selection);
  for (const content of columnContents(added)) hash.update("\0").update(content as Uint8Array | string);
  return { key: hash.digest("hex"), about: version.about };
}

/** A chain of steps: nothing runs until the result is asked for; consecutive steps in SQL run as one query. */

export interface StepContext {
  /** The rows of a query. */
  readonly ask: (sql: string) => Promise<Record<string, unknown>[]>;
  /** SQL of another table's rows. The table, and with it its files, stays until the query has ended. */
  readonly relationOf: (table: Table) => Promise<string>;
  readonly notes: string[];
}

export interface SqlStep {
  readonly kind: "sql";
  /** For names and errors, such as `where("price > 3")`. */
  readonly name: string;
  readonly isFilter?: boolean;
  /** Whether its rows are the data's, with other columns or in another order. */
  readonly keepsNotes: boolean;
  apply(frame: Frame, context: StepContext): Frame | Promise<Frame>;
}

export interface TableStep {
  readonly kind: "table";
  readonly name: string;
  readonly keepsNotes: boolean;
  apply(table: Table, notes: string[]): Table | Promise<Table>;
}

export type Step = SqlStep | TableStep;

export function sqlStep(name: string, apply: SqlStep["apply"]): SqlStep {
  return { kind: "sql", name, keepsNotes: true, apply };
}

export function tableStep(name: string, apply: TableStep["apply"]): TableStep {
  return { kind: "table", name, keepsNotes: true, apply };
}

export interface ChainResult {
  readonly table: Table;
  readonly notes: readonly string[];
  readonly keepsNotes: boolean;
}

export async function runChain(start: Table, steps: readonly Step[]): Promise<ChainResult> {
  const notes: string[] = [];
  let table = start;
  for (let at = 0; at < steps.length; ) {
    const step = steps[at]!;
    if (step.kind === "table") {
      table = (await step.apply(table, notes)).withRoles(start.roles);
      at += 1;
      continue;
    }
    const end = steps.findIndex(({ kind }, index) => index > at && kind === "table");
    const together = steps.slice(at, end < 0 ? steps.length : end) as SqlStep[];
    table = (await runSql(table, together, notes)).withRoles(start.roles);
    at += together.length;
  }
  return { table, notes, keepsNotes: steps.every(({ keepsNotes }) => keepsNotes) };
}

async function runSql(table: Table, steps: readonly SqlStep[], notes: string[]): Promise<Table> {
  const tables: Table[] = [];
  const relationOf = (each: Table): Promise<string> => {
    tables.push(each);
    return tableRelation(each);
  };
  const relation = await relationOf(table);
  const place = `${table.source}: ${steps.map(({ name }) => name).join(", ")}`;
  const result = await withQueries(place, async (connection) => {
    let frame = firstFrame(table.source, relation, table.names);
    for (const step of steps) {
      const [verb] = step.name.split("(");
      frame = {
        ...(await step.apply(frame, { ask: (sql) => connection.rows(sql), relationOf, notes })),
        name: `${frame.name}, ${verb}`,
      };
    }
    // A selection of rows keeps what the source knows: exact texts, files and lines.
    if (steps.every(({ isFilter }) => isFilter === true)) {
      noteRandom(frame.relation, notes);
      return table.take(await rowNumbers(connection, frame));
    }
    const sql = orderedSql(frame);
    noteRandom(sql, notes);
    return new Table(await storedSource(connection, sql, frame.name));
  });
  for (const each of tables) await each.assertUnchanged();
  return result;
}

async function rowNumbers(connection: Connection, { relation, order }: Frame): Promise<Int32Array> {
  const sql = `SELECT CAST(${order} - 1 AS INTEGER) FROM ${relation} ORDER BY ${order}`;
  const rows = new NumberBuilder("integer", true);
  for await (const chunk of connection.chunks(sql)) rows.append(chunk.getColumnVector(0), 0, chunk.rowCount);
  const column = rows.finish();
  return column.kind === "number" ? Int32Array.from(column.values) : new Int32Array(0);
}
