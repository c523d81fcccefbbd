/** Checks roles against the rows: whether each column can identify the user, item, time or visit, and which column a call means. */
import { DataError, type Problem } from "../../errors/index.js";
import { zoneProblems } from "../../spec/feature/derived.js";
import { isWithoutZone } from "../../util/iso-time.js";
import { isObject } from "../../util/json.js";
import { didYouMean, listNames } from "../../util/names.js";
import { count } from "../../util/text.js";
import { dateFix, derived } from "../column-fixes.js";
import { identifier } from "../sources/names.js";
import { columnRows, type RawColumn, rowsByKey, type ScalarColumn, usedWords, valueNumbers } from "./column.js";
import { durationMillis } from "./duration.js";
import { namedFor } from "./likely-roles.js";
import { type ColumnRole, columnRoles, type Roles, rolesCall, withoutRole } from "./roles.js";
import { readTimes, type Table, zoneNote } from "./table.js";

/** At most this many rows are read to check roles: enough to see a wrong column, and cheap for every file. */
const checkedRows = 1_000_000;

/** The table with these roles, checked by reading its first million rows; and notes. @throws DataError for each fault */
export async function withCheckedRoles(
  table: Table,
  roles: Roles,
  path = "roles",
): Promise<{ readonly table: Table; readonly notes: readonly string[] }> {
  assertRoles(table, roles, path);
  const named = columnRoles.flatMap((role) => roles[role] ?? []);
  if (named.length === 0) return { table: table.withRoles({}), notes: [] };
  const read = await table.readFirst(checkedRows, named);
  const rows = Math.min(table.rows, checkedRows);
  const problems: Problem[] = [];
  const notes: string[] = [];
  for (const role of columnRoles) {
    const name = roles[role];
    if (name === undefined) continue;
    const column = read.get(name)!;
    const problem = role === "time" ? timeProblem(roles, column, path) : keyProblem(roles, role, column, path);
    if (problem !== null) problems.push(problem);
  }
  if (problems.length > 0) throw new DataError(problems);
  const { user, time, session } = roles;
  if (session !== undefined && user !== undefined) {
    const spanning = spanningSessions(read.get(session)!, read.get(user)!, roles, path);
    if (spanning !== null) throw new DataError(spanning);
  }
  if (user !== undefined && rows > 1 && rowsByKey(read.get(user) as ScalarColumn).size === rows) {
    const fix = rolesCall(withoutRole(roles, "user"));
    notes.push(
      `roles: each row has a "${user}" of its own, so drawing users is drawing rows; if it only numbers the rows: ${fix}`,
    );
  }
  if (time !== undefined) {
    const zone = zoneNote(time, read.get(time)!);
    if (zone !== null) notes.push(zone);
  }
  return { table: table.withRoles(roles), notes };
}

/** Throws a DataError for roles that are no object, unknown roles, missing columns, or one column in two roles. */
function assertRoles(table: Table, roles: Roles, path: string): void {
  if (!isObject(roles)) {
    const expected = 'an object such as { user: "user_id", item: "item_id", time: "ts" }';
    throw new DataError({ path, message: "not roles", received: JSON.stringify(roles) ?? String(roles), expected });
  }
  const names: readonly string[] = [...columnRoles, "sessionGap", "zone"];
  const byName: Readonly<Record<string, unknown>> = { ...roles };
  const problems: Problem[] = Object.keys(byName)
    .filter((role) => !names.includes(role))
    .map((role) => ({
      path: `${path}.${role}`,
      message: "no such role",
      expected: `one of: ${names.join(", ")}`,
      fix: didYouMean(role, names),
    }));
  const taken = new Map<string, string>();
  for (const role of columnRoles) {
    const name = byName[role];
    if (name === undefined) continue;
    const place = `${path}.${role}`;
    if (typeof name !== "string" || !table.has(name)) {
      problems.push({
        path: place,
        message: "no such column",
        received: JSON.stringify(name) ?? String(name),
        expected: `one of the columns ${listNames(table.names)}`,
        fix: (typeof name === "string" ? didYouMean(name, table.names) : null) ?? likelyFix(table, role),
      });
    } else if (taken.has(name)) {
      problems.push({
        path: place,
        message: `column "${name}" is already the ${taken.get(name)}`,
        expected: "a column of its own for each role",
        fix: `leave ${role} out`,
      });
    } else {
      taken.set(name, role);
    }
  }
  if (byName["sessionGap"] !== undefined) {
    try {
      durationMillis(byName["sessionGap"] as string, `${path}.sessionGap`);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (byName["zone"] !== undefined) {
    const zones = zoneProblems(`${path}.zone`, byName["zone"] as string);
    problems.push(...zones);
    if (zones.length === 0 && roles.time === undefined) problems.push(withoutTime(roles, path));
  }
  if (problems.length > 0) throw new DataError(problems);
}

function withoutTime(roles: Roles, path: string): Problem {
  return {
    path: `${path}.zone`,
    message: "a zone without a time",
    expected: "the column of times that it is the clock of",
    fix: rolesCall({ ...withoutRole(roles, "zone"), time: "ts", zone: roles.zone }),
  };
}

/** Times of text without a zone: they are in UTC, or on their own clock, which a zone would shift. */
function clockProblem(roles: Roles, column: RawColumn, path: string): Problem | null {
  const { time, zone } = roles;
  if (zone === undefined || column.kind !== "text") return null;
  const word = usedWords(column).find((text) => isWithoutZone(text.trim()));
  if (word === undefined) return null;
  return {
    path: `${path}.zone`,
    message: `times of column "${time}" do not say their zone, so ${zone} fits twice: they are UTC, or are on that clock already`,
    received: JSON.stringify(word),
    expected: "times with a zone, such as 2024-05-06T10:30:00+08:00, or no zone",
    fix: `if they are on that clock: ${rolesCall(withoutRole(roles, "zone"))}; if they are UTC: ${derived("instant", `CAST(${identifier(time!)} AS TIMESTAMP)`)}, then the role time: "instant"`,
  };
}

function likelyFix(table: Table, role: ColumnRole): string | undefined {
  const name = namedFor(table, role);
  return name === undefined ? undefined : `perhaps ${role}: ${JSON.stringify(name)}`;
}

function timeProblem(roles: Roles, column: RawColumn, path: string): Problem | null {
  const name = roles.time!;
  const without = rolesCall(withoutRole(roles, "time"));
  let times: ArrayLike<number>;
  try {
    times = readTimes(column, `${path}.time: column "${name}"`);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const [problem] = error.problems;
    return {
      ...problem!,
      fix: `${dateFix(name, problem!.received ?? "")}; then set the role`,
    };
  }
  const present = Array.from(times).filter((time) => !Number.isNaN(time));
  if (present.length > 1 && present.every((time) => time === present[0])) {
    return {
      path: `${path}.time`,
      message: `all rows have the same "${name}", so none is before another`,
      received: String(present[0]),
      expected: "a column of times that differ",
      fix: `leave it out: ${without}`,
    };
  }
  if (present.length > 0) return clockProblem(roles, column, path);
  return { path: `${path}.time`, message: `column "${name}" has no value`, fix: `leave it out: ${without}` };
}

function keyProblem(roles: Roles, role: ColumnRole, column: RawColumn, path: string): Problem | null {
  const name = roles[role]!;
  if (column.kind === "list") {
    return {
      path: `${path}.${role}`,
      message: `column "${name}" has lists`,
      expected: `one ${role} a row`,
      fix: `leave it out: ${rolesCall(withoutRole(roles, role))}`,
    };
  }
  if (role === "item" || columnRows(column) < 2 || rowsByKey(column).size !== 1) return null;
  return {
    path: `${path}.${role}`,
    message: `all rows have the same "${name}"`,
    expected: `a column that tells ${role}s apart`,
    fix: `leave it out: ${rolesCall(withoutRole(roles, role))}`,
  };
}

/** A session that has rows of two users. */
function spanningSessions(sessions: RawColumn, users: RawColumn, roles: Roles, path: string): Problem | null {
  const [visits, people] = [sessions, users].map((column) => valueNumbers(column as ScalarColumn)) as [
    Int32Array,
    Int32Array,
  ];
  const owner = new Map<number, number>();
  const spanning = new Set<number>();
  for (const [row, visit] of visits.entries()) {
    const person = people[row]!;
    if (visit < 0 || person < 0) continue;
    const first = owner.get(visit);
    if (first === undefined) owner.set(visit, person);
    else if (first !== person) spanning.add(visit);
  }
  if (spanning.size === 0) return null;
  const { user, session } = roles;
  return {
    path: `${path}.session`,
    message: `${count(spanning.size, "session")} of ${count(owner.size, "session")} have rows of several users`,
    expected: `a "${session}" that belongs to one "${user}"`,
    fix: `make it a key with the user: ${derived("visit", `concat(${identifier(user!)}, '/', ${identifier(session!)})`)}, then the role session: "visit"`,
  };
}

/** The column that a call names, or else the one with the role. @throws DataError if there is neither */
export function columnInRole(table: Table, role: ColumnRole, name: string | undefined, path: string): string {
  const column = name ?? table.roles[role];
  if (column !== undefined) return column;
  const example = { user: "user_id", item: "item_id", time: "ts", session: "session_id" }[role];
  throw new DataError({
    path,
    message: `no column is named, and none has the role ${role}`,
    expected: `a column with the ${role} of each row`,
    fix: `say it once, for all calls: ${rolesCall({ [role]: example })}; or here: ${path.split(".").at(-1)}: "${example}"`,
  });
}
