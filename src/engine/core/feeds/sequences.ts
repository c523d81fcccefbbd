import type { BagColumn, EncodedData } from "../../../data/encoded/index.js";
import { type Plan, readEncoders, type SequenceView } from "../../../nn/plan/index.js";
import { featureWidth, findFeature, type Pooling, sequenceTable } from "../../../spec/index.js";
import type { Feed } from "../runner.js";
import { preloadRows } from "../simd/preload.js";
import type { EmbeddingTable } from "../weights/table.js";
import { addScaled } from "./bags.js";
import { copyRow, outside } from "./groups.js";
import { type PositionRule, positionRule, positionsIn, sequenceColumn } from "./positions.js";

export interface SequenceSlot {
  readonly feature: string;
  readonly rule: PositionRule;
  readonly offset: number;
  readonly width: number;
  readonly table: EmbeddingTable | null;
  readonly pooling: Pooling;
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
  const whole = Float32Array.from(rows, (row) => positionsIn(column, row, first!.rule));
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

/** Vectors that are scattered together: their ids, their places in the gradient, and their factors. */
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

/** 1 for a sum; 1 / values for a mean. */
function poolingScale({ ids }: BagColumn, start: number, end: number, pooling: Pooling): number {
  if (pooling === "sum" || end - start < 2) return 1;
  let count = 0;
  for (let item = start; item < end; item++) if (ids[item]! >= 0) count++;
  return count === 0 ? 0 : 1 / count;
}
