import type { BagColumn, EncodedData, FeatureColumn, IdColumn } from "../data/encoded/encoded.js";
import { type ModelSpec, usedFeatures } from "../spec/model.js";
import type { Work } from "../util/turns.js";

export interface LinearColumn {
  readonly name: string;
  /** The position of each id's weight; empty for numbers. */
  readonly positions: ReadonlyMap<number, number>;
  /** For numbers: the position of the first weight, and each number's mean and standard deviation. */
  readonly numbers: { readonly position: number; readonly means: number[]; readonly deviations: number[] } | null;
}

/** Rows as sparse vectors: row r has the entries `starts[r] … starts[r + 1] − 1`. */
export interface SparseRows {
  readonly starts: Int32Array;
  readonly positions: Int32Array;
  readonly values: Float32Array;
}

export const rowsPerTurn = 512;

export function* linearColumns(spec: ModelSpec, data: EncodedData, rows: Int32Array): Work<LinearColumn[]> {
  const used = usedFeatures(spec);
  const columns: LinearColumn[] = [];
  let next = 0;
  for (const [name, column] of data.features) {
    if (!used.has(name)) continue;
    yield;
    if (column.kind === "dense") {
      columns.push({ name, positions: new Map(), numbers: { position: next, ...columnMoments(column, rows) } });
      next += column.dim;
      continue;
    }
    const positions = new Map<number, number>();
    for (const row of rows) {
      const [start, end] = idRange(column, row);
      for (let at = start; at < end; at++) {
        const id = column.ids[at]!;
        if (id >= 0 && !positions.has(id)) positions.set(id, next++);
      }
    }
    columns.push({ name, positions, numbers: null });
  }
  return columns;
}

function columnMoments({ dim, values }: { readonly dim: number; readonly values: Float32Array }, rows: Int32Array) {
  const means: number[] = [];
  const deviations: number[] = [];
  for (let at = 0; at < dim; at++) {
    // Welford's method: the difference of two sums would lose the deviation of large numbers, such as times.
    let [count, mean, squares] = [0, 0, 0];
    for (const row of rows) {
      const value = values[row * dim + at]!;
      if (!Number.isFinite(value)) continue;
      const difference = value - mean;
      mean += difference / ++count;
      squares += difference * (value - mean);
    }
    means.push(Math.fround(mean));
    deviations.push(Math.fround(Math.sqrt(squares / Math.max(1, count))));
  }
  return { means, deviations };
}

export function weightCount(columns: readonly LinearColumn[]): number {
  return columns.reduce((total, { positions, numbers }) => total + positions.size + (numbers?.means.length ?? 0), 1);
}

function idRange(column: IdColumn | BagColumn, row: number): readonly [start: number, end: number] {
  return column.kind === "ids" ? [row, row + 1] : [column.offsets[row]!, column.offsets[row + 1]!];
}

/** These rows of `data`, in order. Ids that no column has are left out. */
export function* sparseRows(columns: readonly LinearColumn[], data: EncodedData, rows: Int32Array): Work<SparseRows> {
  const sources = columns.map((column) => ({ ...column, source: data.features.get(column.name)! }));
  const most = sources.reduce((sum, { source }) => sum + mostEntries(source, rows), 0);
  const entries = { positions: new Int32Array(most), values: new Float32Array(most), count: 0 };
  const starts = new Int32Array(rows.length + 1);
  for (let from = 0; from < rows.length; from += rowsPerTurn) {
    yield;
    const turn = rows.subarray(from, from + rowsPerTurn);
    for (let at = 0; at < turn.length; at++) {
      for (const column of sources) addEntries(column, turn[at]!, entries);
      starts[from + at + 1] = entries.count;
    }
  }
  const { positions, values, count } = entries;
  return { starts, positions: positions.subarray(0, count), values: values.subarray(0, count) };
}

function mostEntries(source: FeatureColumn, rows: Int32Array): number {
  if (source.kind === "dense") return source.dim * rows.length;
  if (source.kind === "ids") return rows.length;
  return rows.reduce((sum, row) => sum + source.offsets[row + 1]! - source.offsets[row]!, 0);
}

function addEntries(
  { source, positions, numbers }: LinearColumn & { readonly source: FeatureColumn },
  row: number,
  to: { readonly positions: Int32Array; readonly values: Float32Array; count: number },
): void {
  const add = (position: number, value: number): void => {
    to.positions[to.count] = position;
    to.values[to.count++] = value;
  };
  if (source.kind === "dense") {
    const { position, means, deviations } = numbers!;
    for (let at = 0; at < source.dim; at++) {
      const value = source.values[row * source.dim + at]!;
      if (!Number.isFinite(value) || deviations[at] === 0) continue;
      add(position + at, (value - means[at]!) / deviations[at]!);
    }
    return;
  }
  const [start, end] = idRange(source, row);
  for (let at = start; at < end; at++) {
    const position = positions.get(source.ids[at]!);
    if (position === undefined) continue; // unseen in training
    add(position, (source.kind === "bag" ? (source.weights?.[at] ?? 1) : 1) / (end - start));
  }
}

/** The log odds of a row; the last weight is the intercept. */
export function logit(
  { starts, positions, values }: SparseRows,
  row: number,
  weights: Float32Array | Float64Array,
): number {
  let sum = weights[weights.length - 1]!;
  for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += weights[positions[at]!]! * values[at]!;
  return sum;
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
