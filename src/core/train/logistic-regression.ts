/** scikit-learn's `LogisticRegression(C)` per binary task, with a weight per id: the floor of a model's AUC. */

import { batchesInOrder } from "../data/encoded/batches.js";
import type { BagColumn, DenseColumn, EncodedData, FeatureColumn, IdColumn } from "../data/encoded/encoded.js";
import { rowsDigest } from "../data/encoded/hashes.js";
import { type EncodedRows, takeRows } from "../data/encoded/streamed.js";
import type { Weight, Weights } from "../engine/engine.js";
import { findFeature } from "../spec/feature/feature.js";
import { isBinary, type ModelSpec, type TowerSpec, usedFeatures } from "../spec/model.js";
import { everyRow, logitLoss, mean, sampleVariance, sigmoid } from "../util/numbers.js";
import { atOnce, inTurns, type Work } from "../util/turns.js";
import { IdPlaces } from "./id-places.js";
import {
  leastGain,
  logit,
  type Minimum,
  Objective,
  rowsPerTurn,
  type SparseRows,
  VisitBudget,
} from "./logistic-objective.js";
import { taskSpaceName } from "./measure/task-rows.js";

export interface LogisticRegression {
  readonly columns: readonly LinearColumn[];
  /** By tower; the last weight is the intercept. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** C by tower: the penalty, which is added to the sum of the log losses, is ½‖w‖²/C; the intercept has none. */
  readonly strengths: ReadonlyMap<string, number>;
  /** `null`: saved by a version that did not know it. */
  readonly extent: FloorExtent | null;
}

/** On how many rows a regression was fitted, and how near to the minimum. */
export interface FloorExtent {
  readonly rows: number;
  /** The number of all training rows. */
  readonly of: number;
  /** By tower: about how much lower the minimum is than the penalised loss, per row. */
  readonly gaps: ReadonlyMap<string, number>;
}

/** The strengths to choose from: C of 1, scikit-learn's default, and smaller ones. */
const usualStrengths = [1, 0.1, 0.01];
/** Every fifth row is held out to choose the strength. */
const heldOut = 5;
/** At most about this number of rows is used for it. */
const mostCompared = 8192;
/** With at least this number of rows per weight, the strength hardly matters. */
const manyRows = 50;

/** Largest number of values to train on; more rows are sampled evenly. */
const mostValues = 4_000_000;
const runLength = 256;
const fewestRows = 4 * runLength;
const timedRows = 16_384;

/** The last regressions by key, since a model is often trained again on the same rows. */
const recent = new Map<string, LogisticRegression | null>();
const mostRecent = 2;

/** @param budget of the work; beyond it, rows are sampled or it ends before the minimum, as `extent` reports */
export async function fitLogisticRegression(
  spec: ModelSpec,
  rows: EncodedRows,
  budget: number = Number.POSITIVE_INFINITY,
): Promise<LogisticRegression | null> {
  const towers = spec.towers.filter(isBinary);
  if (towers.length === 0 || rows.rows === 0) return null;
  const { data, rows: chosen } = await sampled(rows, mostRows(spec, budget));
  const tasks = towers.map((tower) => [tower.name, tower.label, taskSpaceName(tower)]);
  const key = JSON.stringify([
    await rowsDigest(data),
    rows.rows,
    [...usedFeatures(spec)].sort(),
    tasks,
    String(budget),
  ]);
  const before = recent.get(key);
  if (before !== undefined) return before;
  const fitted = await fitTowers(spec, towers, data, chosen, new VisitBudget(budget));
  const extent = fitted && { rows: chosen.length, of: rows.rows, gaps: fitted.gaps };
  const regression = fitted && { ...fitted.regression, extent };
  recent.set(key, regression);
  if (recent.size > mostRecent) recent.delete([...recent.keys()][0]!);
  return regression;
}

interface FittedTowers {
  readonly regression: Omit<LogisticRegression, "extent">;
  readonly gaps: FloorExtent["gaps"];
}

async function fitTowers(
  spec: ModelSpec,
  towers: readonly TowerSpec[],
  data: EncodedData,
  chosen: Int32Array,
  budget: VisitBudget,
): Promise<FittedTowers | null> {
  const columns = await inTurns(linearColumns(spec, data, chosen));
  if (columns.length === 0) return null;
  const size = columns.reduce((all, { places, numbers }) => all + places.size + (numbers?.means.length ?? 0), 1);
  const inputs = await inTurns(sparseRows(columns, data, chosen));
  const weights = new Map<string, Float32Array>();
  const strengths = new Map<string, number>();
  const gaps = new Map<string, number>();
  for (const [at, tower] of towers.entries()) {
    const space = taskSpaceName(tower);
    const inside = space === null ? null : data.labels.get(space)!;
    const labels = Float32Array.from(chosen, (row) => data.labels.get(tower.label)![row]!);
    const used = everyRow(chosen.length).filter((place) => inside === null || inside[chosen[place]!]! > 0);
    const shares = new Float64Array(chosen.length);
    const taskBudget = budget.share(1 / (towers.length - at));
    const minimum = (strength: number, rows: Int32Array, least: number, part: number): Work<Minimum> =>
      new Objective(inputs, labels, rows, size, strength, shares, taskBudget.share(part)).minimum(least);
    const isCertain = used.length >= manyRows * size;
    const strength = isCertain ? usualStrengths[0]! : await inTurns(chosenStrength(minimum, inputs, labels, used));
    const { weights: fitted, gap } = await inTurns(minimum(strength, used, leastGain.fitting, 1));
    weights.set(tower.name, Float32Array.from(fitted));
    strengths.set(tower.name, strength);
    gaps.set(tower.name, gap);
  }
  return { regression: { columns, weights, strengths }, gaps };
}

/**
 * Chooses a smaller C if the log losses of every fifth row, from a fit on the others, are certainly lower. C is the
 * variance of effects, whatever the number of rows, so a part of many rows is enough to estimate it.
 */
function* chosenStrength(
  minimum: (strength: number, rows: Int32Array, least: number, part: number) => Work<Minimum>,
  inputs: SparseRows,
  labels: Float32Array,
  rows: Int32Array,
): Work<number> {
  const compared = Math.min(rows.length, mostCompared);
  const part = everyRow(compared).map((at) => rows[Math.floor((at * rows.length) / compared)]!);
  const held = part.filter((_, at) => at % heldOut === heldOut - 1);
  const fitted = part.filter((_, at) => at % heldOut !== heldOut - 1);
  let best: { strength: number; losses: readonly number[] } | null = null;
  for (const [at, strength] of usualStrengths.entries()) {
    const share = 1 / (usualStrengths.length + 1 - at);
    const { weights } = yield* minimum(strength, fitted, leastGain.comparing, share);
    const losses = Array.from(held, (row) => logitLoss(logit(inputs, row, weights), labels[row]! > 0));
    if (best !== null && !isLower(losses, best.losses)) break;
    best = { strength, losses };
  }
  return best!.strength;
}

/** Whether the mean is lower by more than two standard errors of the paired differences. */
function isLower(losses: readonly number[], than: readonly number[]): boolean {
  const gains = losses.map((loss, at) => than[at]! - loss);
  return mean(gains) > 2 * Math.sqrt(sampleVariance(gains) / gains.length);
}

export async function regressionSeconds(spec: ModelSpec, data: EncodedData, rows: number): Promise<number> {
  const towers = spec.towers.filter((tower) => isBinary(tower));
  const part = everyRow(Math.min(timedRows, data.rows));
  if (towers.length === 0 || part.length === 0) return 0;
  const start = performance.now();
  await fitTowers(spec, towers, data, part, new VisitBudget(Number.POSITIVE_INFINITY));
  const perRow = (performance.now() - start) / 1000 / part.length;
  return perRow * Math.min(rows, mostRows(spec));
}

export async function logisticScores(
  { columns, weights }: LogisticRegression,
  rows: EncodedRows,
): Promise<ReadonlyMap<string, Float32Array>> {
  const scores = new Map([...weights.keys()].map((tower) => [tower, new Float32Array(rows.rows)]));
  for await (const { batch, start } of batchesInOrder(rows, 8192)) {
    const inputs = atOnce(sparseRows(columns, batch.data, batch.rows));
    for (const [tower, values] of weights) {
      const into = scores.get(tower)!;
      for (let row = 0; row < batch.rows.length; row++) into[start + row] = sigmoid(logit(inputs, row, values));
    }
  }
  return scores;
}

async function sampled(rows: EncodedRows, most: number): Promise<{ data: EncodedData; rows: Int32Array }> {
  if (rows.rows <= most) return takeRows(rows, everyRow(rows.rows));
  const runs = Math.floor(most / runLength);
  const startOf = (run: number): number => Math.floor((run * (rows.rows - runLength)) / Math.max(1, runs - 1));
  const chosen = everyRow(runs * runLength).map((at) => startOf(Math.floor(at / runLength)) + (at % runLength));
  return takeRows(rows, chosen);
}

/** If there are fewer rounds through the rows, it is better to use fewer rows. */
const fewestRounds = 6;

/** The most rows to fit on. @param budget in visits */
export function mostRows(spec: ModelSpec, budget: number = Number.POSITIVE_INFINITY): number {
  const features = Math.max(1, spec.features.length);
  const rounds = budget / spec.towers.filter(isBinary).length / features / fewestRounds; // through one row
  const compared = usualStrengths.length * mostCompared;
  const withinBudget = Math.max(rounds - compared, rounds / (usualStrengths.length + 1));
  return Math.max(fewestRows, Math.floor(Math.min(mostValues / features, withinBudget)));
}

export interface LinearColumn {
  readonly name: string;
  /** The weights of ids, or of buckets of a number in pieces; empty for numbers. */
  readonly places: IdPlaces;
  /** For numbers: the position of the first weight, and each number's mean and standard deviation. */
  readonly numbers: { readonly position: number; readonly means: number[]; readonly deviations: number[] } | null;
}

function* linearColumns(spec: ModelSpec, data: EncodedData, rows: Int32Array): Work<LinearColumn[]> {
  const used = usedFeatures(spec);
  const columns: LinearColumn[] = [];
  let next = 0;
  for (const [name, column] of data.features) {
    if (!used.has(name)) continue;
    yield;
    const feature = findFeature(spec, name);
    const inPieces = feature?.kind === "raw" && feature.pieces !== undefined;
    if (column.kind === "dense" && !inPieces) {
      columns.push({ name, places: new IdPlaces(next), numbers: { position: next, ...columnMoments(column, rows) } });
      next += column.dim;
      continue;
    }
    const places = new IdPlaces(next);
    for (const row of rows) {
      if (column.kind === "dense") {
        places.add(bucketAt(column, row));
        continue;
      }
      const [start, end] = idRange(column, row);
      for (let at = start; at < end; at++) if (column.ids[at]! >= 0) places.add(column.ids[at]!);
    }
    next += places.size;
    columns.push({ name, places, numbers: null });
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

/** The bucket of a number in pieces, whose shares would be as many dense columns: the number of pieces below it. */
function bucketAt({ dim, values }: DenseColumn, row: number): number {
  let bucket = 0;
  while (bucket < dim && values[row * dim + bucket]! >= 1) bucket++;
  return bucket;
}

function idRange(column: IdColumn | BagColumn, row: number): readonly [start: number, end: number] {
  return column.kind === "ids" ? [row, row + 1] : [column.offsets[row]!, column.offsets[row + 1]!];
}

/** Some rows of `data` as sparse vectors, in order. Ids without a weight are left out. */
function* sparseRows(columns: readonly LinearColumn[], data: EncodedData, rows: Int32Array): Work<SparseRows> {
  const sources = columns.map((column) => ({ ...column, source: data.features.get(column.name)! }));
  const most = sources.reduce((sum, { source, numbers }) => sum + mostEntries(source, numbers !== null, rows), 0);
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

function mostEntries(source: FeatureColumn, areNumbers: boolean, rows: Int32Array): number {
  if (source.kind === "dense" && areNumbers) return source.dim * rows.length;
  if (source.kind !== "bag") return rows.length;
  return rows.reduce((sum, row) => sum + source.offsets[row + 1]! - source.offsets[row]!, 0);
}

function addEntries(
  { source, places, numbers }: LinearColumn & { readonly source: FeatureColumn },
  row: number,
  to: { readonly positions: Int32Array; readonly values: Float32Array; count: number },
): void {
  const add = (position: number, value: number): void => {
    to.positions[to.count] = position;
    to.values[to.count++] = value;
  };
  if (source.kind === "dense" && numbers === null) {
    const place = places.of(bucketAt(source, row));
    if (place >= 0) add(place, 1);
    return;
  }
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
    const place = places.of(source.ids[at]!);
    if (place < 0) continue; // unseen in training
    add(place, (source.kind === "bag" ? (source.weights?.[at] ?? 1) : 1) / (end - start));
  }
}

function extentFrom(arrays: readonly { readonly name: string; readonly data: Float32Array }[]): FloorExtent | null {
  const [first] = arrays;
  if (first === undefined) return null;
  const [rows, of] = [0, 2].map((at) => whole([first.data[at]!, first.data[at + 1]!]));
  return { rows: rows!, of: of!, gaps: new Map(arrays.map(({ name, data }) => [name, data[4]!])) };
}

/** A whole number is written as two halves that are exact in 32-bit floats. */
const half = 65_536;

/**
 * `{feature}.ids`: place of the first weight, ids; or `.moments`: place, means and deviations; `{tower}.weights`,
 * `.strength`, `.extent`.
 */
export function floorWeights({ columns, weights, strengths, extent }: LogisticRegression): Weights {
  const arrays = new Map<string, Weight>();
  for (const { name, places, numbers } of columns) {
    const pairs =
      numbers === null
        ? [places.first, ...places.ids].map(halves)
        : [halves(numbers.position), ...numbers.means.map((mean, at) => [mean, numbers.deviations[at]!] as const)];
    const data = Float32Array.from(pairs.flat());
    arrays.set(`${name}.${numbers === null ? "ids" : "moments"}`, { shape: [pairs.length, 2], data });
  }
  for (const [tower, data] of weights) arrays.set(`${tower}.weights`, { shape: [data.length], data });
  for (const [tower, strength] of strengths) {
    arrays.set(`${tower}.strength`, { shape: [1], data: Float32Array.of(strength) });
  }
  for (const [tower, gap] of extent?.gaps ?? []) {
    const data = Float32Array.of(...halves(extent!.rows), ...halves(extent!.of), gap);
    arrays.set(`${tower}.extent`, { shape: [data.length], data });
  }
  return arrays;
}

export function floorFromWeights(arrays: Weights): LogisticRegression {
  const named = [...arrays].map(([key, { data }]) => {
    const dot = key.lastIndexOf(".");
    return { name: key.slice(0, dot), kind: key.slice(dot + 1), data };
  });
  const [weights, strengths, extents] = ["weights", "strength", "extent"].map((kind) =>
    named.filter((each) => each.kind === kind),
  );
  const columns = named.filter(({ kind }) => kind === "ids" || kind === "moments");
  return {
    columns: columns.map(({ name, kind, data }): LinearColumn => {
      const pairs = Array.from({ length: data.length / 2 }, (_, at) => [data[at * 2]!, data[at * 2 + 1]!] as const);
      const [first = [0, 0], ...rest] = pairs;
      const position = whole(first);
      const places = new IdPlaces(position, kind === "ids" ? rest.map((pair) => whole(pair)) : []);
      const [means, deviations] = [rest.map(([mean]) => mean), rest.map(([, deviation]) => deviation)];
      return { name, places, numbers: kind === "ids" ? null : { position, means, deviations } };
    }),
    weights: new Map(weights!.map(({ name, data }) => [name, data])),
    strengths: new Map(strengths!.map(({ name, data }) => [name, Number(data[0]!.toPrecision(6))])),
    extent: extentFrom(extents!),
  };
}

function halves(value: number): readonly [number, number] {
  return [Math.floor(value / half), value % half];
}

function whole([high, low]: readonly [number, number]): number {
  return high * half + low;
}
