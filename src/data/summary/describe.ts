/** A look at a table: what each column holds, and how often each label is positive in each domain. */

import { DataError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { truthsOf } from "../cells/as-numbers.js";
import { asIds } from "../cells/id-text.js";
import { encodeParts } from "../encode/encode.js";
import { type HashSharing, hashCounters, hashSharing } from "../encode/hashed/sharing.js";
import { planEncoding } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import {
  type ColumnInfo,
  type ColumnType,
  columnRows,
  hasValue,
  type NumberColumn,
  type RawColumn,
  type TextColumn,
} from "../table/column.js";
import { missingColumn, type Table } from "../table/table.js";
import { textAsTimes } from "../table/times.js";
import { guessLeakColumns } from "./leaks.js";
import { unseenRows } from "./unseen.js";

/** A value and how often it comes. */
export interface ValueCount {
  /** The value itself. */
  readonly value: string | number | boolean;
  /** Rows that hold it; for lists, items. */
  readonly rows: number;
}

/** One column at a glance. */
export interface ColumnSummary {
  /** As the source spells it. */
  readonly name: string;
  /** What it holds. */
  readonly type: ColumnType;
  /** Rows without a value (null or NaN). */
  readonly missing: number;
  /** Distinct values; for lists, distinct items. */
  readonly distinct: number;
  /** The most frequent, at most five; for lists, of items. */
  readonly top: readonly ValueCount[];
  /** Of numbers; `null` for text. */
  readonly min: number | null;
  /** The largest of numbers; `null` for text. */
  readonly max: number | null;
  /** The mean of numbers; `null` for text. */
  readonly mean: number | null;
  /** Rows with a value that the training rows do not hold; `null` where none were named, and for fractions and times. */
  readonly unseen: number | null;
}

/** How often labels are positive in one domain. */
export interface DomainSummary {
  /** A number, or a word where the domain column holds text. */
  readonly domain: number | string;
  /** Rows of the domain. */
  readonly rows: number;
  /** By label: the share of rows where it is above 0; `null` where no row has a value. */
  readonly positiveRates: Readonly<Record<string, number | null>>;
}

/** Rows of one label: those that have a value, and of them those above 0. */
export interface LabelCounts {
  /** The label column. */
  readonly label: string;
  /** Rows that have a value. */
  readonly rows: number;
  /** Of them those whose value is above 0. */
  readonly positives: number;
  /** In the order of the summary's domains. */
  readonly domains: readonly { readonly rows: number; readonly positives: number }[];
}

/** A table at a glance. */
export interface TableSummary {
  /** What was looked at: a path, or what kind of columns in memory. */
  readonly source: string;
  /** All rows of it. */
  readonly rows: number;
  /** In the source's order. */
  readonly columns: readonly ColumnSummary[];
  /** By label, over all rows. */
  readonly positiveRates: Readonly<Record<string, number | null>>;
  /** The counts behind the rates. */
  readonly labels: readonly LabelCounts[];
  /** By domain, ascending; empty where no domain column was named. */
  readonly domains: readonly DomainSummary[];
  /** The hashed features of the model; empty without one. */
  readonly hashed: readonly HashSharing[];
}

/** What a description looks at beside the columns. */
export interface DescribeOptions {
  /** Label columns, whose positive rates are told. Default: none. */
  readonly labels?: readonly string[] | undefined;
  /** The column that says which domain a row is of. Default: none. */
  readonly domain?: string | null | undefined;
  /** A model whose hashed features are looked at: how many values share a row of their table. Default: none. */
  readonly spec?: ModelSpec | undefined;
  /** Training rows: how many rows of this table hold values that those do not (out-of-vocabulary rate). */
  readonly against?: Table | undefined;
}

/** Values of columns in memory at a time. */
const mostValues = 30_000_000;

/**
 * Describes a table, exactly, over all rows; columns are read a few at a time, so that memory stays bounded. Throws a
 * DataError for a label or domain column that is not there.
 */
export async function describe(table: Table, options: DescribeOptions = {}): Promise<TableSummary> {
  const labels = options.labels ?? [];
  const named = options.domain ? [...labels, options.domain] : labels;
  const missing = named.filter((name) => !table.has(name));
  if (missing.length > 0) throw new DataError(missing.map((name) => missingColumn(table, name)));
  const summaries: ColumnSummary[] = [];
  const atOnce = Math.max(1, Math.floor(mostValues / Math.max(1, table.rows, options.against?.rows ?? 0)));
  for (let start = 0; start < table.columns.length; start += atOnce) {
    const part = table.columns.slice(start, start + atOnce);
    const columns = await table.read(part.map((info) => info.name));
    const training = await trainingColumns(part, options.against);
    for (const { name, type } of part) {
      const column = columns.get(name)!;
      const other = training.get(name);
      summaries.push(
        summarise(name, type, column, other === undefined ? null : unseenRows(asIds(column), asIds(other))),
      );
    }
  }
  const columns = await table.read(named);
  const byDomain = options.domain ? rowsByDomain(columns.get(options.domain)!) : [];
  const counts = labels.map((label): LabelCounts => {
    const column = columns.get(label)!;
    return { label, ...countPositives(column, null), domains: byDomain.map(([, own]) => countPositives(column, own)) };
  });
  return {
    source: table.source,
    rows: table.rows,
    columns: summaries,
    positiveRates: Object.fromEntries(counts.map((count) => [count.label, rateOf(count)])),
    labels: counts,
    domains: byDomain.map(([domain, own], index) => ({
      domain,
      rows: own.length,
      positiveRates: Object.fromEntries(counts.map((count) => [count.label, rateOf(count.domains[index]!)])),
    })),
    hashed: options.spec === undefined ? [] : await hashedFeatures(table, options.spec),
  };
}

/** Counts the values of hashed features that the table's columns allow for. */
async function hashedFeatures(table: Table, spec: ModelSpec): Promise<HashSharing[]> {
  const counters = hashCounters(spec.features);
  const features = spec.features.filter(({ name }) => counters.has(name));
  if (features.length === 0) return [];
  const report = new Report();
  const alone = { ...spec, features, labels: [], sampleWeights: [], towers: [], domains: null };
  const plan = { ...planEncoding(table, alone, {}, report), hashed: counters };
  if (plan.encoded) return [];
  const planned = new Set(plan.features.map(({ feature }) => feature.name));
  for await (const _ of encodeParts(table, plan, report));
  return hashSharing(
    features.filter(({ name }) => planned.has(name)),
    counters,
  );
}

/** The training rows' columns of those whose values are names of things. */
async function trainingColumns(columns: readonly ColumnInfo[], training: Table | undefined) {
  if (training === undefined) return new Map<string, RawColumn>();
  // Every moment is new: that says nothing.
  const time = guessLeakColumns(training)?.time;
  const comparable = columns.filter(({ name, type }) => {
    return training.has(name) && name !== time && type !== "float" && type !== "timestamp";
  });
  return training.read(comparable.map(({ name }) => name));
}

function summarise(name: string, type: ColumnType, column: RawColumn, unseen: number | null): ColumnSummary {
  const rows = columnRows(column);
  let missing = 0;
  for (let row = 0; row < rows; row++) if (!hasValue(column, row)) missing += 1;
  const values = column.kind === "list" ? column.items : column;
  const counts = new Map<number, number>();
  for (let at = 0; at < columnRows(values); at++) {
    if (!hasValue(values, at)) continue;
    const value = (values.kind === "text" ? values.codes[at] : values.values[at]) as number;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const range = rangeOf(type === "timestamp" ? (textAsTimes(values) ?? values) : values);
  return { name, type, missing, distinct: counts.size, top: topValues(counts, values), ...range, unseen };
}

function rangeOf(column: NumberColumn | TextColumn): Pick<ColumnSummary, "min" | "max" | "mean"> {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  if (column.kind === "text") return { min: null, max: null, mean: null };
  for (let row = 0; row < column.values.length; row++) {
    if (!hasValue(column, row)) continue;
    const value = column.values[row]!;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count += 1;
  }
  return count === 0 ? { min: null, max: null, mean: null } : { min, max, mean: sum / count };
}

function topValues(counts: ReadonlyMap<number, number>, values: Exclude<RawColumn, { kind: "list" }>): ValueCount[] {
  const top: [number, number][] = [];
  for (const entry of counts) {
    if (top.length === 5 && entry[1] <= top[4]![1]) continue;
    top.push(entry);
    top.sort((a, b) => b[1] - a[1]);
    top.length = Math.min(top.length, 5);
  }
  return top.map(([key, rows]) => {
    if (values.kind === "text") return { value: values.words[key]!, rows };
    return { value: values.type === "boolean" ? key !== 0 : key, rows };
  });
}

interface Positives {
  readonly rows: number;
  readonly positives: number;
}

function rateOf({ rows, positives }: Positives): number | null {
  return rows === 0 ? null : positives / rows;
}

/** Over the rows given, or over all. */
function countPositives(label: RawColumn, rows: ArrayLike<number> | null): Positives {
  const column = label.kind === "text" ? (truthsOf(label) ?? label) : label;
  let count = 0;
  let positives = 0;
  const length = rows === null ? columnRows(column) : rows.length;
  for (let at = 0; at < length; at++) {
    const row = rows === null ? at : rows[at]!;
    if (column.kind !== "number" || !hasValue(column, row)) continue;
    count += 1;
    if (column.values[row]! > 0) positives += 1;
  }
  return { rows: count, positives };
}

/** The rows of each domain, ascending; rows without a domain are missing values of that column. */
function rowsByDomain(column: RawColumn): [number | string, number[]][] {
  if (column.kind === "list") return [];
  const rows = new Map<number, number[]>();
  for (let row = 0; row < columnRows(column); row++) {
    if (!hasValue(column, row)) continue;
    const domain = (column.kind === "text" ? column.codes[row] : column.values[row]) as number;
    const own = rows.get(domain);
    if (own === undefined) rows.set(domain, [row]);
    else own.push(row);
  }
  const named = [...rows].map(([domain, own]): [number | string, number[]] => {
    return [column.kind === "text" ? column.words[domain]! : domain, own];
  });
  return named.sort(([a], [b]) => (a < b ? -1 : 1));
}
