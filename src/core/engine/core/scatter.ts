/** The backward pass of look-ups: sums gradients of the groups' matrices by row of the embedding tables. */
import type { BagColumn, Batch, IdColumn } from "../../data/encoded/encoded.js";
import { hasWeightedIds, type ModelSpec } from "../../spec/model.js";
import { addScaled, BagItems, type BagRule, type GroupLayout } from "./groups.js";
import { type SequenceLayout, scatterSequence } from "./sequences.js";
import { type EmbeddingTable, preloadRows } from "./weight-store.js";

export interface EmbeddedFeature {
  readonly feature: string;
  readonly table: EmbeddingTable;
  readonly rule: BagRule;
  readonly places: readonly { readonly group: string; readonly dim: number; readonly offset: number }[];
}

export function embeddedFeatures(layouts: Iterable<GroupLayout>, spec: ModelSpec): EmbeddedFeature[] {
  const features = new Map<string, EmbeddedFeature & { places: EmbeddedFeature["places"][number][] }>();
  // The CPU kernel of TorchEasyRec does not divide the gradient of a mean by the count if any feature has weights.
  const sums = spec.training.like === "torcheasyrec" && hasWeightedIds(spec);
  for (const { name: group, dim, slots } of layouts) {
    for (const { feature, table, offset, firstOnly, weighted, ...slot } of slots) {
      if (table === null) continue;
      const key = JSON.stringify([feature, table.name, firstOnly]);
      const pooling = sums && weighted ? "sum" : slot.pooling;
      const entry = features.get(key) ?? { feature, table, rule: { pooling, firstOnly, weighted }, places: [] };
      entry.places.push({ group, dim, offset });
      features.set(key, entry);
    }
  }
  return [...features.values()];
}

export function scatterSequences(
  layouts: readonly SequenceLayout[],
  { data, rows }: Batch,
  order: Int32Array,
  gradients: ReadonlyMap<string, Float32Array>,
): void {
  const arranged = arrangedPlaces(order);
  for (const { view, slots } of layouts) {
    const gradient = gradients.get(`sequence.${view.name}`);
    if (gradient === undefined) continue;
    for (const slot of slots) scatterSequence(slot, view.width, data, rows, arranged, gradient);
  }
}

function arrangedPlaces(order: Int32Array): Int32Array {
  const arranged = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) arranged[order[i]!] = i;
  return arranged;
}

interface Source {
  readonly gradient: Float32Array;
  readonly dim: number;
  readonly offset: number;
}

/** Sums gradients over groups, then rows, as TorchEasyRec does. @param order of the rows @param limit per number */
export function scatterGradients(
  features: readonly EmbeddedFeature[],
  batch: Batch,
  order: Int32Array,
  gradients: ReadonlyMap<string, Float32Array>,
  limit: (table: EmbeddingTable) => number | null = () => null,
): void {
  const arranged = arrangedPlaces(order);
  const jobs = features.flatMap((feature) => makeJob(feature, batch, gradients, limit(feature.table)) ?? []);
  const count = order.length;
  // Processes a few rows at a time if no other feature uses the table, so that their gradients stay in the cache.
  const sole = jobs.filter(({ table }) => jobs.filter((other) => other.table === table).length === 1);
  for (const job of jobs) if (!sole.includes(job)) scatter(job, batch.rows, arranged, 0, count);
  for (let from = 0; from < count; from += preloadRows) {
    for (const job of sole) scatter(job, batch.rows, arranged, from, Math.min(from + preloadRows, count));
  }
}

interface Job {
  readonly column: IdColumn | BagColumn;
  readonly table: EmbeddingTable;
  readonly rule: BagRule;
  readonly sources: readonly [Source, ...Source[]];
  readonly limit: number | null;
}

function makeJob(
  { feature, table, rule, places }: EmbeddedFeature,
  batch: Batch,
  gradients: ReadonlyMap<string, Float32Array>,
  limit: number | null,
): Job | null {
  const column = batch.data.features.get(feature);
  if (column === undefined || column.kind === "dense") return null;
  const [first, ...more] = places.flatMap(({ group, dim, offset }): Source[] => {
    const gradient = gradients.get(group);
    return gradient === undefined ? [] : [{ gradient, dim, offset }];
  });
  return first === undefined ? null : { column, table, rule, sources: [first, ...more], limit };
}

function scatter(job: Job, rows: Int32Array, arranged: Int32Array, begin: number, end: number): void {
  const { column, table, sources, limit } = job;
  const isFast = column.kind === "ids" && sources.length <= 2 && limit === null;
  for (let from = begin; from < end; from += preloadRows) {
    const to = Math.min(from + preloadRows, end);
    const block = rows.subarray(from, to);
    const places = arranged.subarray(from, to);
    if (isFast) scatterIds(column, table, sources, block, places);
    else scatterBags(job, block, places);
  }
}

function scatterBags({ column, table, rule, sources, limit }: Job, rows: Int32Array, arranged: Int32Array): void {
  if (column.kind === "bag") items.read(column, rows, rule);
  else items.readSingle(column, rows);
  table.gradientPlaces(items.ids, items.count);
  const { ids: places, factors, ends } = items;
  const { gradient, dim } = table;
  const sum = new Float32Array(dim);
  let item = 0;
  for (let i = 0; i < rows.length; i++) {
    if (item === ends[i]) continue;
    sumOver(sources, arranged[i]!, sum);
    if (limit !== null) clip(sum, limit);
    for (; item < ends[i]!; item++) addScaled(gradient, places[item]! * dim, sum, 0, dim, factors[item]!);
  }
}

const items = new BagItems();

/** Fast path for one id per row and at most two groups: four numbers at a time, without a call per row. */
function scatterIds(
  { ids }: IdColumn,
  table: EmbeddingTable,
  [first, second]: readonly [Source, ...Source[]],
  rows: Int32Array,
  arranged: Int32Array,
): void {
  for (let i = 0; i < rows.length; i++) places[i] = ids[rows[i]!]!;
  table.gradientPlaces(places, rows.length);
  const { gradient, dim } = table;
  for (let i = 0; i < rows.length; i++) {
    if (places[i]! < 0) continue;
    const to = places[i]! * dim;
    const at = arranged[i]!;
    const from = at * first.dim + first.offset;
    if (second === undefined) addScaled(gradient, to, first.gradient, from, dim, 1);
    else addSum(gradient, to, first.gradient, from, second.gradient, at * second.dim + second.offset, dim);
  }
}

/** The places of a block's gradients in their table. */
const places = new Int32Array(preloadRows);

/** sum += a + b, each sum rounded */
function addSum(
  sum: Float32Array,
  to: number,
  a: Float32Array,
  from: number,
  b: Float32Array,
  other: number,
  width: number,
): void {
  const f32 = Math.fround;
  const whole = width & ~3;
  let j = 0;
  for (; j < whole; j += 4) {
    sum[to + j] = sum[to + j]! + f32(a[from + j]! + b[other + j]!);
    sum[to + j + 1] = sum[to + j + 1]! + f32(a[from + j + 1]! + b[other + j + 1]!);
    sum[to + j + 2] = sum[to + j + 2]! + f32(a[from + j + 2]! + b[other + j + 2]!);
    sum[to + j + 3] = sum[to + j + 3]! + f32(a[from + j + 3]! + b[other + j + 3]!);
  }
  for (; j < width; j++) sum[to + j] = sum[to + j]! + f32(a[from + j]! + b[other + j]!);
}

function sumOver(sources: readonly Source[], at: number, sum: Float32Array): void {
  sum.fill(0);
  for (const { gradient, dim, offset } of sources) {
    for (let j = 0; j < sum.length; j++) sum[j] = sum[j]! + gradient[at * dim + offset + j]!;
  }
}

function clip(gradient: Float32Array, limit: number): void {
  for (let j = 0; j < gradient.length; j++) gradient[j] = Math.min(limit, Math.max(-limit, gradient[j]!));
}
