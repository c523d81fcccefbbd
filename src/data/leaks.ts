/**
 * Labels that leak from the future: a held-out row whose user has a later row among the training rows. A model that is
 * trained on such rows has seen what that user did next; when it serves, it has not. Held-out figures then promise
 * more than the model keeps.
 */
import type { RawColumn } from "./column.js";
import type { Table } from "./table.js";
import { timesOf } from "./times.js";

/** Whose rows they are, and when. */
export interface LeakColumns {
  readonly user: string;
  readonly time: string;
}

/** Held-out rows that come before some training row of the same user. */
export interface Leaks extends LeakColumns {
  readonly rows: number;
  /** Held-out rows looked at: those with a user and a time. */
  readonly of: number;
  readonly users: number;
}

/** Whether a column's name says that it holds users. */
export function saysUser(name: string): boolean {
  return /^(user|uid|user_?id|member_?id|account_?id)$/i.test(name);
}

/** The columns that say who and when, by their names and types; `null` where there are none. */
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
    const known = latest.get(who);
    if (known === undefined || when > known) latest.set(who, when);
  });
  const leaking = new Set<unknown>();
  let rows = 0;
  let of = 0;
  await forRows(held, columns, (who, when) => {
    of += 1;
    if (!((latest.get(who) ?? Number.NEGATIVE_INFINITY) > when)) return;
    rows += 1;
    leaking.add(who);
  });
  return { user, time, rows, of, users: leaking.size };
}

/** A sentence about leaks, for a note; `null` where there are none. */
export function leakNote({ rows, of, users, user, time }: Leaks, part: string): string | null {
  if (rows === 0) return null;
  const count = (value: number): string => value.toLocaleString("en-US");
  return (
    `${count(rows)} of ${count(of)} rows in "${part}" come before training rows of the same ${user} (${count(users)} ${users === 1 ? "user" : "users"}) ` +
    `by ${time}: training sees their future, so figures on them are too good; split by { time: "${time}" } instead`
  );
}

async function forRows(table: Table, { user, time }: LeakColumns, visit: (who: unknown, when: number) => void) {
  const read = await table.read([user, time]);
  const users = read.get(user)!;
  const times = timesOf(read.get(time)!, `${table.source}: column "${time}"`);
  const who = keyOf(users);
  for (let row = 0; row < times.length; row++) {
    const key = who(row);
    if (key !== null && !Number.isNaN(times[row])) visit(key, times[row] as number);
  }
}

/** A key of the same user in both tables: the number or the word. */
function keyOf(column: RawColumn): (row: number) => number | string | null {
  if (column.kind === "text") return (row) => column.words[column.codes[row] as number] ?? null;
  if (column.kind === "list") return () => null;
  return (row) => (column.valid !== null && column.valid[row] === 0 ? null : (column.values[row] as number));
}
