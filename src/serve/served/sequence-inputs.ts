/** Converts encoded sequences to inputs: positions side by side, padded to the longest row. */
import type { BagColumn } from "../../data/index.js";
import type { SequenceColumnEncoder } from "../format/encoder-types.js";
import type { RowRange, ServedInput } from "../format/ports.js";

/** Adds a sequence's positions, and their numbers if the graph needs them. */
export function addSequence(
  inputs: Map<string, ServedInput>,
  encoder: SequenceColumnEncoder,
  column: BagColumn,
  { from, to }: RowRange,
): void {
  const rows = Array.from({ length: to - from }, (_, at) => positionsIn(encoder, column, from + at));
  const longest = rows.reduce((most, positions) => Math.max(most, positions.length), 1);
  inputs.set(encoder.name, encoder.rows === null ? numbers(encoder, rows, longest) : ids(encoder, rows, longest));
  if (encoder.length === null) return;
  const values = BigInt64Array.from(rows, (positions) => BigInt(positions.length));
  inputs.set(encoder.length, { type: "int64", values, shape: [rows.length] });
}

type Positions = readonly ArrayLike<number>[];

/** The ids or numbers of each position of a row. */
function positionsIn(
  { rows, several, dim }: SequenceColumnEncoder,
  { offsets, ids: all, weights }: BagColumn,
  row: number,
): Positions {
  const [start, end] = [offsets[row]!, offsets[row + 1]!];
  const isNumbers = rows === null;
  const [items, width] = isNumbers ? [weights!, dim] : [all, 1];
  const positions: ArrayLike<number>[] = [];
  for (let item = start; item < end; ) {
    let next = item + width;
    if (several) {
      next = item;
      while (all[next]! >= 0) next++;
    }
    positions.push(items.subarray(item, next));
    item = several ? next + 1 : next; // −1 ends a position of several ids
  }
  return positions;
}

function numbers({ dim }: SequenceColumnEncoder, rows: readonly Positions[], longest: number): ServedInput {
  const values = new Float32Array(rows.length * longest * dim);
  for (const [row, positions] of rows.entries())
    for (const [at, position] of positions.entries()) values.set(position, (row * longest + at) * dim);
  return { type: "float32", values, shape: [rows.length, longest, dim] };
}

function ids({ several }: SequenceColumnEncoder, rows: readonly Positions[], longest: number): ServedInput {
  const width = rows.flat().reduce((most, { length }) => Math.max(most, length), 1);
  const values = new BigInt64Array(rows.length * longest * width).fill(-1n);
  for (const [row, positions] of rows.entries())
    for (const [at, position] of positions.entries())
      for (let item = 0; item < position.length; item++)
        values[(row * longest + at) * width + item] = BigInt(position[item]!);
  return { type: "int64", values, shape: several ? [rows.length, longest, width] : [rows.length, longest] };
}
