/**
 * Bins in which a column is compared with the training rows: numbers by the quantiles of training, other values one by
 * one, the rare ones pooled.
 */
import { equalMassEnds } from "../../metrics/calibration-curve.js";
import type { BinnedSamples } from "../../metrics/drift.js";
import type { EvaluationGroups } from "../../metrics/types.js";
import { getOrMake } from "../../util/growing.js";
import { random } from "../../util/random.js";
import { sum } from "../../util/turns.js";
import { numberText } from "../cells.js";
import { findBucket } from "../encode/raw.js";
import {
  columnRows,
  hasValue,
  type ListColumn,
  type NumberColumn,
  rowsByKey,
  type ScalarColumn,
} from "../table/column.js";

/** Rows of both samples, in bins that have names. */
export interface DriftBins extends BinnedSamples {
  /** In the order of the counts: `3 … 7`, `beauty`, `(12 others)`, `(missing)`. */
  readonly names: readonly string[];
}

/** Bins of numbers, and values with separate bins. */
const quantileBins = 10;
const separateValues = 20;
/** Fewer expected rows of the smaller sample make the noise floor wrong. */
const fewestExpected = 5;
/** The training rows of which the quantiles are computed, so that memory stays bounded. */
const sampledRows = 1_000_000;

/** Numbers of items, for columns of lists. */
export function itemCounts({ offsets, valid }: ListColumn): NumberColumn {
  const values = Int32Array.from({ length: offsets.length - 1 }, (_, row) => offsets[row + 1]! - offsets[row]!);
  return { kind: "number", type: "integer", values, valid };
}

/** Bins of equal numbers of training rows; equal numbers stay together. */
export function quantileCounts(training: NumberColumn, here: NumberColumn): DriftBins {
  const smaller = Math.min(columnRows(training), columnRows(here));
  const bins = Math.max(1, Math.min(quantileBins, Math.floor(smaller / fewestExpected)));
  const sorted = sampledValues(training).sort();
  const ends = equalMassEnds(sorted.length, bins, (place) => sorted[place] === sorted[place - 1]);
  const starts = ends.slice(0, -1).map((end) => sorted[end]!);
  const names = [...starts, null].map((start, bin) => {
    const from = bin === 0 ? null : starts[bin - 1]!;
    if (from === null) return start === null ? "all" : `below ${shortNumber(start)}`;
    return start === null ? `from ${shortNumber(from)}` : `${shortNumber(from)} to ${shortNumber(start)}`;
  });
  const counts = (column: NumberColumn): number[] => {
    const rows = new Array<number>(starts.length + 1).fill(0);
    for (const [row, value] of column.values.entries()) {
      if (hasValue(column, row)) rows[findBucket(value, starts)]! += 1;
    }
    return rows;
  };
  return withMissing({ names, training: counts(training), here: counts(here) }, training, here);
}

/** Bins of the values that are most frequent in both samples together; the others are pooled, also unseen ones. */
export function valueBins(
  training: ScalarColumn,
  here: ScalarColumn,
  counts: ReadonlyMap<number | string, readonly [training: number, here: number]>,
): DriftBins {
  const [n, m] = [columnRows(training), columnRows(here)];
  const fewest = (fewestExpected * (n + m)) / Math.max(1, Math.min(n, m));
  const ranked = [...counts].sort(([, a], [, b]) => b[0] + b[1] - a[0] - a[1]);
  const frequent = ranked.slice(0, separateValues).filter(([, [a, b]]) => a + b >= fewest);
  const others = ranked.slice(frequent.length);
  const bins = frequent.map(([value, rows]) => ({ name: valueName(value), rows }));
  if (others.length > 0) {
    const name = others.length === 1 ? valueName(others[0]![0]) : `(${others.length} others)`;
    const rows = [0, 1].map((sample) => others.reduce((rows, [, counts]) => rows + counts[sample]!, 0));
    bins.push({ name, rows: rows as [number, number] });
  }
  const names = bins.map(({ name }) => name);
  const [a, b] = [bins.map(({ rows }) => rows[0]), bins.map(({ rows }) => rows[1])];
  return withMissing({ names, training: a, here: b }, training, here);
}

/** Rows by value in both samples; numbers are compared as numbers if both are, and otherwise as text. */
export function countBoth(
  training: ScalarColumn,
  here: ScalarColumn,
): Map<number | string, [training: number, here: number]> {
  const asNumbers = training.kind === "number" && here.kind === "number";
  const counts = new Map<number | string, [number, number]>();
  for (const [sample, column] of [training, here].entries()) {
    for (const [key, rows] of rowsByKey(column)) {
      const value = keyValue(column, key, asNumbers);
      getOrMake(counts, value, (): [number, number] => [0, 0])[sample as 0 | 1] += rows;
    }
  }
  return counts;
}

/**
 * The rows here whose values training lacks if chance alone had divided the rows of both samples: Σ over values of
 * their rows, times the probability that all of them are here.
 */
export function unseenByChance(
  counts: ReadonlyMap<number | string, readonly [training: number, here: number]>,
): number {
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
function withMissing({ names, training, here }: DriftBins, one: ScalarColumn, other: ScalarColumn): DriftBins {
  const [n, m] = [columnRows(one), columnRows(other)];
  const [a, b] = [n - sum(training), m - sum(here)];
  if (a + b === 0) return { names, training, here };
  const expected = ((a + b) * Math.min(n, m)) / (n + m);
  if (expected >= fewestExpected || names.length === 0) {
    return { names: [...names, "(missing)"], training: [...training, a], here: [...here, b] };
  }
  const last = names.length - 1;
  const add = (counts: readonly number[], rows: number): number[] =>
    counts.map((count, bin) => (bin === last ? count + rows : count));
  return {
    names: names.map((name, bin) => (bin === last ? `${name} or missing` : name)),
    training: add(training, a),
    here: add(here, b),
  };
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
