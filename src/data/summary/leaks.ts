/**
 * Detects labels that leak from the future: a held-out row whose user has a later row among the training rows. A
 * model trained on such rows has already seen what that user did next, which it does not know in production. Its
 * held-out metrics are then too good.
 */

import { stringLiteral } from "../../util/text/code-text.js";
import { count, grouped } from "../../util/text/format.js";
import type { RawColumn } from "../table/column.js";
import type { Table } from "../table/table.js";
import { readTimes } from "../table/times.js";

/** The user and time columns. */
export interface LeakColumns {
  /** The column that identifies the user. */
  readonly user: string;
  /** The time column. */
  readonly time: string;
}

/** Held-out rows that are older than some training row of the same user. */
export interface Leaks extends LeakColumns {
  readonly rows: number;
  /** Number of checked held-out rows: those with a user and a time. */
  readonly of: number;
  readonly users: number;
  /** An example user: the time of its held-out row, and of its last training row. `null`: no leak. */
  readonly example: { readonly user: string; readonly held: string; readonly trained: string } | null;
}

/** Whether a column's name suggests that it contains users. */
export function saysUser(name: string): boolean {
  return /^(user|uid|user_?id|member_?id|account_?id)$/i.test(name);
}

/** Detects the user and time columns by their names and types; `null` if they are not found. */
export function guessLeakColumns(table: Table): LeakColumns | null {
  const named = (pattern: RegExp): string | undefined => table.names.find((name) => pattern.test(name));
  const user = table.names.find(saysUser);
  const time =
    named(/^(time_?stamp|event_?time(stamp)?|time|ts)$/i) ??
    table.columns.find(({ type }) => type === "timestamp")?.name ??
    named(/^(date|datetime|day|ds|dt)$/i);
  return user === undefined || time === undefined ? null : { user, time };
}

/** Counts the held-out rows that have a later training row of their user. */
export async function futureLeaks(training: Table, held: Table, columns: LeakColumns): Promise<Leaks> {
  const { user, time } = columns;
  const latest = new Map<unknown, number>();
  await forRows(training, columns, (who, when) => {
    const latestTime = latest.get(who);
    if (latestTime === undefined || when > latestTime) latest.set(who, when);
  });
  const leaking = new Set<unknown>();
  let rows = 0;
  let of = 0;
  let example: Leaks["example"] = null;
  const timeText = (when: number): string => (isDate(held, time, when) ? new Date(when).toISOString() : String(when));
  await forRows(held, columns, (who, when) => {
    of += 1;
    const last = latest.get(who) ?? Number.NEGATIVE_INFINITY;
    if (!(last > when)) return;
    rows += 1;
    leaking.add(who);
    example ??= { user: String(who), held: timeText(when), trained: timeText(last) };
  });
  return { user, time, rows, of, users: leaking.size, example };
}

/**
 * A note with the consequences of leaks and a fix; `null` without leaks.
 * @param labels the affected labels, if known
 */
export function leakNote(leaks: Leaks, part: string, labels: readonly string[] = []): string | null {
  const { rows, of, users, user, time, example } = leaks;
  if (rows === 0 || example === null) return null;
  const whose = labels.length === 0 ? "the labels" : labels.map((label) => `"${label}"`).join(", ");
  return (
    `labels leak from the future: ${grouped(rows)} of ${count(of, "row")} in "${part}", of ${count(users, "user")}, ` +
    `are older than a training row of the same user (column "${user}") by column "${time}"; ` +
    `${user} ${example.user}, say, is held out at ${example.held} and trained on at ${example.trained}. ` +
    `Training has seen what these users did next, so figures of ${whose} on "${part}" are too good. ` +
    `Hold out the newest rows: { by: { time: ${stringLiteral(time)} } }; if this is intended: { leaks: null }`
  );
}

/** Whether a time is in milliseconds since 1970: true for timestamps and for dates in text. */
function isDate(table: Table, column: string, when: number): boolean {
  const type = table.columns.find(({ name }) => name === column)?.type;
  return type === "timestamp" || (type === "text" && Math.abs(when) > 1e10);
}

async function forRows(table: Table, { user, time }: LeakColumns, visit: (who: unknown, when: number) => void) {
  const read = await table.read([user, time]);
  const users = read.get(user)!;
  const times = readTimes(read.get(time)!, `${table.source}: column "${time}"`);
  const who = keyReader(users);
  for (let row = 0; row < times.length; row++) {
    const key = who(row);
    if (key !== null && !Number.isNaN(times[row])) visit(key, times[row]!);
  }
}

/** A key of the same user in both tables: the number or the word. */
function keyReader(column: RawColumn): (row: number) => number | string | null {
  if (column.kind === "text") return (row) => column.words[column.codes[row]!] ?? null;
  if (column.kind === "list") return () => null;
  return (row) => (column.valid !== null && column.valid[row] === 0 ? null : column.values[row]!);
}
