/** The inputs of sequence encoders: gathers positions, and sums their gradients by row of the tables. */
import type { BagColumn, Batch, EncodedData } from "../../data/encoded/encoded.js";
import { type Plan, readEncoders, readViews } from "../../nn/plan/plan.js";
import type { SequenceView } from "../../nn/plan/sequences.js";
import { featureWidth, findFeature, holdsSeveral, type Pooling } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { sequenceTable } from "../../spec/sizes.js";
import { addScaled, copyRow, type GroupSlot, misfit, outside } from "./groups.js";
import type { Feed } from "./outputs.js";
import { type EmbeddingTable, preloadRows } from "./weight-store.js";

export interface SequenceSlot extends Omit<GroupSlot, "firstOnly" | "weighted"> {
  readonly rule: PositionRule;
}

export interface SequenceLayout {
  readonly view: SequenceView;
  readonly slots: readonly SequenceSlot[];
  readonly windows: readonly { readonly input: string; readonly sizes: readonly number[] }[];
}

export function sequenceLayout(
  plan: Plan,
  view: SequenceView,
  tables: ReadonlyMap<string, EmbeddingTable>,
): SequenceLayout {
  let offset = 0;
  const slots = view.sequence.map((name): SequenceSlot => {
    const feature = findFeature(plan.spec, name)!;
    if (feature.kind === "other") throw new Error(`the plan must not contain "${name}"`);
    const table = sequenceTable(feature, view.suffix);
    const width = featureWidth(feature);
    offset += width;
    return {
      feature: name,
      rule: positionRule(plan.spec, name),
      offset: offset - width,
      width,
      table: table === null ? null : tables.get(table)!,
      pooling: feature.pooling,
    };
  });
  const windows = readEncoders(plan).flatMap(({ name, encoder, view: read }) =>
    read.name === view.name && encoder.kind === "multi_window_din"
      ? [{ input: `windows.${name}`, sizes: encoder.windows }]
      : [],
  );
  return { view, slots, windows };
}

/** @param longest positions of every row @param matrix returns room for the sequence */
export function sequenceFeeds(
  { view, slots, windows }: SequenceLayout,
  data: EncodedData,
  rows: Int32Array,
  longest: number,
  matrix: (name: string, size: number) => Float32Array,
): [string, Feed][] {
  const { name, width } = view;
  const count = rows.length * longest;
  const sequence = matrix(`sequence.${name}`, count * width).fill(0);
  for (const slot of slots) gatherSequence(slot, data, rows, longest, width, sequence);
  const [first] = slots;
  const column = sequenceColumn(data, first!.feature);
  const whole = new Float32Array(rows.length).map((_, at) => positionsIn(column, rows[at]!, first!.rule));
  const most = view.maxLength > 0 ? view.maxLength : Number.POSITIVE_INFINITY;
  const length = whole.map((positionCount) => Math.min(positionCount, most));
  const mask = matrix(`mask.${name}`, count);
  length.forEach((positionCount, at) => {
    mask.fill(1, at * longest, at * longest + positionCount);
    mask.fill(0, at * longest + positionCount, (at + 1) * longest);
  });
  const feed = (input: string, shape: readonly number[], values: Float32Array): [string, Feed] => {
    return [input, { dtype: "float32", shape, data: values }];
  };
  return [
    feed(`sequence.${name}`, [count, width], sequence),
    feed(`mask.${name}`, [rows.length, longest], mask),
    feed(`length.${name}`, [rows.length, 1], length),
    feed(`length.${name}.whole`, [rows.length, 1], whole),
    feed(`positions.${name}.inverse`, [], Float32Array.of(1 / count)),
    ...windows.map(({ input, sizes }) => feed(input, [sizes.length, longest], membership(sizes, longest))),
  ];
}

/** [windows, longest]: 1 where a position belongs to a window. */
function membership(sizes: readonly number[], longest: number): Float32Array {
  const members = new Float32Array(sizes.length * longest);
  let start = 0;
  for (const [window, size] of sizes.entries()) {
    const from = Math.min(start, longest);
    start += size;
    members.fill(1, window * longest + from, window * longest + Math.min(start, longest));
  }
  return members;
}

function gatherSequence(
  slot: SequenceSlot,
  data: EncodedData,
  rows: Int32Array,
  longest: number,
  dim: number,
  out: Float32Array,
): void {
  const column = sequenceColumn(data, slot.feature);
  const { table, width, offset } = slot;
  forEachPosition(slot, column, rows, longest, (row, position, start, end) => {
    const to = (row * longest + position) * dim + offset;
    if (table === null) {
      for (let j = 0; j < width; j++) out[to + j] = column.weights![start + j]!;
      return;
    }
    const scale = poolingScale(column, start, end, slot.pooling);
    for (let item = start; item < end; item++) {
      const id = column.ids[item]!;
      if (id < 0) continue;
      if (id >= table.rows) throw outside(slot.feature, id, table, rows[row]!);
      if (end - start === 1) copyRow(table.values, id * width, out, to, width);
      else for (let j = 0; j < width; j++) out[to + j] = out[to + j]! + scale * table.values[id * width + j]!;
    }
  });
}

/** @param gradient [rows · longest, dim], rows as arranged @param arranged each row's place in the gradient */
export function scatterSequence(
  slot: SequenceSlot,
  dim: number,
  data: EncodedData,
  rows: Int32Array,
  arranged: Int32Array,
  gradient: Float32Array,
): void {
  const { table, width, offset } = slot;
  if (table === null) return;
  const column = sequenceColumn(data, slot.feature);
  const longest = gradient.length / (rows.length * dim);
  let count = 0;
  const add = () => {
    table.gradientPlaces(ids, count);
    for (let i = 0; i < count; i++) {
      addScaled(table.gradient, ids[i]! * width, gradient, sources[i]!, width, factors[i]!);
    }
    count = 0;
  };
  forEachPosition(slot, column, rows, longest, (row, position, start, end) => {
    const from = (arranged[row]! * longest + position) * dim + offset;
    const scale = poolingScale(column, start, end, slot.pooling);
    for (let item = start; item < end; item++) {
      if (column.ids[item]! < 0) continue;
      if (count === preloadRows) add();
      ids[count] = column.ids[item]!;
      sources[count] = from;
      factors[count++] = scale;
    }
  });
  add();
}

/** Vectors that are scattered together, with their ids, places in the gradient, and factors. */
const ids = new Int32Array(preloadRows);
const sources = new Int32Array(preloadRows);
const factors = new Float64Array(preloadRows);

/** Calls back with the items of each position, up to `longest` a row; `row` is the place in `rows`. */
function forEachPosition(
  { rule }: SequenceSlot,
  column: BagColumn,
  rows: Int32Array,
  longest: number,
  call: (row: number, position: number, start: number, end: number) => void,
): void {
  const { offsets, ids } = column;
  const { kind, numbers } = rule;
  for (let row = 0; row < rows.length; row++) {
    const end = offsets[rows[row]! + 1]!;
    let start = offsets[rows[row]!]!;
    for (let position = 0; position < longest && start < end; position++) {
      let next = start + numbers;
      if (kind === "several") {
        next = start;
        while (ids[next]! >= 0) next++;
        call(row, position, start, next);
        next++; // the −1 that ends a position
      } else call(row, position, start, next);
      start = next;
    }
  }
}

/** The factor of a position's vectors: 1 for a sum, 1 / values for a mean. */
function poolingScale({ ids }: BagColumn, start: number, end: number, pooling: Pooling): number {
  if (pooling === "sum" || end - start < 2) return 1;
  let count = 0;
  for (let item = start; item < end; item++) if (ids[item]! >= 0) count++;
  return count === 0 ? 0 : 1 / count;
}

export interface PositionRule {
  readonly kind: "single" | "several" | "numbers";
  readonly numbers: number;
}

export function positionRule(spec: ModelSpec, name: string): PositionRule {
  const feature = findFeature(spec, name);
  if (feature?.kind === "raw" && feature.boundaries.length === 0) return { kind: "numbers", numbers: feature.valueDim };
  return { kind: feature !== undefined && holdsSeveral(feature) ? "several" : "single", numbers: 1 };
}

/** The column of a sequence feature. @throws DataError if the data has another one */
export function sequenceColumn(data: EncodedData, feature: string): BagColumn {
  const column = data.features.get(feature);
  if (column?.kind === "bag") return column;
  throw misfit(feature, "the model reads this feature as a sequence, but the data has one value per row");
}

export function positionsIn(column: BagColumn, row: number, { kind, numbers }: PositionRule): number {
  const [start, end] = [column.offsets[row]!, column.offsets[row + 1]!];
  if (kind !== "several") return (end - start) / numbers;
  let count = 0;
  for (let item = start; item < end; item++) if (column.ids[item]! < 0) count++;
  return count;
}

/**
 * The positions of each view's longest row, after the cut; at least 1, since ONNX cannot reshape to an empty dimension.
 */
export function longestPositions(plan: Plan, { data, rows }: Batch): ReadonlyMap<string, number> {
  return new Map(
    readViews(plan).map(({ name, sequence, maxLength }) => {
      const rule = positionRule(plan.spec, sequence[0]!);
      const column = sequenceColumn(data, sequence[0]!);
      let longest = 1;
      for (const row of rows) longest = Math.max(longest, positionsIn(column, row, rule));
      return [name, maxLength > 0 ? Math.min(longest, maxLength) : longest];
    }),
  );
}

/** Maximum rows of a piece. Fewer cost more, since each run packs the weights again and returns all gradients. */
export const pieceRows = 2048;

/** Splits rows into as few consecutive pieces as possible; without rows, one empty piece. */
export function splitPieces(share: Batch, most: number): Batch[] {
  const { data, rows } = share;
  const count = Math.ceil(rows.length / most);
  if (count <= 1) return [share];
  const bound = (piece: number) => Math.floor((rows.length * piece) / count);
  return Array.from({ length: count }, (_, piece) => ({ data, rows: rows.subarray(bound(piece), bound(piece + 1)) }));
}
