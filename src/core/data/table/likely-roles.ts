/** Roles that columns' names and values suggest. They are only ever proposed, because a wrong user would make intervals false. */
import { count, grouped } from "../../util/text.js";
import { columnRows, hasValue, type RawColumn, rowsByKey, type ScalarColumn, valueNumbers } from "./column.js";
import { type ColumnRole, columnRoles, hasRoles, type Roles, rolesCall } from "./roles.js";
import { readTimes, type Table } from "./table.js";

/** Names that say a role, the likeliest first. */
const names: Readonly<Record<ColumnRole, readonly RegExp[]>> = {
  user: [/^(user|uid|user_?id|member_?id|account_?id)$/i, /^(customer|visitor|client|viewer)(_?id)?$/i],
  item: [/^(item|iid|item_?id)$/i, /^(product|article|movie|video|ad|adgroup|sku|song|book)_?id$/i],
  time: [/^(time_?stamp|event_?time(stamp)?|time|ts)$/i, /^(date_?time|date|day|ds|dt)$/i],
  session: [/^(session|visit|session_?id|visit_?id|sid)$/i],
};

/** Whether a column's name says that it has the user. */
export function saysUser(name: string): boolean {
  return names.user[0]!.test(name);
}

/** The column whose name says a role; for the time, also the first of type `timestamp`. */
export function namedFor(table: Table, role: ColumnRole): string | undefined {
  const [likely, possible = []] = names[role].map((pattern) => table.names.filter((name) => pattern.test(name)));
  const typed = role === "time" ? table.columns.filter(({ type }) => type === "timestamp").map(({ name }) => name) : [];
  return [...likely!, ...typed, ...possible][0];
}

/** Logs with fewer rows need no intervals. */
const fewestRows = 50;
/** Rows that are read to see whether values repeat. */
const lookedAt = 50_000;

/** Roles that a table may have. */
export interface LikelyRoles {
  readonly roles: Roles;
  /** Each role with its column and its content: `user "user_id" (943 values, 106 rows each)`. */
  readonly facts: string;
}

/** A note with the roles that a table may have and the call that sets them; `null`: none, or it has roles. */
export async function rolesNote(table: Table): Promise<string | null> {
  const likely = await likelyRoles(table);
  if (likely === null) return null;
  return (
    `likely roles, not used yet: ${likely.facts}. If they are right, say so once, and splits, ` +
    `intervals and checks go by them: ${rolesCall(likely.roles)}`
  );
}

/** `null`: none, or the table has roles. */
export async function likelyRoles(table: Table): Promise<LikelyRoles | null> {
  if (hasRoles(table.roles) || table.rows < fewestRows) return null;
  const named = columnRoles.flatMap((role) => {
    const name = namedFor(table, role);
    return name === undefined ? [] : [[role, name] as const];
  });
  if (!named.some(([role]) => role === "user" || role === "time")) return null;
  const read = await table.readFirst(
    lookedAt,
    named.map(([, name]) => name),
  );
  const users = named.find(([role]) => role === "user");
  const words: string[] = [];
  const roles: Partial<Record<ColumnRole, string>> = {};
  for (const [role, name] of named) {
    const column = read.get(name)!;
    const facts = role === "time" ? timeWords(column) : keyWords(column);
    if (facts === null || (role === "session" && users !== undefined && spans(column, read.get(users[1])!))) continue;
    roles[role] = name;
    words.push(`${role} "${name}" (${facts})`);
  }
  if (roles.user === undefined && roles.time === undefined) return null;
  const first = table.rows <= lookedAt ? "" : `, in the first ${count(lookedAt, "row")}`;
  return { roles: roles as Roles, facts: `${words.join(", ")}${first}` };
}

/** `943 values, 106 rows each`; `null` unless values repeat. */
function keyWords(column: RawColumn): string | null {
  if (column.kind === "list") return null;
  const present = rowsWithValue(column);
  const distinct = rowsByKey(column).size;
  if (distinct < 2 || distinct >= present) return null;
  const each = present / distinct;
  return `${count(distinct, "value")}, ${each < 10 ? each.toFixed(1) : grouped(Math.round(each))} rows each`;
}

function rowsWithValue(column: ScalarColumn): number {
  let rows = 0;
  for (let row = 0; row < columnRows(column); row++) if (hasValue(column, row)) rows++;
  return rows;
}

/** `from 2017-05-06 to 2017-05-13`, or the count of different times of plain numbers; `null`: no times. */
function timeWords(column: RawColumn): string | null {
  let times: ArrayLike<number>;
  try {
    times = readTimes(column, "time");
  } catch {
    return null;
  }
  const present = Array.from(times).filter((time) => !Number.isNaN(time));
  const [low, high] = present.reduce(
    ([least, most], time) => [Math.min(least, time), Math.max(most, time)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (!(low! < high!)) return null;
  const isDates = column.kind === "text" || (column.kind === "number" && column.type === "timestamp");
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  return isDates ? `from ${day(low!)} to ${day(high!)}` : count(new Set(present).size, "value");
}

function spans(sessions: RawColumn, users: RawColumn): boolean {
  if (sessions.kind === "list" || users.kind === "list") return true;
  const people = valueNumbers(users);
  const owner = new Map<number, number>();
  return valueNumbers(sessions).some((visit, row) => {
    const first = owner.get(visit);
    if (first === undefined) owner.set(visit, people[row]!);
    return first !== undefined && first !== people[row];
  });
}
