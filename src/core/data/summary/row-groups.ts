/** Groups rows by a column's values, bins of its numbers, times, or numbers of training rows. */
import { DataError } from "../../errors/index.js";
import { equalMassEnds } from "../../metrics/calibration-curve.js";
import type { EvaluationGroups, TimeWidth } from "../../metrics/types.js";
import { zoneProblems } from "../../spec/feature/derived.js";
import { inputColumn } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { assertCount } from "../../spec/validate/checks.js";
import { dayMillis, epochUnit, hourMillis } from "../../util/epoch.js";
import { zoneMinutes } from "../../util/iso-time.js";
import { count, grouped } from "../../util/text.js";
import { findBucket } from "../encode/raw.js";
import {
  columnKeys,
  columnRows,
  hasValue,
  type NumberColumn,
  type RawColumn,
  rowsByKey,
  type ScalarColumn,
  valueNumbers,
  valueOfKey,
} from "../table/column.js";
import { type Table, textAsTimes } from "../table/table.js";
import { countBoth, itemCounts, keyValue, scalarIds, shortNumber, valueName } from "./drift.js";

/** Rows in named groups. */
export interface RowGroups {
  readonly column: string;
  /** [rows], the index of the group. */
  readonly codes: Int32Array;
  /** The groups' names, by index. */
  readonly names: readonly string[];
  /** A note about pooled values or bins. */
  readonly notes: readonly string[];
  readonly groups: EvaluationGroups;
}

const MOST_BUCKETS = 31;
/** With fewer rows a bucket, its metrics are noise. */
const FEWEST_ROWS = 100;

const widths: readonly TimeWidth[] = ["hour", "day", "week", "month", "quarter", "year"];

/**
 * Groups by the narrowest buckets, at most `most`, with 100 rows each on average.
 * @throws DataError for values that are not times
 */
function timeGroups(
  column: string,
  values: RawColumn,
  { most = MOST_BUCKETS, zone = "UTC" }: RowGroupOptions,
): RowGroups {
  const problems = zoneProblems("by.zone", zone);
  if (problems.length > 0) throw new DataError(problems);
  const ahead = zoneMinutes(zone) * 60_000;
  const times = asTimes(column, values).map((time) => time + ahead);
  const present = times.filter((time) => !Number.isNaN(time));
  const rows = present.length;
  const first = present.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const last = present.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  const fit = widths.filter((width) => spanned(first, last, width) <= most);
  const full = fit.filter((width) => rows / spanned(first, last, width) >= FEWEST_ROWS);
  // Few rows are better split into two buckets than left in one.
  const apart = fit.filter((width) => spanned(first, last, width) > 1);
  const width = full.find((width) => apart.includes(width)) ?? apart.at(-1) ?? fit[0] ?? "year";
  const starts = rows === 0 ? [] : bucketStarts(first, last, width);
  const codes = Int32Array.from(times, (time) => (Number.isNaN(time) ? -1 : findBucket(time, starts) - 1));
  const names = starts.map((start) => bucketName(start, width));
  const missing = times.length - rows;
  return {
    column,
    codes,
    names,
    groups: { kind: "times", width, names, domains: null },
    notes: [
      `${column}: ${count(names.length, "bucket")} of one ${width} (${zone})`,
      ...(missing === 0 ? [] : [`${column}: ${count(missing, "row")} without a time are left out`]),
    ],
  };
}

/**
 * Milliseconds since 1970; NaN without a value. Whole numbers are seconds or milliseconds, by their size.
 * @param option that names the column, for errors
 */
export function asTimes(column: string, values: RawColumn, option = "by"): Float64Array {
  const path = `${option}: column "${column}"`;
  const times = values.kind === "text" ? textAsTimes(values) : values;
  if (times?.kind !== "number" || times.type === "boolean") throw notTimes(path, `a column of ${values.kind}`);
  const unit = times.type === "timestamp" ? 1 : unixUnit(path, times);
  return Float64Array.from({ length: columnRows(times) }, (_, row) =>
    hasValue(times, row) ? times.values[row]! * unit : Number.NaN,
  );
}

/** The milliseconds per unit of numbers that are times. */
function unixUnit(path: string, times: NumberColumn): 1 | 1000 {
  const values = times.values.filter((_, row) => hasValue(times, row));
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (values.length === 0) return 1;
  const unit = epochUnit(least, most);
  if (unit !== null) return unit === "s" ? 1000 : 1;
  throw notTimes(path, `numbers such as ${values.find((value) => epochUnit(value, value) !== "s") ?? most}`);
}

export function notTimes(path: string, received: string): DataError {
  return new DataError({
    path,
    message: "these values are not times",
    received,
    expected: "timestamps, ISO text such as 2017-05-06, or seconds or milliseconds since 1970",
    fix: 'convert the column: data.derive({ day: "strptime(column, format)" })',
  });
}

function spanned(first: number, last: number, width: TimeWidth): number {
  const days = { hour: 1 / 24, day: 1, week: 7, month: 30.4, quarter: 91.3, year: 365.25 }[width];
  return Math.floor((last - bucketStart(first, width)) / (days * dayMillis)) + 1;
}

function bucketStarts(first: number, last: number, width: TimeWidth): number[] {
  const starts: number[] = [];
  for (let start = bucketStart(first, width); start <= last; start = nextStart(start, width)) starts.push(start);
  return starts;
}

export function bucketStart(time: number, width: TimeWidth): number {
  const date = new Date(time);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (width === "hour") return Math.floor(time / hourMillis) * hourMillis;
  const day = Math.floor(time / dayMillis);
  if (width === "day") return day * dayMillis;
  if (width === "week") return (day - ((((day + 3) % 7) + 7) % 7)) * dayMillis;
  if (width === "month") return Date.UTC(year, month);
  return width === "quarter" ? Date.UTC(year, month - (month % 3)) : Date.UTC(year, 0);
}

function nextStart(start: number, width: TimeWidth): number {
  const days = { hour: 1 / 24, day: 1, week: 7, month: 32, quarter: 93, year: 367 }[width];
  return bucketStart(start + days * dayMillis, width);
}

/** `2024-05-06 13:00`, `2024-05-06`, `2024-05`, `2024-Q2`, `2024`. */
function bucketName(start: number, width: TimeWidth): string {
  const text = new Date(start).toISOString();
  if (width === "hour") return text.slice(0, 16).replace("T", " ");
  if (width === "quarter") return `${text.slice(0, 4)}-Q${Math.floor(new Date(start).getUTCMonth() / 3) + 1}`;
  return text.slice(0, { day: 10, week: 10, month: 7, year: 4 }[width]);
}

/** How to group rows by a column. */
export interface RowGroupOptions {
  /**
   * By value, or (numbers and times) in bins of equal numbers of rows. Default: bins for numbers with more than
   * `most` values. `times`: by hour, day, week, month, quarter or year, in the narrowest buckets of which there are
   * not too many.
   */
  readonly as?: "values" | "bins" | "times";
  /** Of `times`: the clock of the buckets, such as `+08:00`. Default: that of the role `time`, else UTC. */
  readonly zone?: string;
  /** The number of most frequent values with separate groups (20), of bins (10), or of buckets of time (31). */
  readonly most?: number;
}

/** Lists are grouped by their number of items. @throws DataError for an impossible grouping */
export function rowGroups(column: string, values: RawColumn, options: RowGroupOptions = {}): RowGroups {
  const { most } = options;
  if (most !== undefined) assertCount("by.most", most, DataError);
  if (options.as === "times") return timeGroups(column, values, options);
  const times = options.as === "values" ? null : textAsTimes(values);
  const plain = values.kind === "list" ? itemCounts(values) : (times ?? values);
  const lists = values.kind === "list" ? [`${column}: rows by the number of items in their lists`] : [];
  const counts = rowsByKey(plain);
  const cuttable = plain.kind === "number" && plain.type !== "boolean";
  if (options.as === "bins" && !cuttable) {
    throw new DataError({
      path: `by: column "${column}"`,
      message: "only numbers and times can be split into bins",
      received: `a column of ${plain.kind === "number" ? plain.type : plain.kind}`,
      fix: 'group it by its values: { column, as: "values" }',
    });
  }
  const inBins = options.as === "bins" || (options.as === undefined && cuttable && counts.size > (most ?? 20));
  const groups = inBins ? binned(column, plain as NumberColumn, most ?? 10) : valued(column, plain, counts, most ?? 20);
  const kind = { kind: inBins ? "bins" : "values", width: null, names: groups.names, domains: null } as const;
  return { ...groups, groups: kind, notes: [...lists, ...groups.notes] };
}

/** The groups of the first domain, then those of the second …; rows without a domain are in none. */
export function groupsByDomain(rows: RowGroups, domains: Int32Array, domainNames: readonly string[]): RowGroups {
  const codes = rows.codes.map((code, row) => {
    const domain = domains[row]!;
    return code < 0 || domain < 0 || domain >= domainNames.length ? -1 : domain * rows.groups.names.length + code;
  });
  const names = domainNames.flatMap((domain) => rows.groups.names.map((name) => `${domain}, ${name}`));
  return { ...rows, codes, names, groups: { ...rows.groups, domains: domainNames } };
}

type PlainGroups = Omit<RowGroups, "groups">;

function valued(column: string, values: ScalarColumn, counts: ReadonlyMap<number, number>, most: number): PlainGroups {
  const ranked = [...counts].sort(([, a], [, b]) => b - a);
  const frequent = ranked.slice(0, most);
  const pooled = ranked.slice(most);
  const numbers = new Map(frequent.map(([key], group) => [key, group]));
  const missing = frequent.length + (pooled.length > 0 ? 1 : 0);
  const codes = Int32Array.from(columnKeys(values), (key, row) =>
    hasValue(values, row) ? (numbers.get(key) ?? frequent.length) : missing,
  );
  const names = frequent.map(([key]) => valueText(valueOfKey(values, key)));
  const notes: string[] = [];
  if (pooled.length > 0) {
    names.push(`(${grouped(pooled.length)} others)`);
    const rows = pooled.reduce((sum, [, rows]) => sum + rows, 0);
    notes.push(
      `${column}: the ${frequent.length} most frequent of ${count(ranked.length, "value")}; the others' ${count(rows, "row")} are pooled`,
    );
  }
  if (codes.includes(missing)) names.push("(missing)");
  return { column, codes, names, notes };
}

function binned(column: string, values: NumberColumn, bins: number): PlainGroups {
  const sorted = Float64Array.from(values.values.filter((_, row) => hasValue(values, row))).sort();
  const ends = equalMassEnds(sorted.length, bins, (place) => sorted[place] === sorted[place - 1]);
  const lowest = ends.map((_, bin) => sorted[bin === 0 ? 0 : ends[bin - 1]!]!);
  const codes = Int32Array.from(values.values, (value, row) =>
    hasValue(values, row) ? findBucket(value, lowest) - 1 : ends.length,
  );
  const text = (value: number): string => valueText(valueOfKey(values, value));
  const names = ends.map((end, bin) => {
    const [from, to] = [lowest[bin]!, sorted[end - 1]!];
    return from === to ? text(from) : `${text(from)} … ${text(to)}`;
  });
  if (sorted.length < codes.length) names.push("(missing)");
  return { column, codes, names, notes: [`${column}: ${ends.length} bins of about equal numbers of rows`] };
}

function valueText(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, "");
  return typeof value === "number" ? shortNumber(value) : valueName(value);
}

/** Users 0 … in the order of their first rows, −1 without a value. @throws DataError for a list */
export function userCodes(column: string, values: RawColumn): Int32Array {
  return valueNumbers(scalarIds(values, `user: column "${column}"`, "a row has one user"));
}

/**
 * The column of a user column or id feature; by default, the rows' role, or the key of the model's first `grouped_auc`.
 */
export function userSource(
  spec: Pick<ModelSpec, "towers" | "features"> | undefined,
  table: Table,
  name: string | null | undefined,
): string | null {
  const metrics = spec?.towers.flatMap((tower) => tower.metrics) ?? [];
  const key =
    name === undefined
      ? (table.roles.user ?? metrics.flatMap((each) => (each.kind === "grouped_auc" ? each.groupingKey : [])).at(0))
      : name;
  if (key == null || ((name !== undefined || key === table.roles.user) && table.has(key))) return key ?? null;
  const feature = spec?.features.find((candidate) => candidate.name === key);
  return feature !== undefined && "expression" in feature ? inputColumn(feature) : key;
}

/** The smallest number of training rows of each group. */
const groupStarts = [0, 1, 5, 20, 100, 500, 2500] as const;

/** 0, 1–4, 5–19, 20–99 … training rows; rows without a value are in none. @throws DataError for lists */
export function trainingGroups(column: string, values: RawColumn, training: RawColumn): RowGroups {
  const [here, trained] = [values, training].map((each) =>
    scalarIds(each, `by: column "${column}"`, "training rows are counted for one id a row"),
  ) as [ScalarColumn, ScalarColumn];
  const asNumbers = here.kind === "number" && trained.kind === "number";
  const counts = countBoth(trained, here);
  const groupOfKey = (key: number): number => {
    const [rows] = counts.get(keyValue(here, key, asNumbers))!;
    return groupStarts.filter((start) => rows >= start).length - 1;
  };
  const groups = new Map([...rowsByKey(here).keys()].map((key) => [key, groupOfKey(key)]));
  const codes = Int32Array.from(columnKeys(here), (key, row) => (hasValue(here, row) ? groups.get(key)! : -1));
  const last = codes.reduce((most, code) => Math.max(most, code), 0);
  const names = groupStarts.slice(0, last + 1).map((_, group) => groupName(group));
  const missing = codes.reduce((total, code) => total + (code < 0 ? 1 : 0), 0);
  const notes = missing === 0 ? [] : [`${column}: ${count(missing, "row")} without a value are left out`];
  return { column, codes, names, groups: { kind: "trainingRows", width: null, names, domains: null }, notes };
}

function groupName(group: number): string {
  const [from, next] = [groupStarts[group]!, groupStarts[group + 1]];
  if (next === undefined) return `${grouped(from)} or more`;
  return next - 1 === from ? grouped(from) : `${grouped(from)}–${grouped(next - 1)}`;
}
