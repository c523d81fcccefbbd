/** Counts positive rows by label, over all rows and by domain; labels may be computed by a model's rules. */
import type { Observation } from "../../errors/finding.js";
import { DataError, type Problem } from "../../errors/index.js";
import { type RateNoise, sumNoise } from "../../metrics/intervals/clusters.js";
import { type DerivedColumn, derivedFrom } from "../../spec/feature/derived.js";
import type { ModelSpec } from "../../spec/model.js";
import { stringLiteral } from "../../util/code-text.js";
import { count, grouped } from "../../util/text.js";
import { parseTruths } from "../cells.js";
import { derivedValues } from "../derived-values.js";
import { ColumnLookup } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import { columnRows, hasValue, type RawColumn, rowsOfKeys } from "../table/column.js";
import { namedFor, saysUser } from "../table/likely-roles.js";
import { readTimes, type Table } from "../table/table.js";

/** Rows with a value, and rows above 0. */
export interface PositiveCounts {
  readonly rows: number;
  readonly positives: number;
  /** The variation of the rate between users; `null`: too few; missing: rows are independent. */
  readonly noise?: RateNoise | null;
}

export interface LabelCounts extends PositiveCounts {
  readonly label: string;
  /** In the order of the summary's domains. */
  readonly domains: readonly PositiveCounts[];
}

export interface CountedLabels {
  readonly labels: readonly LabelCounts[];
  /** By label and row: 1 positive, 0 not, −1 without a value. */
  readonly flags: readonly Int8Array[];
  readonly domainRows: readonly (readonly number[])[];
  /** By domain, ascending, its rows; empty without a domain column. */
  readonly domains: readonly { readonly domain: number | string; readonly rows: number }[];
}

/** Counts rows by label. @param users by row; `null`: rows are independent @throws DataError for a missing column */
export async function countLabels(
  table: Table,
  labels: readonly string[],
  domain: string | null | undefined,
  spec: ModelSpec | undefined,
  users: Int32Array | null = null,
): Promise<CountedLabels> {
  const rules = new ColumnLookup(table, spec?.derived).rules(labels);
  const named = [...labels.filter((name) => !rules.has(name)), ...(domain ? [domain] : [])];
  const read = await table.read(named);
  const problems = labels.flatMap((label) =>
    rules.has(label) ? [] : (labelProblem(table, label, read.get(label)!) ?? []),
  );
  if (problems.length > 0) throw new DataError(problems);
  const columns = await withRules(read, rules, table);
  const byDomain = domain ? rowsByDomain(columns.get(domain)!) : [];
  const flags = labels.map((label) => positiveFlags(columns.get(label)!));
  return {
    labels: labels.map((label, at): LabelCounts => {
      const domains = byDomain.map(([, rows]) => countPositives(flags[at]!, users, rows));
      return { label, ...countPositives(flags[at]!, users), domains };
    }),
    flags,
    domainRows: byDomain.map(([, rows]) => rows),
    domains: byDomain.map(([name, rows]) => ({ domain: name, rows: rows.length })),
  };
}

function labelProblem(table: Table, label: string, column: RawColumn): Problem | null {
  if (column.kind === "number" || (column.kind === "text" && parseTruths(column) !== null)) return null;
  const path = `${table.source}: column "${label}"`;
  const message = "this label has no positive rows, since its values are not numbers";
  const expected = "numbers, or words for yes and no";
  if (column.kind === "list") return { path, message, received: "lists", expected, fix: "leave this label out" };
  const word = column.words[column.codes.find((code) => code >= 0)!]!;
  const rule = `label(${stringLiteral(label)}).equals(${stringLiteral(word)})`;
  const fix = `describe({ model }) with .labels(${rule}) in the model, or leave this label out`;
  return { path, message, received: `text, such as ${JSON.stringify(word)}`, expected, fix };
}

export function presentLabels(table: Table, labels: readonly string[], spec: ModelSpec | undefined): string[] {
  const rules = new ColumnLookup(table, spec?.derived).rules(labels);
  return labels.filter((label) => rules.has(label) || table.has(label));
}

async function withRules(columns: Map<string, RawColumn>, rules: ReadonlyMap<string, DerivedColumn>, table: Table) {
  if (rules.size === 0) return columns;
  const report = new Report(table);
  const read = await table.read([...new Set([...rules.values()].flatMap(derivedFrom))]);
  const made = [...rules].map(([label, rule]) => [label, derivedValues(label, rule, read, report)] as const);
  await report.throwIfAny();
  return new Map([...columns, ...made]);
}

export function positiveRate({ rows, positives }: PositiveCounts): number | null {
  return rows === 0 ? null : positives / rows;
}

function positiveFlags(label: RawColumn): Int8Array {
  const column = label.kind === "text" ? (parseTruths(label) ?? label) : label;
  if (column.kind !== "number") return new Int8Array(columnRows(column)).fill(-1);
  return Int8Array.from(column.values, (value, row) => (hasValue(column, row) ? Number(value > 0) : -1));
}

/** @param among default: all rows */
function countPositives(flags: Int8Array, users: Int32Array | null, among: Iterable<number> = flags.keys()) {
  const present = Int32Array.from(among).filter((row) => flags[row]! >= 0);
  const [rows, positives] = [present.length, present.reduce((sum, row) => sum + flags[row]!, 0)];
  if (users === null) return { rows, positives };
  const rate = positives / rows;
  return { rows, positives, noise: sumNoise(present, users, (row) => flags[row]! - rate, rows * rate * (1 - rate)) };
}

/** The rows of each domain, ascending; rows without a domain are missing values of that column. */
function rowsByDomain(column: RawColumn): [number | string, number[]][] {
  if (column.kind === "list") return [];
  const named = [...rowsOfKeys(column)].map(([key, rows]): [number | string, number[]] => {
    return [column.kind === "text" ? column.words[key]! : key, rows];
  });
  return named.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Largest number of rows that a training reads again to look for leaks. */
export const mostLeakRows = 200_000;

/** A held-out row whose user has a later training row leaks: training has seen what that user did next. */

/** The user and time columns. `C`: the columns. */
export interface LeakColumns<C extends string = string> {
  readonly user: C;
  readonly time: C;
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

/** The user and the time by their roles, else by names and types. */
export function guessLeakColumns(table: Table): LeakColumns | null {
  const { user = table.names.find(saysUser), time = namedFor(table, "time") } = table.roles;
  return user === undefined || time === undefined ? null : { user, time };
}

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

/** What the leaks are, and a fix; nothing without leaks. @param labels the affected ones, if known */
export function leakObservations(
  leaks: Leaks,
  place: (column: string) => string,
  labels: readonly string[] = [],
): Observation[] {
  const { rows, of, users, user, time, example } = leaks;
  if (rows === 0 || example === null) return [];
  const whose = labels.length === 0 ? "the labels" : labels.map((label) => `"${label}"`).join(", ");
  const message =
    `labels leak from the future: ${grouped(rows)} of ${count(of, "row")}, of ${count(users, "user")}, ` +
    `are older than a training row of the same user (column "${user}"); ` +
    `${user} ${example.user}, say, is held out at ${example.held} and trained on at ${example.trained}. ` +
    `Training has seen what these users did next, so figures of ${whose} on these rows are too good`;
  const expected = "rows that are newer than those their users were trained on";
  const fix = `hold out the newest rows: data.split({ train: 8, test: 2 }, { by: { time: ${stringLiteral(time)} } })`;
  return [{ path: place(time), column: time, message, expected, fix }];
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
  for (let row = 0; row < times.length; row++) {
    if (users.kind === "list" || !hasValue(users, row) || Number.isNaN(times[row])) continue;
    // The number or the word identifies the same user in both tables.
    visit(users.kind === "text" ? users.words[users.codes[row]!] : users.values[row], times[row]!);
  }
}
