/** Compares columns and label rates of a table with those of the training rows. */
import { DataError } from "../../errors/index.js";
import { equalMassEnds } from "../../metrics/calibration-curve.js";
import { type BinnedSamples, type Drift, driftTests, type RateDrift, type RatePair } from "../../metrics/drift.js";
import { binRows, rowsByCode, type UserRows, userCount, userNoise } from "../../metrics/intervals/clusters.js";
import { getOrMake } from "../../util/growing.js";
import { sum } from "../../util/numbers.js";
import { random } from "../../util/random.js";
import { asIds, numberText } from "../cells.js";
import { findBucket } from "../encode/raw.js";
import {
  columnKeys,
  columnRows,
  hasValue,
  joinColumns,
  type ListColumn,
  type NumberColumn,
  numberWords,
  type RawColumn,
  rowsByKey,
  type ScalarColumn,
  valueNumbers,
} from "../table/column.js";

/** How two samples of a column are compared: by quantiles of numbers, values, or the number of items of lists. */
export type DriftMeasure = "quantiles" | "values" | "items";

/** How far a column moved from the training rows. */
export interface ColumnDrift extends Drift {
  readonly name: string;
  readonly by: DriftMeasure;
  readonly bins: readonly DriftBin[];
  /** Share of rows with a value that training lacks; `null` for quantiles and items. */
  readonly unseen: number | null;
  /** The share that chance alone would leave out of training, of independent rows; large for ids with few rows each. */
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
  readonly labels: readonly LabelDrift[];
  /** Columns that were not compared, with the reason. */
  readonly notes: readonly string[];
  /** The column whose values are treated as independent of each other; `null`: rows are. */
  readonly user: string | null;
  /** Rows, or users of equal numbers of rows, of the smaller sample; with fewer than 10, drift cannot be tested. */
  readonly units: number;
  /** Share of tables without drift in which no column, and no label, is beyond noise. */
  readonly level: number;
}

const level = 0.95;
/** Whole numbers with more values are compared by quantiles. */
const mostValues = 20;

/** Two samples with rows that vary independently, or with users that do. */
export interface Samples {
  /** Rows or effective users of the smaller sample. */
  readonly units: number;
  readonly rowsPerUser: number;
  /** `null`: rows are independent. */
  readonly users: { readonly training: UserRows; readonly here: UserRows } | null;
}

/** @throws DataError for lists */
export function samplesOfUsers(name: string, training: RawColumn, here: RawColumn): Samples {
  const ids = [training, here].map((column) => scalarIds(column, `user: column "${name}"`, "a row has one user"));
  const isMixed = ids[0]!.kind !== ids[1]!.kind;
  const columns = ids.map((column) => (isMixed && column.kind === "number" ? numberWords(column, numberText) : column));
  const codes = valueNumbers(joinColumns(columns));
  const userTotal = codes.reduce((most, code) => Math.max(most, code + 1), 0);
  // Rows without a user are users of their own.
  const users = codes.map((code, row) => (code < 0 ? userTotal + row : code));
  const rows = columnRows(training);
  const [one, other] = [users.subarray(0, rows), users.subarray(rows)].map((part) =>
    rowsByCode(part, userTotal + codes.length),
  );
  const counts = [userCount(one!), userCount(other!)];
  const rowsPerUser = Math.max(1, codes.length / (counts[0]! + counts[1]!));
  return { units: Math.min(...counts), rowsPerUser, users: { training: one!, here: other! } };
}

/** The column with ids as text or numbers. @throws DataError for lists */
export function scalarIds(column: RawColumn, path: string, message: string): ScalarColumn {
  const ids = asIds(column);
  if (ids.kind !== "list") return ids;
  throw new DataError({
    path,
    message: `${message}, but this column holds lists`,
    expected: "a column of numbers or text",
  });
}

/** How far the shares of two samples' bins (−1: left out) vary by chance; `undefined` for independent rows. */
export function noiseOf(
  { users }: Samples,
  training: Int8Array,
  here: Int8Array,
  bins: number,
): BinnedSamples["noise"] {
  if (users === null) return undefined;
  return userNoise({ users: users.training, bins: training }, { users: users.here, bins: here }, bins);
}

export type ComparedColumn = Omit<ColumnDrift, keyof Drift> & Pick<BinnedSamples, "noise" | "rowsPerUser">;

/** Bins a column and its training rows; `null` if only one has lists. @param isId numbers are ids: compared by value */
export function comparedColumn(
  name: string,
  training: RawColumn,
  here: RawColumn,
  isId: boolean,
  samples: Samples,
): ComparedColumn | null {
  const binned = (by: DriftMeasure, codes: BinCodes, unseen: number | null = null, chance: number | null = null) => {
    return { name, by, ...countBins(codes, samples), unseen, unseenByChance: chance };
  };
  if (training.kind === "list" && here.kind === "list") {
    return binned("items", quantileCodes(itemCounts(training), itemCounts(here), samples));
  }
  if (training.kind === "list" || here.kind === "list") return null;
  const isNumeric = !isId && training.kind === "number" && here.kind === "number";
  const hasFractions = isNumeric && (training.type === "float" || here.type === "float");
  // Booleans and times are compared as text. The ids of scalars are scalars.
  const [ids, idsHere] = [asIds(training) as ScalarColumn, asIds(here) as ScalarColumn];
  const counts = hasFractions ? null : countBoth(ids, idsHere);
  if (counts === null || (isNumeric && counts.size > mostValues)) {
    return binned("quantiles", quantileCodes(training as NumberColumn, here as NumberColumn, samples));
  }
  const rows = Math.max(1, columnRows(here));
  const unseen = [...counts.values()].reduce((sum, [a, b]) => sum + (a === 0 ? b : 0), 0) / rows;
  const chance = samples.users === null ? unseenByChance(counts) / rows : null;
  return binned("values", valueCodes(ids, idsHere, counts, samples), unseen, chance);
}

/** The bin of each row, −1 without a value. */
interface BinCodes {
  readonly names: readonly string[];
  readonly training: Int8Array;
  readonly here: Int8Array;
}

/** Rows without a value have a bin, if there are enough, and are pooled with the last bin otherwise. */
function countBins({ names: named, training, here }: BinCodes, samples: Samples) {
  const rows = training.length + here.length;
  const missing = rows - sum(binRows(training, named.length)) - sum(binRows(here, named.length));
  const isBin = named.length === 0 || missing * samples.units >= fewestExpected * rows;
  const pooled = isBin ? [...named, "(missing)"] : [...named.slice(0, -1), `${named.at(-1)} or missing`];
  const names = missing === 0 ? named : pooled;
  const [before, now] = [training, here].map((bins) => bins.map((bin) => (bin < 0 ? names.length - 1 : bin)));
  const [one, other] = [binRows(before!, names.length), binRows(now!, names.length)];
  const bins = names.map((name, bin): DriftBin => ({ name, training: one[bin]!, here: other[bin]! }));
  return { bins, noise: noiseOf(samples, before!, now!, names.length), rowsPerUser: samples.rowsPerUser };
}

type ValueCounts = Map<number | string, [training: number, here: number]>;

const quantileBins = 10;
const separateValues = 20;
/** With fewer expected rows of the smaller sample in a bin, the noise floor is wrong. */
const fewestExpected = 5;
/** The maximum number of training rows for quantiles, which bounds the memory. */
const sampledRows = 1_000_000;

export function itemCounts({ offsets, valid }: ListColumn): NumberColumn {
  const values = Int32Array.from({ length: offsets.length - 1 }, (_, row) => offsets[row + 1]! - offsets[row]!);
  return { kind: "number", type: "integer", values, valid };
}

/** Bins of equal numbers of training rows; equal numbers stay together. */
function quantileCodes(training: NumberColumn, here: NumberColumn, { units }: Samples): BinCodes {
  const most = Math.max(1, Math.min(quantileBins, Math.floor(units / fewestExpected)));
  const rows = columnRows(training);
  const source = random(1).fork("drift");
  const places = rows <= sampledRows ? null : Int32Array.from({ length: sampledRows }, () => source.integer(rows));
  const all = places ?? Int32Array.from({ length: rows }, (_, row) => row);
  const sorted = Float64Array.from(
    all.filter((row) => hasValue(training, row)),
    (row) => training.values[row]!,
  ).sort();
  const ends = equalMassEnds(sorted.length, most, (place) => sorted[place] === sorted[place - 1]);
  const starts = ends.slice(0, -1).map((end) => sorted[end]!);
  const names = [...starts, null].map((start, bin) => {
    const from = bin === 0 ? null : shortNumber(starts[bin - 1]!);
    const to = start === null ? null : shortNumber(start);
    if (from === null) return to === null ? "all" : `below ${to}`;
    return to === null ? `from ${from}` : `${from} to ${to}`;
  });
  const codes = (column: NumberColumn): Int8Array =>
    Int8Array.from(column.values, (value, row) => (hasValue(column, row) ? findBucket(value, starts) : -1));
  return { names, training: codes(training), here: codes(here) };
}

/** Bins of the values that are most frequent in both samples together; the others are pooled, also unseen ones. */
function valueCodes(training: ScalarColumn, here: ScalarColumn, counts: ValueCounts, samples: Samples): BinCodes {
  const share = samples.units / (columnRows(training) + columnRows(here));
  const ranked = [...counts].sort(([, a], [, b]) => b[0] + b[1] - a[0] - a[1]);
  const frequent = ranked.slice(0, separateValues).filter(([, [a, b]]) => (a + b) * share >= fewestExpected);
  const others = ranked.slice(frequent.length);
  const names = frequent.map(([value]) => valueName(value));
  if (others.length > 0) names.push(others.length === 1 ? valueName(others[0]![0]) : `(${others.length} others)`);
  const bins = new Map(frequent.map(([value], bin) => [value, bin]));
  const asNumbers = training.kind === "number" && here.kind === "number";
  const codes = (column: ScalarColumn): Int8Array => {
    const keys = [...rowsByKey(column).keys()];
    const byKey = new Map(keys.map((key) => [key, bins.get(keyValue(column, key, asNumbers)) ?? frequent.length]));
    return Int8Array.from(columnKeys(column), (key, row) => (hasValue(column, row) ? byKey.get(key)! : -1));
  };
  return { names, training: codes(training), here: codes(here) };
}

/** Rows by value in both samples; numbers are compared as numbers if both are, and otherwise as text. */
export function countBoth(training: ScalarColumn, here: ScalarColumn): ValueCounts {
  const asNumbers = training.kind === "number" && here.kind === "number";
  const counts: ValueCounts = new Map();
  for (const [sample, column] of [training, here].entries()) {
    for (const [key, rows] of rowsByKey(column)) {
      getOrMake(counts, keyValue(column, key, asNumbers), (): [number, number] => [0, 0])[sample as 0 | 1] += rows;
    }
  }
  return counts;
}

/**
 * The expected rows here whose values training lacks by chance: Σ rows of a value × the probability that all of them
 * are here.
 */
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

export function shortNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

export function valueName(value: unknown): string {
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

export interface DriftParts
  extends Pick<DriftReport, "training" | "trainingRows" | "rows" | "notes" | "user" | "units"> {
  readonly columns: readonly ComparedColumn[];
  /** By label: over all rows, then by domain. */
  readonly labels: readonly { readonly label: string; readonly rates: readonly RatePair[] }[];
}

export function driftReport({ columns, labels, ...parts }: DriftParts): DriftReport {
  const samples = columns.map(({ bins, noise, rowsPerUser }): BinnedSamples => {
    return { noise, rowsPerUser, training: bins.map(({ training }) => training), here: bins.map(({ here }) => here) };
  });
  const pairs = labels.flatMap(({ rates }) => rates);
  const tested = driftTests(samples, pairs, level);
  return {
    ...parts,
    columns: columns.map(({ noise: _, rowsPerUser: __, ...column }, at) => ({ ...column, ...tested.columns[at]! })),
    labels: labels.map(({ label, rates }): LabelDrift => {
      const [overall, ...domains] = tested.rates.splice(0, rates.length);
      return { label, overall: overall!, domains };
    }),
    level,
  };
}
