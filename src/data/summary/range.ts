/** The range and spread of a column's numbers. */
import { columnRows, hasValue, type NumberColumn, type TextColumn } from "../table/column.js";

/** Bins of a histogram. */
const BINS = 20;

/** The frequency of each number, or of each word's code. */
export function countValues(values: NumberColumn | TextColumn): Map<number, number> {
  const counts = new Map<number, number>();
  for (let at = 0; at < columnRows(values); at++) {
    if (!hasValue(values, at)) continue;
    const value = (values.kind === "text" ? values.codes[at] : values.values[at]) as number;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** The range and spread of a column; `null` for text. */
export type Range = {
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly quantiles: readonly [low: number, median: number, high: number] | null;
  readonly histogram: readonly number[] | null;
};

const noRange: Range = { min: null, max: null, mean: null, deviation: null, quantiles: null, histogram: null };

export function valueRange(column: NumberColumn | TextColumn, counts: ReadonlyMap<number, number>): Range {
  if (column.kind === "text" || counts.size === 0) return noRange;
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const rows = sorted.reduce((total, [, count]) => total + count, 0);
  const mean = sorted.reduce((sum, [value, count]) => sum + value * count, 0) / rows;
  const squares = sorted.reduce((sum, [value, count]) => sum + count * (value - mean) ** 2, 0);
  const quantiles = [
    quantile(sorted, 0.05 * rows),
    quantile(sorted, 0.5 * rows),
    quantile(sorted, 0.95 * rows),
  ] as const;
  const [min, max] = [sorted[0]![0], sorted.at(-1)![0]];
  const histogram = binCounts(sorted, min, max);
  return { min, max, mean, deviation: Math.sqrt(squares / rows), quantiles, histogram };
}

/** Rows in bins of equal width; one bin if all values are equal. */
function binCounts(sorted: readonly (readonly [number, number])[], min: number, max: number): number[] {
  const bins = new Array<number>(max > min && Number.isFinite(max - min) ? BINS : 1).fill(0);
  for (const [value, count] of sorted) {
    const bin = bins.length === 1 ? 0 : Math.min(BINS - 1, Math.floor((BINS * (value - min)) / (max - min)));
    bins[bin] = bins[bin]! + count;
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
