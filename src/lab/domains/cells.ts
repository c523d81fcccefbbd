/** Score tests of a table of two columns: all cells at once, without both main effects. */
import { effectiveUsers } from "../../core/metrics/intervals/clusters.js";
import { dot, sigmoid } from "../../core/util/numbers.js";
import type { Work } from "../../core/util/turns.js";
import type { Clustering, GroupedField } from "./evidence.js";
import type { Field } from "./floor.js";
import { leftOut, type Moments, type QuadraticScore } from "./rao-scott.js";

/** The residuals of the labels after the floor, and their variance p (1 − p). */
export interface Residuals {
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
}

export function residualsOf(logits: Float64Array, labels: Float32Array): Residuals {
  const chances = logits.map(sigmoid);
  return { residuals: chances.map((p, row) => labels[row]! - p), weights: chances.map((p) => p * (1 - p)) };
}

/** The pairs of values that rows have. */
export interface Cells {
  /** The cell of each row. */
  readonly of: Int32Array;
  /** By cell: the level of the column with fewer levels, and that of the other one. */
  readonly few: Int32Array;
  readonly many: Int32Array;
  readonly levels: readonly [few: number, many: number];
}

/** 1 / variance of a cell's effect: shrinks cells of few rows. */
export const prior = 10;
const sweeps = 4;
const tiny = 1e-9;

export function cellsOf(few: Field, { rows, starts, levels }: GroupedField): Cells {
  const numbers = new Int32Array(few.levels).fill(-1);
  const of = new Int32Array(few.codes.length);
  const [ofFew, ofMany]: number[][] = [[], []];
  for (let level = 0; level < levels; level++) {
    const first = ofFew!.length;
    for (let at = starts[level]!; at < starts[level + 1]!; at++) {
      const code = few.codes[rows[at]!]!;
      if (numbers[code]! < first) {
        numbers[code] = ofFew!.push(code) - 1;
        ofMany!.push(level);
      }
      of[rows[at]!] = numbers[code]!;
    }
  }
  return { of, few: Int32Array.from(ofFew!), many: Int32Array.from(ofMany!), levels: [few.levels, levels] };
}

export function sumsBy(codes: Int32Array, values: Float64Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  for (let at = 0; at < codes.length; at++) sums[codes[at]!]! += values[at]!;
  return sums;
}

/** Removes the main effects of both columns from sums by cell; changes `sums`. @param weights by cell */
export function withoutMainEffects(sums: Float64Array, weights: Float64Array, cells: Cells): Float64Array {
  const sides = [cells.few, cells.many].map((codes, side) => {
    const totals = sumsBy(codes, weights, cells.levels[side]!);
    return { codes, shares: weights.map((weight, cell) => weight / Math.max(totals[codes[cell]!]!, tiny)) };
  });
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const [side, { codes, shares }] of sides.entries()) {
      const totals = sumsBy(codes, sums, cells.levels[side]!);
      for (let cell = 0; cell < sums.length; cell++) sums[cell]! -= shares[cell]! * totals[codes[cell]!]!;
    }
  }
  return sums;
}

/** Sums by cluster and cell, cluster by cluster. */
export interface Entries {
  readonly starts: Int32Array;
  readonly cell: Int32Array;
  readonly sums: Float64Array;
  readonly weights: Float64Array;
  readonly rows: Float64Array;
}

export function entriesOf(
  { of, few }: Cells,
  { residuals, weights: ofRows }: Residuals,
  groups: GroupedField,
): Entries {
  const places = new Int32Array(few.length).fill(-1);
  const starts = new Int32Array(groups.levels + 1);
  const cell = new Int32Array(of.length);
  const [sums, weights, rows] = [0, 0, 0].map(() => new Float64Array(of.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let filled = 0;
  for (let group = 0; group < groups.levels; group++) {
    const first = filled;
    for (let at = groups.starts[group]!; at < groups.starts[group + 1]!; at++) {
      const row = groups.rows[at]!;
      const here = of[row]!;
      if (places[here]! < first) {
        cell[filled] = here;
        places[here] = filled++;
      }
      const entry = places[here]!;
      sums[entry]! += residuals[row]!;
      weights[entry]! += ofRows[row]!;
      rows[entry]! += 1;
    }
    starts[group + 1] = filled;
  }
  const part = <A extends Int32Array | Float64Array>(all: A): A => all.subarray(0, filled) as A;
  return { starts, cell: part(cell), sums: part(sums), weights: part(weights), rows: part(rows) };
}

/** Effective number of clusters, by their information on their cells. */
export function clusterCount({ starts, cell, weights }: Entries, metric: Float64Array): number {
  const shares = new Float64Array(starts.length - 1);
  for (let group = 0; group < shares.length; group++) {
    for (let at = starts[group]!; at < starts[group + 1]!; at++) shares[group]! += weights[at]! * metric[cell[at]!]!;
  }
  return effectiveUsers(shares);
}

/** A table of few cells. */
export function* tableTest(
  few: Field,
  many: GroupedField,
  rows: Residuals,
  clusterings: readonly Clustering[],
): Work<QuadraticScore> {
  const cells = cellsOf(few, many);
  const size = cells.few.length;
  const weights = sumsBy(cells.of, rows.weights, size);
  const metric = weights.map((weight) => 1 / (weight + prior));
  const sums = withoutMainEffects(sumsBy(cells.of, rows.residuals, size), weights, cells);
  const effect = sums.map((sum, cell) => sum * metric[cell]!);
  // Around the cells' effects: what is a signal must not count as noise.
  const residuals = rows.residuals.map((each, row) => each - rows.weights[row]! * effect[cells.of[row]!]!);
  const moments: Moments[] = [];
  for (const { groups } of clusterings) {
    yield;
    const entries = entriesOf(cells, { residuals, weights: rows.weights }, groups);
    const { cell } = entries;
    for (let at = 0; at < cell.length; at++) entries.sums[at]! *= leftOut(entries.weights[at]! * metric[cell[at]!]!);
    const middle = projected(projected(productsOf(entries, size), weights, cells), weights, cells);
    let [mean, squares] = [0, 0];
    for (let i = 0; i < size; i++) {
      mean += middle[i * size + i]! * metric[i]!;
      for (let j = 0; j < size; j++) squares += middle[i * size + j]! ** 2 * metric[i]! * metric[j]!;
    }
    moments.push({ mean, squares, clusters: clusterCount(entries, metric) });
  }
  return { score: dot(sums, effect), moments };
}

/** [cells, cells]: Σ over clusters of s sᵀ. */
function productsOf({ starts, cell, sums }: Entries, size: number): Float64Array {
  const products = new Float64Array(size * size);
  for (let group = 0; group + 1 < starts.length; group++) {
    for (let i = starts[group]!; i < starts[group + 1]!; i++) {
      for (let j = starts[group]!; j < starts[group + 1]!; j++) {
        products[cell[i]! * size + cell[j]!]! += sums[i]! * sums[j]!;
      }
    }
  }
  return products;
}

/** The transpose, with each of its columns without main effects. */
function projected(matrix: Float64Array, weights: Float64Array, cells: Cells): Float64Array {
  const size = cells.few.length;
  const result = new Float64Array(matrix.length);
  for (let i = 0; i < size; i++) {
    const row = withoutMainEffects(matrix.slice(i * size, (i + 1) * size), weights, cells);
    for (let j = 0; j < size; j++) result[j * size + i] = row[j]!;
  }
  return result;
}
