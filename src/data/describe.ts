/** A look at a table: what each column holds, and how often each label is positive in each domain. */

import { DataError } from "../errors/index.js";
import { type ColumnType, columnRows, hasValue, type RawColumn } from "./column.js";
import { missingColumn, type Table } from "./table.js";

/** A value and how often it comes. */
export interface ValueCount {
  readonly value: string | number | boolean;
  readonly rows: number;
}

/** One column at a glance. */
export interface ColumnSummary {
  readonly name: string;
  readonly type: ColumnType;
  /** Rows without a value (null or NaN). */
  readonly missing: number;
  /** Distinct values; for lists, distinct items. */
  readonly distinct: number;
  /** The most frequent, at most five; for lists, of items. */
  readonly top: readonly ValueCount[];
  /** Of numbers; `null` for text. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
}

/** How often labels are positive in one domain. */
export interface DomainSummary {
  readonly domain: number;
  readonly rows: number;
  /** By label: the share of rows where it is above 0; `null` where no row has a value. */
  readonly positiveRates: Readonly<Record<string, number | null>>;
}

/** A table at a glance. */
export interface TableSummary {
  readonly source: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  /** By label, over all rows. */
  readonly positiveRates: Readonly<Record<string, number | null>>;
  /** By domain, ascending; empty where no domain column was named. */
  readonly domains: readonly DomainSummary[];
}

/** What {@link describe} looks at beside the columns. */
export interface DescribeOptions {
  readonly labels?: readonly string[];
  readonly domain?: string | null;
}

/** Describes a table; it reads every column once. Throws a DataError for a label or domain column that is not there. */
export async function describe(table: Table, options: DescribeOptions = {}): Promise<TableSummary> {
  const labels = options.labels ?? [];
  const named = options.domain ? [...labels, options.domain] : labels;
  const missing = named.filter((name) => !table.has(name));
  if (missing.length > 0) throw new DataError(missing.map((name) => missingColumn(table, name)));
  const columns = await table.read();
  const summaries = table.columns.map((info) => summarise(info.name, info.type, columns.get(info.name)!));
  const labelColumns = labels.map((name) => [name, columns.get(name)!] as const);
  const all = Int32Array.from({ length: table.rows }, (_, row) => row);
  return {
    source: table.source,
    rows: table.rows,
    columns: summaries,
    positiveRates: rates(labelColumns, all),
    domains: options.domain ? byDomain(columns.get(options.domain)!, labelColumns) : [],
  };
}

function summarise(name: string, type: ColumnType, column: RawColumn): ColumnSummary {
  const rows = columnRows(column);
  let missing = 0;
  for (let row = 0; row < rows; row++) if (!hasValue(column, row)) missing += 1;
  const values = column.kind === "list" ? column.items : column;
  const counts = new Map<number, number>();
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  for (let at = 0; at < columnRows(values); at++) {
    if (!hasValue(values, at)) continue;
    const value = (values.kind === "text" ? values.codes[at] : values.values[at]) as number;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count += 1;
  }
  const isNumber = values.kind === "number" && count > 0;
  return {
    name,
    type,
    missing,
    distinct: counts.size,
    top: topValues(counts, values),
    min: isNumber ? min : null,
    max: isNumber ? max : null,
    mean: isNumber ? sum / count : null,
  };
}

function topValues(counts: ReadonlyMap<number, number>, values: Exclude<RawColumn, { kind: "list" }>): ValueCount[] {
  const top: [number, number][] = [];
  for (const entry of counts) {
    if (top.length === 5 && entry[1] <= (top[4] as [number, number])[1]) continue;
    top.push(entry);
    top.sort((a, b) => b[1] - a[1]);
    top.length = Math.min(top.length, 5);
  }
  return top.map(([key, rows]) => {
    if (values.kind === "text") return { value: values.words[key] as string, rows };
    return { value: values.type === "boolean" ? key !== 0 : key, rows };
  });
}

type LabelColumns = readonly (readonly [string, RawColumn])[];

function rates(labels: LabelColumns, rows: ArrayLike<number>): Record<string, number | null> {
  return Object.fromEntries(labels.map(([name, column]) => [name, positiveRate(column, rows)]));
}

function positiveRate(column: RawColumn, rows: ArrayLike<number>): number | null {
  let count = 0;
  let positives = 0;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    if (column.kind !== "number" || !hasValue(column, row)) continue;
    count += 1;
    if ((column.values[row] as number) > 0) positives += 1;
  }
  return count === 0 ? null : positives / count;
}

function byDomain(column: RawColumn, labels: LabelColumns): DomainSummary[] {
  const rows = new Map<number, number[]>();
  for (let row = 0; row < columnRows(column); row++) {
    if (column.kind !== "number" || !hasValue(column, row)) continue;
    const domain = column.values[row] as number;
    const own = rows.get(domain);
    if (own === undefined) rows.set(domain, [row]);
    else own.push(row);
  }
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([domain, own]) => ({ domain, rows: own.length, positiveRates: rates(labels, own) }));
}
