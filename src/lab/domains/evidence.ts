/** Defines which rows are one piece of evidence about a pair of columns: rows of one user, item, visit or stretch of time. */
import { rowsByCode, type UserRows } from "../../core/metrics/intervals/clusters.js";
import { hourMillis } from "../../core/util/epoch.js";
import { everyRow } from "../../core/util/numbers.js";
import type { Field } from "./floor.js";

/** A column with the rows of each of its levels. */
export type GroupedField = Field & UserRows;

export function grouped(field: Field): GroupedField {
  return { ...field, ...rowsByCode(field.codes, field.levels) };
}

/** User, item and time: rows that share one of these are not independent. */
export interface Units {
  readonly user?: Field | undefined;
  readonly item?: Field | undefined;
  readonly session?: Field | undefined;
  /** Milliseconds since 1970 by row; NaN without a time. */
  readonly times?: Float64Array | undefined;
  /** The pause in milliseconds that ends a session if there is no `session`. */
  readonly sessionGap?: number | undefined;
}

/**
 * What counts as one piece of evidence. `stretch`: a user's rows until the user has been away and a column's value has
 * changed; `occurrence`: a stretch of time in which all rows have one value of a column.
 */
export type UnitName = "user" | "item" | "session" | "stretch" | "occurrence" | "row";

export interface Clustering {
  readonly unit: UnitName;
  readonly groups: GroupedField;
}

/** Why a pair of columns cannot be tested. */
export type Untestable = "no time" | "does not recur";

/** A user who was away for this long returns for another visit. Visits that are closer together count as one. */
const awayMillis = 8 * hourMillis;
/** Columns with more values may identify users; so may those whose values nearly always belong to one user. */
export const fewLevels = 60;
const decidesUser = 0.9;
/** Share of rows that agree with the value of their unit where a unit decides a column. */
const decidesUnit = 0.98;
const decidesColumn = 0.999;
/** Neighbours in time differ less often than this share of what chance would give: the column is a part of time. */
const mostChanges = 0.2;

/** Whether this share of the rows has the most frequent value of `column` within their level of `by`. */
export function isDecidedBy(column: Field, { rows, starts, levels }: GroupedField, share: number): boolean {
  const counts = new Int32Array(column.levels);
  let total = 0;
  for (let level = 0; level < levels; level++) {
    let most = 0;
    for (let at = starts[level]!; at < starts[level + 1]!; at++) {
      most = Math.max(most, ++counts[column.codes[rows[at]!]!]!);
    }
    for (let at = starts[level]!; at < starts[level + 1]!; at++) counts[column.codes[rows[at]!]!] = 0;
    total += most;
  }
  return total >= share * column.codes.length;
}

/** Whether one of the columns carries no information beyond the other. */
export function areNested(a: GroupedField, b: GroupedField): boolean {
  return isDecidedBy(a, b, decidesColumn) || isDecidedBy(b, a, decidesColumn);
}

/** The units of a clustering that have more than a tenth of the rows each. */
export interface HeavyUnits {
  /** Levels of the clustering. */
  readonly units: Int32Array;
  /** Of all rows. */
  readonly share: number;
}

/** A unit with more rows, such as an anonymous user, is one piece of evidence with the weight of hundreds. */
const heavyShare = 0.1;
/** If heavy units have more than this share of the rows, they count: the others have too few. */
const mostHeavy = 0.5;

export function heavyUnits({ starts, levels, codes }: GroupedField): HeavyUnits {
  const rows = codes.length;
  const size = (unit: number): number => starts[unit + 1]! - starts[unit]!;
  const units = everyRow(levels).filter((unit) => size(unit) > heavyShare * rows);
  const share = units.reduce((total, unit) => total + size(unit), 0) / rows;
  return share > mostHeavy ? { units: new Int32Array(), share: 0 } : { units, share };
}

export class Evidence {
  /** The default piece of evidence, for pairs without their own. */
  readonly main: Clustering;
  readonly #user: GroupedField | undefined;
  readonly #item: GroupedField | undefined;
  readonly #byTime: Sequence | null;
  /** Names of the fields that a unit decides. */
  readonly #ofUser: ReadonlySet<string>;
  readonly #ofItem: ReadonlySet<string>;
  readonly #standIns: ReadonlySet<string>;
  readonly #occurrences = new Map<string, GroupedField>();
  readonly #passing = new Set<string>();

  constructor(
    fields: readonly GroupedField[],
    private readonly units: Units,
    private readonly rows: number,
  ) {
    const named = (unit: Field | undefined) => unit && (fields.find(({ name }) => name === unit.name) ?? grouped(unit));
    this.#user = named(units.user);
    this.#item = named(units.item);
    const ofUnit = (unit: GroupedField | undefined): ReadonlySet<string> =>
      new Set(fields.filter((field) => unit && isDecidedBy(field, unit, decidesUnit)).map(({ name }) => name));
    this.#ofUser = ofUnit(this.#user);
    this.#ofItem = ofUnit(this.#item);
    const user = this.#user;
    const standIns = fields.filter(
      (field) => user && (field === user || (field.levels > fewLevels && isDecidedBy(user, field, decidesUser))),
    );
    this.#standIns = new Set(standIns.map(({ name }) => name));
    const { times, session } = units;
    this.#byTime = times === undefined ? null : sequenceOf(times);
    if (user) this.main = { unit: "user", groups: user };
    else if (session) this.main = { unit: "session", groups: grouped(session) };
    else this.main = this.#item ? { unit: "item", groups: this.#item } : { unit: "row", groups: this.#everyRow() };
    for (const field of this.#byTime === null ? [] : fields) {
      if (this.#isUnit(field) || changesAlong(this.#byTime!, field) > mostChanges) continue;
      const occurrences = this.#occurrencesOf(field);
      if (occurrences.levels <= field.levels) this.#passing.add(field.name);
      this.#occurrences.set(field.name, occurrences);
    }
  }

  /** The clusterings by which a pair must be clear, or the reason why it cannot be tested. */
  ofPair(a: GroupedField, b: GroupedField): readonly Clustering[] | Untestable {
    if (this.#passing.has(a.name) || this.#passing.has(b.name)) return "does not recur";
    const first = this.#ofRows(a, b);
    if (first === null) return "no time";
    const occurrences = [a, b].flatMap(({ name }) => this.#occurrences.get(name) ?? []);
    return [first, ...occurrences.map((groups): Clustering => ({ unit: "occurrence", groups }))];
  }

  /** Parts of time with values that occur only once: their change cannot be distinguished from drift. */
  passing(): string[] {
    return [...this.#passing];
  }

  /** The units whose effects are removed from a pair's slopes: a unit that determines both would leave nothing. */
  mainsOf(a: Field, b: Field): Field[] {
    const isOutside = (names: ReadonlySet<string>): boolean => !(names.has(a.name) && names.has(b.name));
    return [
      ...(this.#user && isOutside(this.#ofUser) ? [this.#user] : []),
      ...(this.#item && isOutside(this.#ofItem) ? [this.#item] : []),
    ];
  }

  /** Rows that folds keep together where a pair is tested by this unit: for stretches, a user's rows between absences. */
  foldUnits(unit: UnitName): GroupedField {
    if (unit === "stretch") return this.#stretches(() => true);
    if (unit === "item") return this.item().groups;
    return unit === "row" ? this.#everyRow() : this.main.groups;
  }

  item(): Clustering {
    return { unit: "item", groups: this.#item! };
  }

  #isUnit({ name }: Field): boolean {
    return [this.#user, this.#item].some((unit) => unit?.name === name);
  }

  #everyRow(): GroupedField {
    const codes = everyRow(this.rows);
    return { name: "row", codes, levels: this.rows, rows: codes, starts: everyRow(this.rows + 1) };
  }

  #ofRows(a: GroupedField, b: GroupedField): Clustering | null {
    const item = this.#item;
    if (item && this.#ofItem.has(a.name) && this.#ofItem.has(b.name)) return this.item();
    const { unit } = this.main;
    if (unit === "item" && [a, b].some(({ name }) => name === item!.name)) {
      return { unit: "row", groups: this.#everyRow() };
    }
    if (!this.#standIns.has(a.name) && !this.#standIns.has(b.name)) return this.main;
    if (this.#byTime === null) return null;
    const { codes } = this.#standIns.has(a.name) ? b : a;
    return { unit: "stretch", groups: this.#stretches((row, before) => codes[row] !== codes[before]) };
  }

  /** A new stretch begins where the user was away (in another session, if sessions are known) and `isOther` is true. */
  #stretches(isOther: (row: number, before: number) => boolean): GroupedField {
    const { times, session, sessionGap = 0 } = this.units;
    const away = session === undefined ? Math.max(awayMillis, sessionGap) : awayMillis;
    const user = this.#user!;
    const next = user.starts.slice();
    const byUser = new Int32Array(this.rows);
    for (const row of this.#byTime!.rows) byUser[next[user.codes[row]!]!++] = row;
    const codes = new Int32Array(this.rows);
    let last = -1;
    for (let at = 0; at < byUser.length; at++) {
      const [row, before] = [byUser[at]!, byUser[at - 1]!];
      const isNew =
        at === user.starts[user.codes[row]!] ||
        (times![row]! - times![before]! > away &&
          (session === undefined || session.codes[row] !== session.codes[before]) &&
          isOther(row, before));
      if (isNew) last++;
      codes[row] = last;
    }
    return grouped({ name: user.name, codes, levels: last + 1 });
  }

  /** The stretches of time with one value; rows of one time by their values. */
  #occurrencesOf({ name, codes }: Field): GroupedField {
    const { starts } = this.#byTime!;
    const order = this.#byTime!.rows.slice();
    for (let run = 0; run + 1 < starts.length; run++) {
      order.subarray(starts[run]!, starts[run + 1]!).sort((a, b) => codes[a]! - codes[b]!);
    }
    const of = new Int32Array(this.rows);
    let last = 0;
    for (let at = 0; at < order.length; at++) {
      if (at > 0 && codes[order[at]!] !== codes[order[at - 1]!]) last++;
      of[order[at]!] = last;
    }
    return grouped({ name, codes: of, levels: last + 1 });
  }
}

/** Rows in ascending order of a number, those without one last; rows of run r begin at `starts[r]` and are equal. */
export interface Sequence {
  readonly rows: Int32Array;
  readonly starts: Int32Array;
}

export function sequenceOf(numbers: Float64Array): Sequence {
  const key = (row: number): number => (Number.isNaN(numbers[row]!) ? Number.POSITIVE_INFINITY : numbers[row]!);
  const rows = everyRow(numbers.length).sort((a, b) => key(a) - key(b) || a - b);
  const starts = [...everyRow(rows.length)].filter((at) => at === 0 || key(rows[at]!) !== key(rows[at - 1]!));
  return { rows, starts: Int32Array.from([...starts, rows.length]) };
}

/** Whether the values of a column are ranges of a number: rows of one number agree, and each value comes about once. */
export function isRangeOf({ rows, starts }: Sequence, { codes, levels }: Field): boolean {
  let [agreeing, changes, before] = [0, 0, -1];
  const counts = new Int32Array(levels);
  for (let run = 0; run + 1 < starts.length; run++) {
    let usual = codes[rows[starts[run]!]!]!;
    for (let at = starts[run]!; at < starts[run + 1]!; at++) {
      const code = codes[rows[at]!]!;
      if (++counts[code]! > counts[usual]!) usual = code;
    }
    agreeing += counts[usual]!;
    for (let at = starts[run]!; at < starts[run + 1]!; at++) counts[codes[rows[at]!]!] = 0;
    if (usual !== before) changes++;
    before = usual;
  }
  return agreeing >= decidesUnit * codes.length && changes <= 2 * levels;
}

/** How often neighbours differ, as a share of what chance would give. Rows of one run are treated as being in random order. */
export function changesAlong({ rows: order, starts }: Sequence, { codes, levels }: Field): number {
  const shares = new Float64Array(levels);
  for (const code of codes) shares[code]! += 1 / codes.length;
  const byChance = 1 - shares.reduce((sum, share) => sum + share ** 2, 0);
  let changes = 0;
  let before: { readonly counts: Map<number, number>; readonly rows: number } | null = null;
  for (let run = 0; run + 1 < starts.length; run++) {
    const counts = new Map<number, number>();
    for (let at = starts[run]!; at < starts[run + 1]!; at++) {
      const code = codes[order[at]!]!;
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    const rows = starts[run + 1]! - starts[run]!;
    let [squares, both] = [0, 0];
    for (const [code, count] of counts) {
      squares += count ** 2;
      both += count * (before?.counts.get(code) ?? 0);
    }
    changes += (rows ** 2 - squares) / rows;
    if (before !== null) changes += 1 - both / rows / before.rows;
    before = { counts, rows };
  }
  return changes / (codes.length - 1) / Math.max(byChance, 1e-12);
}
