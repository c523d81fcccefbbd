/** Group inputs: which columns of which features make a group's matrix, gathered forwards and scattered backwards. */
import type { BagColumn, Batch, DenseColumn, EncodedData, IdColumn } from "../../data/encoded.js";
import { DataError } from "../../errors/index.js";
import {
  featureWidth,
  type GroupName,
  groupFeatures,
  type ModelSpec,
  type Pooling,
  tableName,
} from "../../spec/index.js";
import type { EmbeddingTable } from "./table.js";

/** A feature's columns in a group's matrix. */
export interface GroupSlot {
  readonly feature: string;
  /** First column. */
  readonly offset: number;
  readonly width: number;
  /** `null` where the value enters as it is. */
  readonly table: EmbeddingTable | null;
  readonly pooling: Pooling;
}

/** A group's matrix. */
export interface GroupLayout {
  readonly name: GroupName;
  readonly dim: number;
  readonly slots: readonly GroupSlot[];
}

/** The layout of a group, features in the group's order. */
export function groupLayout(
  spec: ModelSpec,
  name: GroupName,
  tables: ReadonlyMap<string, EmbeddingTable>,
): GroupLayout {
  let offset = 0;
  const slots = (groupFeatures(spec, name) ?? []).map((featureName): GroupSlot => {
    const feature = spec.features.find((f) => f.name === featureName);
    if (feature === undefined || feature.kind === "other") throw new Error(`the plan lets no "${featureName}" pass`);
    const table = tableName(feature);
    const slot = {
      feature: featureName,
      offset,
      width: featureWidth(feature),
      table: table === null ? null : (tables.get(table) ?? null),
      pooling: feature.pooling,
    };
    offset += slot.width;
    return slot;
  });
  return { name, dim: offset, slots };
}

/** Fills `out` [rows, dim] with a group's input for rows of the data. */
export function gatherGroup(layout: GroupLayout, data: EncodedData, rows: Int32Array, out: Float32Array): void {
  for (const slot of layout.slots) {
    const column = data.features.get(slot.feature);
    if (column === undefined) throw misfit(slot.feature, "the data has no column for this feature");
    if (slot.table === null) {
      if (column.kind !== "dense" || column.dim !== slot.width) {
        throw misfit(
          slot.feature,
          `the model takes ${slot.width} values as they are, the data has ${describe(column)}`,
        );
      }
      copyValues(column, rows, out, slot, layout.dim);
    } else if (column.kind === "ids") gatherIds(column, rows, out, slot, slot.table, layout.dim);
    else if (column.kind === "bag") gatherBag(column, rows, out, slot, slot.table, layout.dim);
    else throw misfit(slot.feature, "the model embeds this feature, the data has its values as they are");
  }
}

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
  for (const feature of features) {
    const column = batch.data.features.get(feature.feature);
    if (column === undefined || column.kind === "dense") continue;
    const places = feature.places.flatMap(({ group, dim, offset }) => {
      const gradient = gradients.get(group);
      return gradient === undefined ? [] : [{ gradient, dim, offset }];
    });
    const [first, ...others] = places;
    if (first === undefined) continue;
    const { table } = feature;
    const sum = new Float32Array(table.dim);
    for (let i = 0; i < order.length; i++) {
      const row = batch.rows[i] as number;
      const at = arranged[i] as number;
      let source = first.gradient;
      let from = at * first.dim + first.offset;
      if (others.length > 0) {
        for (let j = 0; j < table.dim; j++) sum[j] = source[from + j] as number;
        for (const { gradient, dim, offset } of others) {
          const start = at * dim + offset;
          for (let j = 0; j < table.dim; j++) sum[j] = (sum[j] as number) + (gradient[start + j] as number);
        }
        source = sum;
        from = 0;
      }
      if (column.kind === "ids") {
        const id = column.ids[row] as number;
        if (id >= 0) table.accumulate(id, source, from, 1);
      } else {
        const scale = poolingScale(column, row, feature.pooling);
        forEachInBag(column, row, (id, weight) => table.accumulate(id, source, from, scale * weight));
      }
    }
  }
}

function copyValues(column: DenseColumn, rows: Int32Array, out: Float32Array, slot: GroupSlot, dim: number): void {
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * slot.width;
    const to = i * dim + slot.offset;
    for (let j = 0; j < slot.width; j++) out[to + j] = column.values[from + j] as number;
  }
}

function gatherIds(
  column: IdColumn,
  rows: Int32Array,
  out: Float32Array,
  slot: GroupSlot,
  table: EmbeddingTable,
  dim: number,
): void {
  const { values, dim: width } = table;
  for (let i = 0; i < rows.length; i++) {
    const id = column.ids[rows[i] as number] as number;
    const to = i * dim + slot.offset;
    if (id < 0) out.fill(0, to, to + width);
    else {
      if (id >= table.rows) throw outside(slot.feature, id, table, rows[i] as number);
      const from = id * width;
      for (let j = 0; j < width; j++) out[to + j] = values[from + j] as number;
    }
  }
}

function gatherBag(
  column: BagColumn,
  rows: Int32Array,
  out: Float32Array,
  slot: GroupSlot,
  table: EmbeddingTable,
  dim: number,
): void {
  const { values, dim: width } = table;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const to = i * dim + slot.offset;
    out.fill(0, to, to + width);
    const scale = poolingScale(column, row, slot.pooling);
    forEachInBag(column, row, (id, weight) => {
      if (id >= table.rows) throw outside(slot.feature, id, table, row);
      const factor = scale * weight;
      for (let j = 0; j < width; j++)
        out[to + j] = (out[to + j] as number) + factor * (values[id * width + j] as number);
    });
  }
}

/** Calls back for each id of a row that is there (−1 is no value), with its weight. */
function forEachInBag(column: BagColumn, row: number, call: (id: number, weight: number) => void): void {
  const end = column.offsets[row + 1] as number;
  for (let k = column.offsets[row] as number; k < end; k++) {
    const id = column.ids[k] as number;
    if (id >= 0) call(id, column.weights === null ? 1 : (column.weights[k] as number));
  }
}

/** 1 for a sum; 1 / values for a mean (weights do not enter the count, as in TorchEasyRec's tables). */
function poolingScale(column: BagColumn, row: number, pooling: Pooling): number {
  if (pooling === "sum") return 1;
  let count = 0;
  const end = column.offsets[row + 1] as number;
  for (let k = column.offsets[row] as number; k < end; k++) if ((column.ids[k] as number) >= 0) count++;
  return count === 0 ? 0 : 1 / count;
}

function describe(column: IdColumn | BagColumn | DenseColumn): string {
  return column.kind === "dense" ? `${column.dim} values` : "ids";
}

function misfit(feature: string, message: string): DataError {
  return new DataError({ path: `features.${feature}`, message, fix: "encode the data with this model's spec" });
}

function outside(feature: string, id: number, table: EmbeddingTable, row: number): DataError {
  return new DataError({
    path: `data: row ${row}, feature "${feature}"`,
    message: "the id has no row in the embedding table",
    received: String(id),
    expected: `−1 (no value), or 0 ≤ id < ${table.rows}`,
    fix: "encode the data with this model's spec",
  });
}
