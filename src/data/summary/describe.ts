/**
 * Summarises a table: the content of each column, and the positive rate of each label in each domain.
 */

import { DataError } from "../../errors/index.js";
import { type DerivedColumn, derivedFrom, type ModelSpec } from "../../spec/index.js";
import { parseTruths } from "../cells/as-numbers.js";
import { asIds } from "../cells/id-text.js";
import { derivedValues } from "../derive/index.js";
import { encodeParts } from "../encode/encode.js";
import { type HashSharing, hashCounters, hashSharing } from "../encode/hashed/sharing.js";
import { planEncoding } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import { type ColumnInfo, type ColumnType, columnRows, hasValue, type RawColumn } from "../table/column.js";
import { missingColumn, type Table } from "../table/table.js";
import { textAsTimes } from "../table/times.js";
import { guessLeakColumns } from "./leaks.js";
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

/** Counts of one label: rows with a value, and rows above 0. */
export interface LabelCounts {
  /** The label column. */
  readonly label: string;
  /** Number of rows with a value. */
  readonly rows: number;
  /** Number of these rows with a value above 0. */
  readonly positives: number;
  /** In the order of the summary's domains. */
  readonly domains: readonly { readonly rows: number; readonly positives: number }[];
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
}

/** Options of a summary. */
export interface DescribeOptions {
  /** Label columns, for their positive rates. Default: none. */
  readonly labels?: readonly string[] | undefined;
  /** The domain column. Default: none. */
  readonly domain?: string | null | undefined;
  /** A model whose hashed features are checked: how many values share a row of their table. Default: none. */
  readonly spec?: ModelSpec | undefined;
  /** Training rows: counts the rows of this table with values that are missing there (out-of-vocabulary rate). */
  readonly against?: Table | undefined;
}

/** The number of column values in memory at a time. */
const mostValues = 30_000_000;

/**
 * Summarises a table, exactly, over all rows; reads a few columns at a time, so that memory stays bounded. Throws a
 * DataError for a label or domain column that does not exist.
 */
export async function describe(table: Table, options: DescribeOptions = {}): Promise<TableSummary> {
  const labels = options.labels ?? [];
  const rules = labelRules(table, labels, options.spec);
  const named = [...labels.filter((name) => !rules.has(name)), ...(options.domain ? [options.domain] : [])];
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
  const columns = await withRules(await table.read(named), rules, table);
  const byDomain = options.domain ? rowsByDomain(columns.get(options.domain)!) : [];
  const counts = labels.map((label): LabelCounts => {
    const column = columns.get(label)!;
    return {
      label,
      ...countPositives(column, null),
      domains: byDomain.map(([, domainRows]) => countPositives(column, domainRows)),
    };
  });
  return {
    source: table.source,
    rows: table.rows,
    columns: summaries,
    positiveRates: Object.fromEntries(counts.map((count) => [count.label, positiveRate(count)])),
    labels: counts,
    domains: byDomain.map(([domain, domainRows], index) => ({
      domain,
      rows: domainRows.length,
      positiveRates: Object.fromEntries(counts.map((count) => [count.label, positiveRate(count.domains[index]!)])),
    })),
    hashed: options.spec === undefined ? [] : await hashedFeatures(table, options.spec),
  };
}

/** The labels that rules compute from columns of the table. */
function labelRules(table: Table, labels: readonly string[], spec: ModelSpec | undefined) {
  const rules = new Map<string, DerivedColumn>();
  for (const label of labels) {
    const rule = spec?.derived?.[label];
    if (rule !== undefined && derivedFrom(rule).every((name) => table.has(name))) rules.set(label, rule);
  }
  return rules;
}

async function withRules(
  columns: Map<string, RawColumn>,
  rules: ReadonlyMap<string, DerivedColumn>,
  table: Table,
): Promise<ReadonlyMap<string, RawColumn>> {
  if (rules.size === 0) return columns;
  const report = new Report();
  const read = await table.read([...new Set([...rules.values()].flatMap(derivedFrom))]);
  const made = [...rules].map(([label, rule]) => [label, derivedValues(label, rule, read, report)] as const);
  await report.throwIfAny(table);
  return new Map([...columns, ...made]);
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

/** The training rows' columns with categorical values. */
async function trainingColumns(columns: readonly ColumnInfo[], training: Table | undefined) {
  if (training === undefined) return new Map<string, RawColumn>();
  // Every time is new, so the rate has no meaning.
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

interface Positives {
  readonly rows: number;
  readonly positives: number;
}

function positiveRate({ rows, positives }: Positives): number | null {
  return rows === 0 ? null : positives / rows;
}

/** Over the given rows, or over all. */
function countPositives(label: RawColumn, rows: ArrayLike<number> | null): Positives {
  const column = label.kind === "text" ? (parseTruths(label) ?? label) : label;
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
    const domainRows = rows.get(domain);
    if (domainRows === undefined) rows.set(domain, [row]);
    else domainRows.push(row);
  }
  const named = [...rows].map(([domain, domainRows]): [number | string, number[]] => {
    return [column.kind === "text" ? column.words[domain]! : domain, domainRows];
  });
  return named.sort(([a], [b]) => (a < b ? -1 : 1));
}
