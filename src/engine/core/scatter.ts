/** The way back: gradients of the groups' matrices, summed by the rows of the embedding tables. */
import type { Batch, IdColumn } from "../../data/encoded.js";
import type { GroupName, Pooling } from "../../spec/index.js";
import { forEachInBag, poolingScale } from "./bags.js";
import type { GroupLayout } from "./groups.js";
import type { EmbeddingTable } from "./table.js";

/** An embedded feature, and where it stands in the groups' matrices. */
export interface EmbeddedFeature {
  readonly feature: string;
  readonly table: EmbeddingTable;
  readonly pooling: Pooling;
  readonly places: readonly { readonly group: GroupName; readonly dim: number; readonly offset: number }[];
}

/** The embedded features of some groups. */
export function embeddedFeatures(layouts: Iterable<GroupLayout>): EmbeddedFeature[] {
  const found = new Map<string, EmbeddedFeature & { places: EmbeddedFeature["places"][number][] }>();
  for (const { name: group, dim, slots } of layouts) {
    for (const { feature, table, pooling, offset } of slots) {
      if (table === null) continue;
      const known = found.get(feature) ?? { feature, table, pooling, places: [] };
      known.places.push({ group, dim, offset });
      found.set(feature, known);
    }
  }
  return [...found.values()];
}

/** A feature's columns in the gradient of a group's matrix. */
interface Source {
  readonly gradient: Float32Array;
  /** Columns of the matrix. */
  readonly dim: number;
  readonly offset: number;
}

/**
 * Adds the gradient of the groups' inputs to the features' tables. As in TorchEasyRec, where groups share one look-up, a
 * feature's gradients are summed over groups first, then over the rows in the batch's own order: so sums round alike.
 *
 * @param gradients by group, [rows, dim], rows as arranged
 * @param order for each arranged row, its place in the batch
 */
export function scatterGradients(
  features: readonly EmbeddedFeature[],
  batch: Batch,
  order: Int32Array,
  gradients: ReadonlyMap<GroupName, Float32Array>,
): void {
  const arranged = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) arranged[order[i] as number] = i;
  for (const { feature, table, pooling, places } of features) {
    const column = batch.data.features.get(feature);
    if (column === undefined || column.kind === "dense") continue;
    const sources = places.flatMap(({ group, dim, offset }): Source[] => {
      const gradient = gradients.get(group);
      return gradient === undefined ? [] : [{ gradient, dim, offset }];
    });
    const [first, second, ...more] = sources;
    if (first === undefined) continue;
    if (column.kind === "ids" && more.length === 0) {
      scatterIds(column, batch.rows, arranged, first, second ?? null, table);
    } else {
      const { rows } = batch;
      forEachSum(rows.length, arranged, sources, table.dim, (i, sum) => {
        const row = rows[i] as number;
        if (column.kind === "bag") {
          const scale = poolingScale(column, row, pooling);
          forEachInBag(column, row, (id, weight) => table.accumulate(id, sum, scale * weight));
        } else if ((column.ids[row] as number) >= 0) table.accumulate(column.ids[row] as number, sum, 1);
      });
    }
  }
}

/** One id a row and at most two groups: nearly every feature, so without a call for each row. */
function scatterIds(
  { ids }: IdColumn,
  rows: Int32Array,
  arranged: Int32Array,
  first: Source,
  second: Source | null,
  table: EmbeddingTable,
): void {
  table.reserve(rows.length);
  const { gradient, dim } = table;
  const a = first.gradient;
  const b = second?.gradient ?? a;
  for (let i = 0; i < rows.length; i++) {
    const id = ids[rows[i] as number] as number;
    if (id < 0) continue;
    const base = table.placeOf(id) * dim;
    const at = arranged[i] as number;
    const from = at * first.dim + first.offset;
    if (second === null) {
      for (let j = 0; j < dim; j++) gradient[base + j] = (gradient[base + j] as number) + (a[from + j] as number);
    } else {
      const other = at * second.dim + second.offset;
      for (let j = 0; j < dim; j++) {
        const sum = Math.fround((a[from + j] as number) + (b[other + j] as number));
        gradient[base + j] = (gradient[base + j] as number) + sum;
      }
    }
  }
}

/** Calls back for each row of a batch with its gradient, summed over groups. */
function forEachSum(
  rows: number,
  arranged: Int32Array,
  sources: readonly Source[],
  width: number,
  call: (row: number, sum: Float32Array) => void,
): void {
  const sum = new Float32Array(width);
  for (let i = 0; i < rows; i++) {
    sum.fill(0);
    for (const { gradient, dim, offset } of sources) {
      const start = (arranged[i] as number) * dim + offset;
      for (let j = 0; j < width; j++) sum[j] = (sum[j] as number) + (gradient[start + j] as number);
    }
    call(i, sum);
  }
}
