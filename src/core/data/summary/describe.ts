/** Summarises a table: ranges and frequent values of columns, rates of labels, and drift from the training rows. */
import type { RatePair } from "../../metrics/drift.js";
import { inputColumn } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { wholeWidth } from "../../util/numbers.js";
import { asIds } from "../cells.js";
import { encodeParts } from "../encode/encode.js";
import { planEncoding } from "../encode/plan.js";
import { type HashSharing, hashCounters, hashSharing } from "../encode/sharing.js";
import {
  type ColumnInfo,
  type ColumnType,
  columnKeys,
  columnRows,
  hasValue,
  type RawColumn,
  rowsByKey,
  type ScalarColumn,
  valueOfKey,
} from "../table/column.js";
import { saysUser } from "../table/likely-roles.js";
import { type Table, textAsTimes } from "../table/table.js";
import {
  type ComparedColumn,
  comparedColumn,
  type DriftReport,
  driftReport,
  keyValue,
  noiseOf,
  type Samples,
  samplesOfUsers,
} from "./drift.js";
import {
  type CountedLabels,
  countLabels,
  guessLeakColumns,
  type LabelCounts,
  type PositiveCounts,
  positiveRate,
  presentLabels,
} from "./label-counts.js";
import { userCodes, userSource } from "./row-groups.js";

const BINS = 20;

/** The range and spread of a column; `null` for text. */
export interface ValueRange {
  /** The smallest number. Times are in milliseconds since 1970. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly deviation: number | null;
  /** The numbers below which 5, 50 and 95% of the rows are. */
  readonly quantiles: readonly [low: number, median: number, high: number] | null;
  /**
   * Numbers of rows in 20 bins of equal width from `min` to `max` (one bin if they are equal). For whole numbers there
   * are at most 20 bins, each with equally many numbers: otherwise bins would hold one number more or less, and
   * alternate.
   */
  readonly histogram: readonly number[] | null;
}

const noRange: ValueRange = { min: null, max: null, mean: null, deviation: null, quantiles: null, histogram: null };

function valueRange(column: ScalarColumn, counts: ReadonlyMap<number, number>, isWhole: boolean): ValueRange {
  if (column.kind === "text" || counts.size === 0) return noRange;
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const rows = sorted.reduce((total, [, count]) => total + count, 0);
  const mean = sorted.reduce((sum, [value, count]) => sum + value * count, 0) / rows;
  const squares = sorted.reduce((sum, [value, count]) => sum + count * (value - mean) ** 2, 0);
  const at = (share: number): number => quantile(sorted, share * rows);
  const [min, max] = [sorted[0]![0], sorted.at(-1)![0]];
  const bins = histogram(sorted, isWhole ? wholeWidth(min, max, BINS) : null);
  return {
    min,
    max,
    mean,
    deviation: Math.sqrt(squares / rows),
    quantiles: [at(0.05), at(0.5), at(0.95)],
    histogram: bins,
  };
}

/** @param wide width of bins of whole numbers; `null`: 20 bins */
function histogram(sorted: readonly (readonly [value: number, rows: number])[], wide: number | null): number[] {
  const [min, max] = [sorted[0]![0], sorted.at(-1)![0]];
  const isRange = max > min && Number.isFinite(max - min);
  const number = wide === null ? BINS : Math.ceil((max - min + 1) / wide);
  const bins = new Array<number>(isRange ? number : 1).fill(0);
  for (const [value, rows] of sorted) {
    const at = wide === null ? (BINS * (value - min)) / (max - min) : (value - min) / wide;
    const bin = isRange ? Math.min(bins.length - 1, Math.floor(at)) : 0;
    bins[bin] = bins[bin]! + rows;
  }
  return bins;
}

/** The smallest value that, with those below it, covers this number of rows. */
function quantile(sorted: readonly (readonly [number, number])[], rows: number): number {
  let covered = 0;
  for (const [value, count] of sorted) {
    covered += count;
    if (covered >= rows) return value;
  }
  return sorted.at(-1)![0];
}

/** A value and its frequency. */
export interface ValueCount {
  readonly value: string | number | boolean;
  /** Number of rows with this value; for lists, of items. */
  readonly rows: number;
}

/** The summary of one column. */
export interface ColumnSummary extends ValueRange {
  readonly name: string;
  readonly type: ColumnType;
  /** Number of rows without a value (null or NaN). */
  readonly missing: number;
  /** Number of distinct values; for lists, of distinct items. */
  readonly distinct: number;
  /** The most frequent values, at most five; for lists, the most frequent items. */
  readonly top: readonly ValueCount[];
  /** Rows with a value that training lacks; `null` without training rows, and for fractions and times. */
  readonly unseen: number | null;
}

/** The positive rates of labels in one domain. */
export interface DomainSummary {
  /** A number, or a word if the domain column is text. */
  readonly domain: number | string;
  readonly rows: number;
  /** By label: the share of rows with a value above 0; `null` if no row has a value. */
  readonly positiveRates: Readonly<Record<string, number | null>>;
}

/** The summary of a table. */
export interface TableSummary {
  /** The summarised source: a path, or the kind of columns in memory. */
  readonly source: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  /** By label, over all rows. */
  readonly positiveRates: Readonly<Record<string, number | null>>;
  readonly labels: readonly LabelCounts[];
  /** The column whose values are treated as independent of each other; `null`: rows are. */
  readonly user: string | null;
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
  readonly training?: Table | undefined;
  /** The column of users, or an id feature that reads it. Default: the user of the model's first `grouped_auc`. */
  readonly user?: string | null | undefined;
}

/** The number of column values in memory at a time. */
const mostValues = 30_000_000;

/** Summarises all rows, a few columns at a time. @throws DataError for a label or domain that does not exist */
export async function describe(table: Table, options: DescribeOptions = {}): Promise<TableSummary> {
  const { labels = [], domain, spec, training } = options;
  const user = userSource(spec, table, options.user);
  const isKnown = user !== null && (table.has(user) || typeof options.user === "string");
  const users = isKnown ? userCodes(user, (await table.read([user])).get(user)!) : null;
  const counted = await countLabels(table, labels, domain, spec, users);
  const { labels: counts, domains } = counted;
  const comparison = training === undefined ? null : await comparisonWith(training, table, options, counted);
  const summaries: ColumnSummary[] = [];
  const atOnce = Math.max(1, Math.floor(mostValues / Math.max(1, table.rows, training?.rows ?? 0)));
  for (let start = 0; start < table.columns.length; start += atOnce) {
    const part = table.columns.slice(start, start + atOnce);
    const columns = await table.read(part.map((info) => info.name));
    const trainingColumns = (await comparison?.read(part)) ?? new Map<string, RawColumn>();
    for (const { name, type } of part) {
      const column = columns.get(name)!;
      const other = trainingColumns.get(name);
      if (other !== undefined) comparison?.add(name, other, column);
      // Almost every time and fraction is new, so their rate has no meaning.
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
    user: isKnown ? user : null,
    domains: domains.map(({ domain, rows }, index) => ({
      domain,
      rows,
      positiveRates: Object.fromEntries(counts.map((count) => [count.label, positiveRate(count.domains[index]!)])),
    })),
    hashed: spec === undefined ? [] : await hashedFeatures(table, spec),
    drift: comparison?.report() ?? null,
  };
}

async function hashedFeatures(table: Table, spec: ModelSpec): Promise<HashSharing[]> {
  const counters = hashCounters(spec.features);
  const features = spec.features.filter(({ name }) => counters.has(name));
  if (features.length === 0) return [];
  const alone = { ...spec, features, labels: [], sampleWeights: [], towers: [], domains: null };
  const plan = { ...planEncoding(table, alone), hashed: counters };
  if (plan.encoded) return [];
  for await (const _ of encodeParts(plan));
  const planned = plan.features.map(({ feature }) => feature);
  return hashSharing(planned, counters);
}

function summarise(name: string, type: ColumnType, column: RawColumn, unseen: number | null): ColumnSummary {
  const rows = columnRows(column);
  let missing = 0;
  for (let row = 0; row < rows; row++) if (!hasValue(column, row)) missing += 1;
  const values = column.kind === "list" ? column.items : column;
  const counts = rowsByKey(values);
  const numbers = type === "timestamp" ? (textAsTimes(values) ?? values) : values;
  const range = valueRange(numbers, numbers === values ? counts : rowsByKey(numbers), type === "integer");
  return { name, type, missing, distinct: counts.size, top: topValues(counts, values), ...range, unseen };
}

function topValues(counts: ReadonlyMap<number, number>, values: ScalarColumn): ValueCount[] {
  const top: [number, number][] = [];
  for (const entry of counts) {
    if (top.length === 5 && entry[1] <= top[4]![1]) continue;
    top.push(entry);
    top.sort((a, b) => b[1] - a[1]);
    top.length = Math.min(top.length, 5);
  }
  return top.map(([key, rows]) => {
    const value = valueOfKey(values, key);
    return { value: value instanceof Date ? key : value, rows };
  });
}

/** @param here the labels of `table` */
async function comparisonWith(training: Table, table: Table, options: DescribeOptions, here: CountedLabels) {
  const { labels = [], spec } = options;
  const present = presentLabels(training, labels, spec);
  const notes = labels.filter((label) => !present.includes(label)).map((label) => `${label}: training rows lack it`);
  const { user, samples } = await chooseSamples(training, table, options, notes);
  const rates = await comparedRates(training, present, options, here, samples);
  // Later rows have later times, so times always differ.
  const time = guessLeakColumns(training)?.time;
  const ids = new Set((spec?.features ?? []).filter((feature) => feature.kind === "id").map(inputColumn));
  const skipped = new Set(labels);
  const columns: ComparedColumn[] = [];
  return {
    read(part: readonly ColumnInfo[]): Promise<Map<string, RawColumn>> {
      const isTime = ({ name, type }: ColumnInfo): boolean => name === time || type === "timestamp";
      const compared = part.filter((column) => training.has(column.name) && !isTime(column));
      for (const column of part) {
        const isAbsent = !training.has(column.name) && !skipped.has(column.name);
        if (isAbsent) notes.push(`${column.name}: training rows lack it`);
        else if (isTime(column)) notes.push(`${column.name}: times always differ`);
      }
      return training.read(compared.map(({ name }) => name));
    },
    add(name: string, trainingColumn: RawColumn, column: RawColumn): void {
      if (skipped.has(name)) return;
      const compared = comparedColumn(name, trainingColumn, column, ids.has(name), samples);
      if (compared === null) notes.push(`${name}: only one of both has lists`);
      else columns.push(compared);
    },
    report(): DriftReport {
      const sizes = { training: training.source, trainingRows: training.rows, rows: table.rows };
      return driftReport({ ...sizes, user, units: samples.units, columns, labels: rates, notes });
    },
  };
}

/** The samples by user, if both tables have the column, else by row. Adds notes. */
async function chooseSamples(training: Table, table: Table, { spec, user }: DescribeOptions, notes: string[]) {
  const column = userSource(spec, table, user);
  if (column !== null && (table.has(column) || typeof user === "string")) {
    const users = (await table.read([column])).get(column)!;
    const before = training.has(column) ? (await training.read([column])).get(column)! : null;
    if (before !== null) return { user: column, samples: samplesOfUsers(column, before, users) };
  }
  const guess = user === undefined && table.names.find((name) => saysUser(name) && training.has(name));
  if (guess) notes.push(`rows are taken as independent; if ${guess} is the user: describe({ user: "${guess}" })`);
  return { user: null, samples: { units: Math.min(training.rows, table.rows), rowsPerUser: 1, users: null } };
}

async function comparedRates(
  training: Table,
  present: readonly string[],
  { domain, spec }: DescribeOptions,
  here: CountedLabels,
  samples: Samples,
) {
  const byDomain = domain != null && training.has(domain) ? domain : null;
  const trained = await countLabels(training, present, byDomain, spec);
  const places = new Map(trained.domains.map((each, place) => [String(each.domain), place]));
  const placeOf = here.domains.map((each) => places.get(String(each.domain)) ?? -1);
  return trained.labels.map((label, at) => {
    const now = here.labels.findIndex((each) => each.label === label.label);
    const pair = (before: PositiveCounts, after: PositiveCounts, flags: Int8Array, flagsHere: Int8Array): RatePair => {
      const [one, other] = [before, after].map(({ rows, positives }) => ({ rows, positives }));
      return { training: one!, here: other!, noise: noiseOf(samples, flags, flagsHere, 2) };
    };
    const [flags, flagsHere] = [trained.flags[at]!, here.flags[now]!];
    const domains = here.labels[now]!.domains.map((after, d) => {
      const place = placeOf[d]!;
      const before = label.domains[place] ?? { rows: 0, positives: 0 };
      const only = [onlyRows(flags, trained.domainRows[place]), onlyRows(flagsHere, here.domainRows[d])] as const;
      return pair(before, after, ...only);
    });
    return { label: label.label, rates: [pair(label, here.labels[now]!, flags, flagsHere), ...domains] };
  });
}

function onlyRows(flags: Int8Array, rows: readonly number[] = []): Int8Array {
  const only = new Int8Array(flags.length).fill(-1);
  for (const row of rows) only[row] = flags[row]!;
  return only;
}

/** Number of rows with a value (for lists: any item) that `training` lacks; rows without a value do not count. */
function unseenRows(column: RawColumn, training: RawColumn): number {
  const scalars = column.kind === "list" ? column.items : column;
  const others = training.kind === "list" ? training.items : training;
  const asNumbers = scalars.kind === "number" && others.kind === "number";
  const values = new Set([...rowsByKey(others).keys()].map((key) => keyValue(others, key, asNumbers)));
  const isUnseen = (key: number): boolean => !values.has(keyValue(scalars, key, asNumbers));
  const counts = rowsByKey(scalars);
  const unseen = new Set([...counts.keys()].filter(isUnseen));
  if (column.kind !== "list") return [...unseen].reduce((rows, key) => rows + counts.get(key)!, 0);
  const keys = columnKeys(scalars);
  let rows = 0;
  for (let row = 0; row < columnRows(column); row++) {
    let item = column.offsets[row]!;
    const end = hasValue(column, row) ? column.offsets[row + 1]! : item;
    while (item < end && !(hasValue(scalars, item) && unseen.has(keys[item]!))) item++;
    if (item < end) rows += 1;
  }
  return rows;
}
