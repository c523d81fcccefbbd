/** Draws are the same for every run on the same rows, so that paired differences show the effect of other rows. */
import type { EncodedData } from "../../../core/data/encoded/encoded.js";
import { exactAuc } from "../../../core/metrics/auc.js";
import { rowWeights, type WeightedMetric, weightedAuc } from "../../../core/metrics/intervals/bootstrap.js";
import { isBinary, type ModelSpec, type TowerSpec } from "../../../core/spec/model.js";
import type { Predictions } from "../../../core/train/evaluate.js";
import { positiveScores, rowsByDomain, spaceRows } from "../../../core/train/measure/task-rows.js";
import { sameNumbers } from "../../../core/util/numbers.js";
import { permutation, random } from "../../../core/util/random.js";
import type { Work } from "../../../core/util/turns.js";

/** Metrics of studies. In an interface, because compiler errors would show the name of a type alias instead of the metrics. */
export interface StudyMetrics {
  readonly any: "auc" | "groupedAuc" | "logLoss" | "meanSquaredError";
}

/** Lower is better for `logLoss` and `meanSquaredError`. */
export type StudyMetric = StudyMetrics["any"];

export function isBetterHigher(metric: StudyMetric): boolean {
  return metric === "auc" || metric === "groupedAuc";
}

export interface ScoredRows {
  /** [all rows, numClass] */
  readonly probabilities: Float32Array;
  /** [all rows] */
  readonly labels: Float32Array;
  /** [all rows]; `null`: not known. */
  readonly users: Int32Array | null;
  readonly rows: Int32Array;
}

/** Lower bound of probabilities: 0 would make one row's loss infinite; float32 distinguishes 1e-7 from 0. */
const least = 1e-7;

/** The metrics that a task has; the first is the default for comparisons. */
export function studyMetrics(tower: TowerSpec, scored: ScoredRows): [StudyMetric, WeightedMetric][] {
  const { probabilities, labels, users, rows } = scored;
  if (isBinary(tower)) {
    const scores = positiveScores(tower, probabilities);
    const loss = meanOver((row) => surprise(labels[row]! > 0 ? scores[row] : 1 - scores[row]!), rows);
    const grouped = users === null ? null : groupedAucOf(scores, labels, users, rows);
    return [
      ["auc", weightedAuc(scores, labels, rows)],
      ...(grouped === null ? [] : [["groupedAuc", grouped] as [StudyMetric, WeightedMetric]]),
      ["logLoss", loss],
    ];
  }
  const { numClass } = tower;
  if (numClass > 1) {
    return [["logLoss", meanOver((row) => surprise(probabilities[row * numClass + labels[row]!]), rows)]];
  }
  return [["meanSquaredError", meanOver((row) => (probabilities[row]! - labels[row]!) ** 2, rows)]];
}

function surprise(probability: number | undefined): number {
  return -Math.log(Math.min(1 - least, Math.max(least, probability!)));
}

function meanOver(value: (row: number) => number, rows: Int32Array): WeightedMetric {
  const values = new Float64Array(rows.length).map((_, at) => value(rows[at]!));
  return (weights) => {
    let [sum, count] = [0, 0];
    for (let at = 0; at < rows.length; at++) {
      const weight = weights[rows[at]!]!;
      sum += weight * values[at]!;
      count += weight;
    }
    return count === 0 ? null : sum / count;
  };
}

/** The mean AUC of users with both classes; users are drawn whole, so each counts as often as it is drawn. */
function groupedAucOf(scores: Float32Array, labels: Float32Array, users: Int32Array, rows: Int32Array): WeightedMetric {
  const rowsOf = new Map<number, number[]>();
  for (const row of rows) {
    const user = users[row]!;
    const userRows = rowsOf.get(user);
    if (userRows === undefined) rowsOf.set(user, [row]);
    else userRows.push(row);
  }
  const of = (values: Float32Array, rows: readonly number[]) => Float32Array.from(rows, (row) => values[row]!);
  const aucByRow = new Map<number, number>();
  for (const userRows of rowsOf.values()) {
    const auc = exactAuc(of(scores, userRows), of(labels, userRows));
    if (auc !== null) aucByRow.set(userRows[0]!, auc);
  }
  return meanOver((row) => aucByRow.get(row)!, Int32Array.from(aucByRow.keys()));
}

export interface DrawnMetric {
  readonly value: number | null;
  /** NaN if undefined. */
  readonly draws: Float32Array;
}

export type DrawnMetrics = Readonly<Partial<Record<StudyMetric, DrawnMetric>>>;

export interface DrawnTask {
  readonly tower: string;
  readonly overall: DrawnMetrics;
  readonly domains: readonly DrawnMetrics[];
}

export interface DrawOptions {
  readonly draws: number;
  /** [rows]: user of each row; a row without a user is a separate user; `null`: rows are drawn. */
  readonly users: Int32Array | null;
  /** Approximate largest number of rows per draw, as whole users; the variation is scaled to all rows. */
  readonly mostRows?: number;
}

/** The seed of all draws of a study, so that the draws of all runs are paired. */
const drawSeed = 1;
const defaultMostRows = 20_000;
/** Draws between two pauses: a few milliseconds. */
const drawsAtOnce = 4;
/** The maximum number of weights that are kept for the study's next run. */
const mostKept = 16_000_000;

/** Computes the metrics of a run's predictions; may pause between draws. */
export function* drawingMetrics(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
  options: DrawOptions,
): Work<DrawnTask[]> {
  const { sample, weightsOf } = drawnRows(data.rows, options);
  const cells: Cell[] = [];
  for (const [index, tower] of spec.towers.entries()) {
    cells.push(...cellsOf(spec, data, tower, predictions[index]!, options.users, sample));
    yield;
  }
  const once = new Uint16Array(data.rows).fill(1);
  const values = cells.map(({ whole }) => finite(whole(once)));
  const centres = cells.map(({ sampled, whole }, at) => (sampled === whole ? values[at] : finite(sampled(once))));
  yield;
  const draws = cells.map(() => new Float32Array(options.draws).fill(Number.NaN));
  for (let draw = 0; draw < options.draws; draw++) {
    const weights = weightsOf(draw);
    for (const [at, { sampled }] of cells.entries()) {
      const [estimate, value, centre] = [sampled(weights), values[at] ?? null, centres[at] ?? null];
      if (estimate === null || value === null || centre === null) continue;
      (draws[at] as Float32Array)[draw] = value + (estimate - centre) * sample.scale;
    }
    if (draw % drawsAtOnce === drawsAtOnce - 1) yield;
  }
  return spec.towers.map(({ name }) => {
    const partOf = (part: number): DrawnMetrics =>
      Object.fromEntries(
        cells.flatMap((cell, at) => {
          if (cell.tower !== name || cell.part !== part) return [];
          return [[cell.metric, { value: values[at] ?? null, draws: draws[at] as Float32Array }]];
        }),
      );
    const domains = Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => partOf(domain + 1));
    return { tower: name, overall: partOf(0), domains };
  });
}

/** The rows that are drawn, and each draw's weights by row; a draw is asked for after those before it. */
interface DrawnRows {
  readonly sample: DrawSample;
  readonly weightsOf: (draw: number) => ArrayLike<number>;
}

/** The most recent draws, because all runs of a study share them. */
let last: { readonly key: string; readonly users: Int32Array; readonly result: DrawnRows } | null = null;

function drawnRows(rows: number, options: DrawOptions): DrawnRows {
  const { draws, mostRows = defaultMostRows } = options;
  const key = [rows, draws, mostRows, options.users === null].join();
  const users = options.users ?? new Int32Array(0);
  if (last?.key === key && sameNumbers(last.users, users)) return last.result;
  const sample = drawSample(rows, options.users, mostRows);
  const source = sampleWeights(rows, sample, options);
  const next = () => source.next().value as ArrayLike<number>;
  const list: ArrayLike<number>[] = [];
  if (rows * draws > mostKept) return { sample, weightsOf: next };
  const result = { sample, weightsOf: (draw: number) => (list[draw] ??= Uint16Array.from(next())) };
  last = { key, users, result };
  return result;
}

/** Row weights of each draw, in one reused array; rows outside the sample have weight 0. */
function* sampleWeights(rows: number, sample: DrawSample, { users, draws }: DrawOptions): Generator<ArrayLike<number>> {
  if (sample.rows === null) return yield* rowWeights(rows, users, draws, drawSeed);
  const sampleRows = sample.rows;
  const sampleUsers = users && sampleRows.map((row) => users[row]!);
  const weights = new Uint16Array(rows);
  for (const rowCounts of rowWeights(sampleRows.length, sampleUsers, draws, drawSeed)) {
    for (let at = 0; at < sampleRows.length; at++) weights[sampleRows[at]!] = rowCounts[at]!;
    yield weights;
  }
}

interface Cell {
  readonly tower: string;
  readonly part: number;
  readonly metric: StudyMetric;
  readonly whole: WeightedMetric;
  readonly sampled: WeightedMetric;
}

function cellsOf(
  spec: ModelSpec,
  data: EncodedData,
  tower: TowerSpec,
  { probabilities }: Predictions,
  users: Int32Array | null,
  sample: DrawSample,
): Cell[] {
  const all = spaceRows(tower, data);
  const parts = [all, ...rowsByDomain(data, all, spec.domains?.count ?? 0)];
  const labels = data.labels.get(tower.label)!;
  return parts.flatMap((rows, part) => {
    const whole = studyMetrics(tower, { probabilities, labels, users, rows });
    const among = sample.has === null ? null : rows.filter((row) => sample.has?.[row] === 1);
    const sampled = among === null ? whole : studyMetrics(tower, { probabilities, labels, users, rows: among });
    return whole.map(([metric, on], at): Cell => {
      return { tower: tower.name, part, metric, whole: on, sampled: sampled[at]?.[1] ?? on };
    });
  });
}

function finite(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : value;
}

export interface DrawSample {
  /** Ascending; `null`: all rows. */
  readonly rows: Int32Array | null;
  /** [all rows], 1 for rows in the sample; `null`: all. */
  readonly has: Uint8Array | null;
  /** √(sampled users / all users), or of rows: the factor that scales a draw's variation to all rows. */
  readonly scale: number;
}

/** All rows, or whole users with about `most` of them. */
export function drawSample(rows: number, users: Int32Array | null, most: number): DrawSample {
  if (rows <= most) return { rows: null, has: null, scale: 1 };
  const source = random(1).fork("draw sample");
  if (users === null) {
    const has = marks(rows, permutation(rows, source).subarray(0, most));
    return { rows: marked(has), has, scale: Math.sqrt(most / rows) };
  }
  const counts = new Map<number, number>();
  for (const user of users) counts.set(user, (counts.get(user) ?? 0) + 1);
  const all = Int32Array.from(counts.keys()).sort();
  const chosen = new Set<number>();
  let taken = 0;
  for (const at of permutation(all.length, source)) {
    if (taken >= most) break;
    const user = all[at]!;
    chosen.add(user);
    taken += counts.get(user)!;
  }
  const has = Uint8Array.from(users, (user) => (chosen.has(user) ? 1 : 0));
  return { rows: marked(has), has, scale: Math.sqrt(chosen.size / all.length) };
}

function marks(rows: number, chosen: Int32Array): Uint8Array {
  const has = new Uint8Array(rows);
  for (const row of chosen) has[row] = 1;
  return has;
}

function marked(has: Uint8Array): Int32Array {
  return Int32Array.from(has.keys()).filter((row) => has[row] === 1);
}
