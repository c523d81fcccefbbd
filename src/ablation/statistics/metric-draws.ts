/** Draws are the same for every run on the same rows, so that paired differences show the effect of other rows. */
import type { EncodedData } from "../../data/encoded/index.js";
import { rowWeights, type WeightedMetric } from "../../metrics/index.js";
import type { ModelSpec, TowerSpec } from "../../spec/index.js";
import type { Predictions } from "../../train/index.js";
import { rowsByDomain, rowsInside } from "../../train/measure/index.js";
import type { Work } from "../../util/turns.js";
import { type DrawSample, drawSample } from "./draw-sample.js";
import { type StudyMetric, studyMetrics } from "./study-metrics.js";

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

/** Computes the metrics of a run's predictions; may pause between draws. */
export function* drawingMetrics(
  spec: ModelSpec,
  data: EncodedData,
  predictions: readonly Predictions[],
  options: DrawOptions,
): Work<DrawnTask[]> {
  const sample = drawSample(data.rows, options.users, options.mostRows ?? defaultMostRows);
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
  let draw = 0;
  for (const weights of sampleWeights(data.rows, sample, options)) {
    for (const [at, { sampled }] of cells.entries()) {
      const [estimate, value, centre] = [sampled(weights), values[at] ?? null, centres[at] ?? null];
      if (estimate === null || value === null || centre === null) continue;
      (draws[at] as Float32Array)[draw] = value + (estimate - centre) * sample.scale;
    }
    draw++;
    if (draw % drawsAtOnce === 0) yield;
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

/** Row weights of each draw, in one reused array; rows outside the sample have weight 0. */
function* sampleWeights(rows: number, sample: DrawSample, { users, draws }: DrawOptions): Generator<ArrayLike<number>> {
  if (sample.rows === null) return yield* rowWeights(rows, users, draws, drawSeed);
  const sampleRows = sample.rows;
  const sampleUsers = users && Int32Array.from(sampleRows, (row) => users[row]!);
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
  const inside = tower.taskSpace?.outWeight === 0 ? rowsInside(data, tower.taskSpace.indicatorLabel) : null;
  const all = inside ?? Int32Array.from({ length: data.rows }, (_, row) => row);
  const parts = [all, ...rowsByDomain(data, inside, spec.domains?.count ?? 0)];
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
