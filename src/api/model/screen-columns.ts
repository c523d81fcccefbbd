/** The columns of a log as `suggestDomain` tests them: categories, numbers, candidates, and the user, item or session of each row. */
import type { ColumnProfile } from "../../core/data/summary/column-profiles.js";
import { hasValue, type RawColumn, type ScalarColumn } from "../../core/data/table/column.js";
import { durationMillis } from "../../core/data/table/duration.js";
import { textAsTimes } from "../../core/data/table/table.js";
import { DataError } from "../../core/errors/index.js";
import { stringLiteral } from "../../core/util/code-text.js";
import { count } from "../../core/util/text.js";
import { normalScores, tenthsField, timeField, valueField } from "../../lab/domains/columns.js";
import type { Units } from "../../lab/domains/evidence.js";
import type { Field } from "../../lab/domains/floor.js";
import type { ScreenColumns } from "../../lab/domains/screen.js";
import type { ColumnChoices } from "./suggest-model.js";
import { domainsOf, type SuggestedDomains, suggestedDomains } from "./suggested-model.js";

/** The columns that identify a row's user, item and session, and its time. */
export interface UnitColumns {
  readonly user?: string | undefined;
  readonly item?: string | undefined;
  readonly session?: string | undefined;
  readonly time?: string | undefined;
  readonly sessionGap?: string | undefined;
}

interface ReadColumns extends Omit<ScreenColumns, "labels"> {
  /** The domains of each candidate. */
  readonly domains: ReadonlyMap<string, SuggestedDomains>;
  readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
  readonly notes: readonly string[];
}

const mostValues = 50;
/** Numbers of fewer values are categories. */
const fewValues = 20;
/** Sessions of several users are an error from this share of the rows on. */
const mostShared = 0.02;

/** @param asked the candidates; default: columns of 2 to 50 values that a model can take as domains */
export async function screenColumns(
  columns: ReadonlyMap<string, RawColumn>,
  { profiles, choose }: Pick<ColumnChoices, "profiles" | "choose">,
  { label, asked, ...names }: UnitColumns & { readonly label: string; readonly asked?: readonly string[] | undefined },
): Promise<ReadColumns> {
  const leftOut: { column: string; reason: string }[] = [];
  const domains = new Map<string, SuggestedDomains>();
  const scores = new Map<string, Float64Array>();
  const fields: Field[] = [];
  for (const [name, column] of columns) {
    const isUnit = name === names.user || name === names.item;
    if (name === label || name === names.time || (name === names.session && !isUnit)) continue;
    const { features, reason } = choose(name);
    if (column.kind === "list" || features.length === 0) {
      leftOut.push({ column: name, reason: column.kind === "list" ? "a list" : reason });
      continue;
    }
    const values = valueField(name, column);
    if (isUnit) {
      fields.push(values);
      continue;
    }
    const profile = profiles.get(name)!;
    const suggestion = asked === undefined ? likelyDomains(values, profile) : askedDomains(name, profile, asked);
    if (suggestion !== null) domains.set(name, suggestion);
    const number = features.some(({ start }) => start === "idFeature") ? null : numbersOf(column, profile);
    if (number !== null) scores.set(name, normalScores(number));
    fields.push(number === null || suggestion !== null ? values : tenthsField(name, number));
  }
  const { units, notes } = await unitsOf(columns, fields, leftOut, names);
  const background = units.times === undefined ? [] : [timeField(units.times)];
  return {
    fields,
    background,
    scores,
    units,
    domains,
    leftOut,
    notes,
    candidates: fields.filter(({ name }) => domains.has(name)),
  };
}

function likelyDomains({ name, levels }: Field, profile: ColumnProfile): SuggestedDomains | null {
  return levels < 2 || levels > mostValues || profile.isDate ? null : domainsOf(name, profile);
}

function askedDomains(name: string, profile: ColumnProfile, asked: readonly string[]): SuggestedDomains | null {
  return asked.includes(name) ? suggestedDomains(name, profile) : null;
}

function numbersOf(column: ScalarColumn, { summary }: ColumnProfile): ScalarColumn | null {
  if (summary.distinct <= fewValues) return null;
  return column.kind === "number" ? column : textAsTimes(column);
}

async function unitsOf(
  columns: ReadonlyMap<string, RawColumn>,
  fields: readonly Field[],
  leftOut: ReadColumns["leftOut"],
  names: UnitColumns,
): Promise<{ readonly units: Units; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const named = (role: "user" | "item"): Field | undefined => {
    const name = names[role];
    const reason = leftOut.find(({ column }) => column === name)?.reason.replace(/^left out: /, "");
    if (reason !== undefined) notes.push(`${role}: column ${stringLiteral(name!)} is not used: ${reason}`);
    return fields.find((field) => field.name === name);
  };
  const [user, item] = [named("user"), named("item")];
  const session = names.session === undefined ? undefined : sessionField(names.session, columns, user);
  const times = names.time === undefined ? undefined : await timesOf(names.time, columns.get(names.time)!, notes);
  const sessionGap = names.sessionGap === undefined ? undefined : durationMillis(names.sessionGap, "sessionGap");
  return { units: { user, item, session, times, sessionGap }, notes };
}

/** @throws DataError for lists, and for sessions that users share */
function sessionField(name: string, columns: ReadonlyMap<string, RawColumn>, user: Field | undefined): Field {
  const column = columns.get(name)!;
  const path = `session: column ${stringLiteral(name)}`;
  if (column.kind === "list") {
    throw new DataError({ path, message: "a list cannot name sessions", expected: "one session a row" });
  }
  const field = valueField(name, column);
  if (user === undefined || field.name === user.name) return field;
  const users = new Map<number, number>();
  let shared = 0;
  for (let row = 0; row < field.codes.length; row++) {
    if (!hasValue(column, row)) continue;
    const session = field.codes[row]!;
    if (!users.has(session)) users.set(session, user.codes[row]!);
    else if (users.get(session) !== user.codes[row]) shared++;
  }
  if (shared <= mostShared * field.codes.length) return field;
  const both = `"${user.name}" || '-' || "${name}"`;
  throw new DataError({
    path,
    message: "sessions are shared by users",
    received: `${count(shared, "row")} of another user than the first of their session`,
    expected: "sessions of one user each",
    fix: `number them by user: data.derive({ user_session: ${stringLiteral(both)} }), and session: "user_session"`,
  });
}

async function timesOf(name: string, column: RawColumn, notes: string[]): Promise<Float64Array | undefined> {
  const { asTimes } = await import("../../core/data/summary/row-groups.js");
  const times = asTimes(name, column, "time");
  const missing = times.filter((time) => Number.isNaN(time)).length;
  const first = times.find((time) => !Number.isNaN(time));
  if (times.every((time) => Number.isNaN(time) || time === first)) {
    notes.push(`time: column ${stringLiteral(name)} has one time in all rows, which says nothing of their order`);
    return undefined;
  }
  if (missing > 0)
    notes.push(`time: ${count(missing, "row")} without a value in ${stringLiteral(name)} count as the last`);
  return times;
}
