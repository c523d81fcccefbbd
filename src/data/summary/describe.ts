/**
 * Summarises a table: the content of each column, and the positive rate of each label in each domain.
 */

import type { ModelSpec } from "../../spec/index.js";
import { asIds } from "../cells/id-text.js";
import { encodeParts } from "../encode/encode.js";
import { type HashSharing, hashCounters, hashSharing } from "../encode/hashed/sharing.js";
import { planEncoding } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import { type ColumnType, columnRows, hasValue, type RawColumn } from "../table/column.js";
import type { Table } from "../table/table.js";
import { textAsTimes } from "../table/times.js";
import { comparisonWith } from "./comparison.js";
import type { DriftReport } from "./drift.js";
import { countLabels, type LabelCounts, positiveRate } from "./label-counts.js";
import { countValues, valueRange } from "./range.js";
import { unseenRows } from "./unseen.js";

/** A value and its frequency. */
export interface ValueCount {
  /** The value. */
  readonly value: string | number | boolean;
  /** Number of rows with this value; for lists, of items. */
  readonly rows: number;
}

/** The summary of one column. */
export interface ColumnSummary {
  /** The name in the source's spelling. */
  readonly name: string;
  /** The type of its values. */
  readonly type: ColumnType;
  /** Number of rows without a value (null or NaN). */
  readonly missing: number;
  /** Number of distinct values; for lists, of distinct items. */
  readonly distinct: number;
  /** The most frequent values, at most five; for lists, the most frequent items. */
  readonly top: readonly ValueCount[];
  /** The smallest number; `null` for text. Times are in milliseconds since 1970. */
  readonly min: number | null;
  /** The largest number; `null` for text. */
  readonly max: number | null;
  /** The mean of the numbers; `null` for text. */
  readonly mean: number | null;
  /** The standard deviation of the numbers; `null` for text. */
  readonly deviation: number | null;
  /** The numbers below which 5, 50 and 95% of the rows are; `null` for text. */
  readonly quantiles: readonly [low: number, median: number, high: number] | null;
  /** Numbers of rows in 20 bins of equal width from `min` to `max` (one bin if they are equal); `null` for text. */
  readonly histogram: readonly number[] | null;
  /**
   * Number of rows with a value that is missing in the training rows; `null` without training rows, and for
   * fractions and times.
   */
  readonly unseen: number | null;
}

/** The positive rates of labels in one domain. */
export interface DomainSummary {
  /** A number, or a word if the domain column is text. */
  readonly domain: number | string;
  /** Number of rows in the domain. */
  readonly rows: number;
  /** By label: the share of rows with a value above 0; `null` if no row has a value. */
  readonly positiveRates: Readonly<Record<string, number | null>>;
}

/** The summary of a table. */
export interface TableSummary {
  /** The summarised source: a path, or the kind of columns in memory. */
  readonly source: string;
  /** Number of rows. */
  readonly rows: number;
  /** In the order of the source. */
  readonly columns: readonly ColumnSummary[];
  /** By label, over all rows. */
  readonly positiveRates: Readonly<Record<string, number | null>>;
  /** The counts of the rates. */
  readonly labels: readonly LabelCounts[];
  /** By domain, ascending; empty without a domain column. */
  readonly domains: readonly DomainSummary[];
  /** The hashed features of the model; empty without one. */
  readonly hashed: readonly HashSharing[];
  /** Columns and labels compared with the training rows; `null` without them. */
  readonly drift: DriftReport | null;
}

/** Options of a summary. */
export interface DescribeOptions {
  /** Label columns, for their positive rates. Default: none. */
  readonly labels?: readonly string[] | undefined;
  /** The domain column. Default: none. */
  readonly domain?: string | null | undefined;
  /** A model whose hashed features are checked: how many values share a row of their table. Default: none. */
  readonly spec?: ModelSpec | undefined;
  /** Training rows: counts the rows of this table with values that are missing there, and measures drift. */
  readonly against?: Table | undefined;
}

/** The number of column values in memory at a time. */
const mostValues = 30_000_000;

/**
 * Summarises a table, exactly, over all rows; reads a few columns at a time, so that memory stays bounded. Throws a
 * DataError for a label or domain column that does not exist.
 */
export async function describe(table: Table, options: DescribeOptions = {}): Promise<TableSummary> {
  const { labels = [], domain, spec, against } = options;
  const counted = await countLabels(table, labels, domain, spec);
  const { labels: counts, domains } = counted;
  const training =
    against === undefined ? null : await comparisonWith(against, table, { labels, domain, spec }, counted);
  const summaries: ColumnSummary[] = [];
  const atOnce = Math.max(1, Math.floor(mostValues / Math.max(1, table.rows, against?.rows ?? 0)));
  for (let start = 0; start < table.columns.length; start += atOnce) {
    const part = table.columns.slice(start, start + atOnce);
    const columns = await table.read(part.map((info) => info.name));
    const trainingColumns = (await training?.read(part)) ?? new Map<string, RawColumn>();
    for (const { name, type } of part) {
      const column = columns.get(name)!;
      const other = trainingColumns.get(name);
      if (other !== undefined) training?.add(name, other, column);
      // Every time and fraction is new, so the rate has no meaning.
      const isCounted = other !== undefined && type !== "float" && type !== "timestamp";
      summaries.push(summarise(name, type, column, isCounted ? unseenRows(asIds(column), asIds(other)) : null));
    }
  }
  return {
    source: table.source,
    rows: table.rows,
    columns: summaries,
    positiveRates: Object.fromEntries(counts.map((count) => [count.label, positiveRate(count)])),
    labels: counts,
    domains: domains.map(({ domain, rows }, index) => ({
      domain,
      rows,
      positiveRates: Object.fromEntries(counts.map((count) => [count.label, positiveRate(count.domains[index]!)])),
    })),
    hashed: spec === undefined ? [] : await hashedFeatures(table, spec),
    drift: training?.report() ?? null,
  };
}

/** Counts the values of the hashed features whose columns exist. */
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

function summarise(name: string, type: ColumnType, column: RawColumn, unseen: number | null): ColumnSummary {
  const rows = columnRows(column);
  let missing = 0;
  for (let row = 0; row < rows; row++) if (!hasValue(column, row)) missing += 1;
  const values = column.kind === "list" ? column.items : column;
  const counts = countValues(values);
  const numbers = type === "timestamp" ? (textAsTimes(values) ?? values) : values;
  const range = numbers === values ? valueRange(values, counts) : valueRange(numbers, countValues(numbers));
  return { name, type, missing, distinct: counts.size, top: topValues(counts, values), ...range, unseen };
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
