/** Compares a table with the training rows: the distribution of each column, and the rate of each label. */
import { equalMassEnds } from "../../metrics/calibration-curve.js";
import { type Drift, drifts, type RateDrift, rateDrifts } from "../../metrics/drift.js";
import { getOrMake } from "../../util/growing.js";
import { random } from "../../util/random.js";
import { asIds, numberText } from "../cells.js";
import { findBucket } from "../encode/raw.js";
import type { ListColumn, NumberColumn, RawColumn, ScalarColumn } from "../table/column.js";
import { columnRows, hasValue, rowsByKey } from "../table/column.js";
import type { LabelCounts } from "./label-counts.js";

/** What two samples of a column are compared by: quantiles of numbers, values, or the number of items of lists. */
export type DriftMeasure = "quantiles" | "values" | "items";

/** How far a column moved from the training rows. */
export interface ColumnDrift extends Drift {
  readonly name: string;
  readonly by: DriftMeasure;
  readonly bins: readonly DriftBin[];
  /** Share of rows with a value that training lacks; `null` for quantiles and items. */
  readonly unseen: number | null;
  /** The share that chance alone would leave out of training: large for ids with few rows each. */
  readonly unseenByChance: number | null;
}

/** One bin of a column. */
export interface DriftBin {
  /** Its values: `3 to 7`, `beauty`, `(12 others)`, `(missing)`. */
  readonly name: string;
  readonly training: number;
  readonly here: number;
}

/** How far the rate of a label moved from the training rows. */
export interface LabelDrift {
  readonly label: string;
  readonly overall: RateDrift;
  /** In the order of the summary's domains. */
  readonly domains: readonly RateDrift[];
}

/** A table compared with the training rows. */
export interface DriftReport {
  /** The source of the training rows. */
  readonly training: string;
  readonly trainingRows: number;
  readonly rows: number;
  /** In the order of the source, without labels and times. */
  readonly columns: readonly ColumnDrift[];
  /** In the order of the labels. */
  readonly labels: readonly LabelDrift[];
  /** Columns that were not compared, with the reason. */
  readonly notes: readonly string[];
  /** Share of tables without drift in which no column, and no label, is beyond noise. */
  readonly level: number;
}

const level = 0.95;
/** Whole numbers with more values are compared by quantiles. */
const mostValues = 20;

export type BinnedColumn = Omit<ColumnDrift, keyof Drift>;

/** Bins a column and its training rows; `null` if only one has lists. @param isId numbers are ids: compared by value */
export function binnedColumn(name: string, training: RawColumn, here: RawColumn, isId: boolean): BinnedColumn | null {
  const noUnseen = { unseen: null, unseenByChance: null };
  if (training.kind === "list" && here.kind === "list") {
    return { name, by: "items", bins: quantileCounts(itemCounts(training), itemCounts(here)), ...noUnseen };
  }
  if (training.kind === "list" || here.kind === "list") return null;
  const isNumeric = !isId && training.kind === "number" && here.kind === "number";
  const hasFractions = isNumeric && (training.type === "float" || here.type === "float");
  // Booleans and times as text: the ids of scalars are scalars.
  const counts = hasFractions ? null : countBoth(asIds(training) as ScalarColumn, asIds(here) as ScalarColumn);
  if (counts === null || (isNumeric && counts.size > mostValues)) {
    const [before, now] = [training as NumberColumn, here as NumberColumn];
    return { name, by: "quantiles", bins: quantileCounts(before, now), ...noUnseen };
  }
  const rows = Math.max(1, columnRows(here));
  const unseen = [...counts.values()].reduce((sum, [a, b]) => sum + (a === 0 ? b : 0), 0) / rows;
  const bins = valueBins(training, here, counts);
  return { name, by: "values", bins, unseen, unseenByChance: unseenByChance(counts) / rows };
}

/** Rows by value. */
type ValueCounts = Map<number | string, [training: number, here: number]>;

const quantileBins = 10;
const separateValues = 20;
/** Fewer expected rows of the smaller sample make the noise floor wrong. */
const fewestExpected = 5;
/** The training rows of which the quantiles are computed, so that memory stays bounded. */
const sampledRows = 1_000_000;

export function itemCounts({ offsets, valid }: ListColumn): NumberColumn {
  const values = Int32Array.from({ length: offsets.length - 1 }, (_, row) => offsets[row + 1]! - offsets[row]!);
  return { kind: "number", type: "integer", values, valid };
}

/** Bins of equal numbers of training rows; equal numbers stay together. */
function quantileCounts(training: NumberColumn, here: NumberColumn): DriftBin[] {
  const smaller = Math.min(columnRows(training), columnRows(here));
  const most = Math.max(1, Math.min(quantileBins, Math.floor(smaller / fewestExpected)));
  const sorted = sampledValues(training).sort();
  const ends = equalMassEnds(sorted.length, most, (place) => sorted[place] === sorted[place - 1]);
  const starts = ends.slice(0, -1).map((end) => sorted[end]!);
  const bins = [...starts, null].map((start, bin) => {
    const from = bin === 0 ? null : shortNumber(starts[bin - 1]!);
    const to = start === null ? null : shortNumber(start);
    const first = to === null ? "all" : `below ${to}`;
    const later = to === null ? `from ${from}` : `${from} to ${to}`;
    return { name: from === null ? first : later, training: 0, here: 0 };
  });
  for (const [sample, column] of Object.entries({ training, here })) {
    for (const [row, value] of column.values.entries()) {
      if (hasValue(column, row)) bins[findBucket(value, starts)]![sample as "training" | "here"] += 1;
    }
  }
  return withMissing(bins, training, here);
}

/** Bins of the values that are most frequent in both samples together; the others are pooled, also unseen ones. */
function valueBins(training: ScalarColumn, here: ScalarColumn, counts: ValueCounts): DriftBin[] {
  const [n, m] = [columnRows(training), columnRows(here)];
  const fewest = (fewestExpected * (n + m)) / Math.max(1, Math.min(n, m));
  const ranked = [...counts].sort(([, a], [, b]) => b[0] + b[1] - a[0] - a[1]);
  const frequent = ranked.slice(0, separateValues).filter(([, [a, b]]) => a + b >= fewest);
  const others = ranked.slice(frequent.length);
  const bins = frequent.map(([value, [a, b]]) => ({ name: valueName(value), training: a, here: b }));
  if (others.length > 0) {
    bins.push({
      name: others.length === 1 ? valueName(others[0]![0]) : `(${others.length} others)`,
      training: others.reduce((rows, [, [a]]) => rows + a, 0),
      here: others.reduce((rows, [, [, b]]) => rows + b, 0),
    });
  }
  return withMissing(bins, training, here);
}

/** Rows by value in both samples; numbers are compared as numbers if both are, and otherwise as text. */
export function countBoth(training: ScalarColumn, here: ScalarColumn): ValueCounts {
  const asNumbers = training.kind === "number" && here.kind === "number";
  const counts: ValueCounts = new Map();
  for (const [sample, column] of [training, here].entries()) {
    for (const [key, rows] of rowsByKey(column)) {
      const value = keyValue(column, key, asNumbers);
      getOrMake(counts, value, (): [number, number] => [0, 0])[sample as 0 | 1] += rows;
    }
  }
  return counts;
}

/** The rows here whose values training lacks by chance: Σ of a value's rows × the probability of all being here. */
function unseenByChance(counts: ValueCounts): number {
  let [n, m] = [0, 0];
  for (const [a, b] of counts.values()) {
    n += a;
    m += b;
  }
  let expected = 0;
  for (const [a, b] of counts.values()) {
    let chance = 1;
    for (let row = 0; row < a + b && chance > 1e-12; row++) chance *= Math.max(0, m - row) / (n + m - row);
    expected += (a + b) * chance;
  }
  return expected;
}

/** The word of a code; a number, or its text if the other column has text. */
export function keyValue(column: ScalarColumn, key: number, asNumbers: boolean): number | string {
  if (column.kind === "text") return column.words[key]!;
  return asNumbers ? key : numberText(key);
}

/** A bin of rows without a value, if there are enough; pooled with the last bin otherwise. */
function withMissing(bins: readonly DriftBin[], one: ScalarColumn, other: ScalarColumn): DriftBin[] {
  const [n, m] = [columnRows(one), columnRows(other)];
  const training = bins.reduce((rows, bin) => rows - bin.training, n);
  const here = bins.reduce((rows, bin) => rows - bin.here, m);
  if (training + here === 0) return [...bins];
  const expected = ((training + here) * Math.min(n, m)) / (n + m);
  const last = bins.at(-1);
  if (expected >= fewestExpected || last === undefined) return [...bins, { name: "(missing)", training, here }];
  const pooled = { training: last.training + training, here: last.here + here };
  return [...bins.slice(0, -1), { name: `${last.name} or missing`, ...pooled }];
}

function sampledValues(column: NumberColumn): Float64Array {
  const rows = columnRows(column);
  const source = random(1).fork("drift");
  const places = rows <= sampledRows ? null : Int32Array.from({ length: sampledRows }, () => source.integer(rows));
  const all = places ?? Int32Array.from({ length: rows }, (_, row) => row);
  return Float64Array.from(
    all.filter((row) => hasValue(column, row)),
    (row) => column.values[row]!,
  );
}

export function shortNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

export function valueName(value: unknown): string {
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

export interface DriftParts extends Pick<DriftReport, "training" | "trainingRows" | "rows" | "notes"> {
  readonly columns: readonly BinnedColumn[];
  readonly labels: readonly { readonly training: LabelCounts; readonly here: LabelCounts }[];
}

export function driftReport({ columns, labels, ...parts }: DriftParts): DriftReport {
  const samples = columns.map(({ bins }) => ({
    training: bins.map(({ training }) => training),
    here: bins.map(({ here }) => here),
  }));
  const tested = drifts(samples, level);
  const pairs = labels.flatMap(({ training, here }) => [
    { training: counted(training), here: counted(here) },
    ...here.domains.map((domain, d) => ({ training: training.domains[d]!, here: domain })),
  ]);
  const rates = rateDrifts(pairs, level);
  return {
    ...parts,
    columns: columns.map((column, at) => ({ ...column, ...tested[at]! })),
    labels: labels.map(({ here }): LabelDrift => {
      const [overall, ...domains] = rates.splice(0, 1 + here.domains.length);
      return { label: here.label, overall: overall!, domains };
    }),
    level,
  };
}

function counted({ rows, positives }: LabelCounts): RateDrift["here"] {
  return { rows, positives };
}
