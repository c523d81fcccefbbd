/** Faults that labels show: predictions, or fields, that have nothing to do with them, and towers of the wrong domain. */

import { copyRows } from "../../core/data/encoded/copies.js";
import type { EncodedData, IdColumn } from "../../core/data/encoded/encoded.js";
import type { Engine, TowerOutput } from "../../core/engine/engine.js";
import { aucInfluence, difference, type Influenced } from "../../core/metrics/influence.js";
import { domainName, isBinary, type TowerSpec, towersPerTask } from "../../core/spec/model.js";
import {
  fitLogisticRegression,
  type LogisticRegression,
  logisticScores,
} from "../../core/train/logistic-regression.js";
import { cellRows } from "../../core/train/measure/task-rows.js";
import { getOrMake } from "../../core/util/growing.js";
import { dot, everyRow, mean, sampleVariance, sigmoid, sum } from "../../core/util/numbers.js";
import { permutation, type Random, random } from "../../core/util/random.js";
import { count, fixed } from "../../core/util/text.js";
import { type AuditPlace, measuredPlace } from "./audit-checks.js";
import { predictAll } from "./sample.js";
import type { Gap } from "./types.js";

/** Labels are judged on this number of rows at most, and from this number of each class. */
const labelRows = 10_000;
const fewestOfClass = 50;
/** Towers of all domains predict all rows up to this number of domains. */
const mostDomains = 12;
/** A fault exceeds this number of errors, because rows of a user are treated as independent and there are many places. */
const beyondNoise = 4;
/** Towers that were trained too long predict rows of their domain worse than others do, by up to 5 errors. */
const beyondTowers = { both: 3, joint: 8 };
/** Upper ends, this many errors above the estimates: sound influence has a slope of 1 and a correlation near 1. `least`: the smallest difference between labels that is informative. */
const unrelated = { correlation: 0.5, slope: 0.5, errors: 1.65, least: 0.3 };
/** Labels differ by a field beyond this number of errors. */
const byField = 5;

type Facts = (AuditPlace | Gap)[];

interface JudgedTask {
  readonly tower: TowerSpec;
  readonly place: number;
  readonly rows: Int32Array;
  readonly labels: Float32Array;
  readonly logits: Float32Array;
}

const unknownTraining: Gap = {
  what: "whether the training had labels like these",
  reason: "its logistic regression is unknown: the model was not trained here, or by an older version",
};

/** Of the tasks with one logit for a class. @param floor the regression of the training rows; `null`: unknown */
export async function labelFacts(
  engine: Engine,
  floor: LogisticRegression | null,
  all: EncodedData,
  seed: number,
): Promise<Facts> {
  const size = Math.min(labelRows, all.rows);
  const places = Int32Array.from({ length: size }, (_, at) => Math.floor((at * all.rows) / size));
  const data = await copyRows(all, places);
  const outputs = await predictAll(engine, data);
  const facts: Facts = [];
  const tasks = engine.spec.towers.flatMap((tower, place): JudgedTask[] => {
    const { logits } = outputs[place]!;
    if (!isBinary(tower) || tower.numClass > 1 || !logits.every(Number.isFinite)) return [];
    const labels = data.labels.get(tower.label)!;
    const rows = cellRows(tower, data, 0)[0]!;
    const ofClass = Math.min(...[true, false].map((is) => rows.filter((row) => labels[row]! > 0 === is).length));
    if (ofClass >= fewestOfClass) return [{ tower, place, rows, labels, logits }];
    const reason = `cannot be told: ${count(ofClass, "row")} of a class, ${fewestOfClass} would be needed`;
    facts.push({ what: `whether ${tower.name} follows its labels`, reason });
    return [];
  });
  if (tasks.length === 0) return facts;
  const source = random(seed).fork("audit of labels");
  return [
    ...facts,
    ...(floor === null ? [unknownTraining] : await trainingFacts(engine, floor, data, tasks, source)),
    ...(await fieldFacts(engine, data, tasks, source)),
    ...(await towerFacts(engine, data, tasks)),
  ];
}

/**
 * Logistic regressions of one half of these rows, evaluated on the other half, beside that of the training rows, which
 * had more: it falls behind if the training's labels or joins were different. Networks may have been trained too
 * little, these not.
 */
async function trainingFacts(
  { spec }: Engine,
  floor: LogisticRegression,
  data: EncodedData,
  tasks: readonly JudgedTask[],
  source: Random,
): Promise<Facts> {
  const order = permutation(data.rows, source.fork("halves"));
  const halves = [order.subarray(0, data.rows >> 1).sort(), order.subarray(data.rows >> 1).sort()] as const;
  const ofTraining = await logisticScores(floor, data);
  const scores = tasks.map(() => new Float32Array(data.rows));
  for (const half of [0, 1] as const) {
    const regression = await fitLogisticRegression(spec, await copyRows(data, halves[half]));
    if (regression === null) return [];
    const other = halves[1 - half]!;
    const values = await logisticScores(regression, await copyRows(data, other));
    for (const [at, { tower }] of tasks.entries()) {
      const ofTask = values.get(tower.name);
      for (const [place, row] of other.entries()) scores[at]![row] = ofTask?.[place] ?? 0;
    }
  }
  return tasks.flatMap(({ tower: { name }, rows, labels }, at): Facts => {
    const inside = new Set(rows);
    const before = ofTraining.get(name);
    if (before === undefined) return [];
    const parts = halves.flatMap((half) => {
      const members = half.filter((row) => inside.has(row));
      const [training, here] = [before, scores[at]!].map((values) => aucInfluence(values, labels, members));
      const behind = difference(here ?? null, training ?? null);
      return behind === null ? [] : [{ training: training!, here: here!, behind }];
    });
    if (parts.length < 2) return [];
    const over = (pick: (part: (typeof parts)[number]) => Influenced) => {
      const all = parts.map(pick);
      return { value: mean(all.map(({ value }) => value)), error: meanError(all) };
    };
    const [training, here, behind] = [over((p) => p.training), over((p) => p.here), over((p) => p.behind)];
    const aucs = `a logistic regression of the training rows has AUC ${fixed(training.value)} here, one of half of these rows ${fixed(here.value)} on the other half`;
    if ([training, here].every(({ value, error }) => value - 0.5 < 3 * error)) {
      const reason = `cannot be told: with so weak a signal, shuffled labels look the same (${aucs})`;
      return [{ what: `whether ${name} was trained on labels like these`, reason }];
    }
    // At least half of what the features tell of the label is not learned, beyond noise.
    const share = ((here.value - training.value) / (here.value - 0.5)) * 2;
    const excess = here.value > training.value ? Math.min(behind.value / behind.error / beyondNoise, share) : 0;
    return [measuredPlace("other labels", name, excess, aucs)];
  });
}

/** The error of a mean of estimates on different rows. */
function meanError(all: readonly { readonly influence: Float64Array }[]): number {
  return Math.sqrt(sum(all.map(({ influence }) => dot(influence, influence)))) / all.length;
}

/**
 * Id fields by which labels differ, beside what each value adds to the logit. Memorised effects are too large but
 * correlate with the labels; effects that belong to other ids do not, and effects that were hardly learned are too
 * small to tell.
 */
async function fieldFacts(
  engine: Engine,
  data: EncodedData,
  tasks: readonly JudgedTask[],
  source: Random,
): Promise<Facts> {
  const facts: Facts = [];
  for (const [name, column] of data.features) {
    if (column.kind !== "ids") continue;
    const differing = tasks.flatMap((task) => {
      const { errors, beyond, size } = labelDifference(column, data.domains, task);
      return errors > byField ? [{ ...task, beyond, size }] : [];
    });
    if (differing.length === 0) continue;
    const changed = { ...data, features: new Map([...data.features, [name, exchanged(column, data.domains, source)]]) };
    const outputs = await predictAll(engine, changed);
    for (const { tower, place, rows, labels, logits, beyond, size } of differing) {
      const addition = meanByValue(column, rows, (row) => logits[row]! - outputs[place]!.logits[row]!);
      const { slopes, errors } = logisticFit(
        labels,
        [addition, logits.map((logit, row) => logit - addition[row]!)],
        rows,
      );
      const [slope, error] = [slopes[0]!, errors[0]!];
      if (!Number.isFinite(error)) continue; // it changes no prediction, which has a check of its own
      const correlation = (slope / error + unrelated.errors) / Math.sqrt(beyond);
      const learned = Math.sqrt(sampleVariance(Array.from(rows, (row) => addition[row]!)));
      const excess = Math.min(
        learned / size / unrelated.least,
        unrelated.correlation / Math.max(correlation, 0.01),
        unrelated.slope / Math.max(slope + unrelated.errors * error, 0.01),
      );
      const evidence = `labels differ by ${name}, but log-odds rise by ${fixed(slope, 2)} ± ${fixed(error, 2)} for each unit that it adds to the logit`;
      facts.push(measuredPlace("unrelated ids", `${name} for ${tower.name}`, excess, evidence));
    }
  }
  return facts;
}

/** For each row, the mean over the rows with its value. */
function meanByValue(column: IdColumn, rows: Int32Array, of: (row: number) => number): Float64Array {
  const sums = new Map<number, { sum: number; rows: number }>();
  for (const row of rows) {
    const value = getOrMake(sums, column.ids[row]!, () => ({ sum: 0, rows: 0 }));
    value.sum += of(row);
    value.rows++;
  }
  return Float64Array.from(column.ids, (id) => {
    const value = sums.get(id);
    return value === undefined ? 0 : value.sum / value.rows;
  });
}

/** Of labels between values within domains: in errors, what is beyond chance in the sum of squares, and its size in log-odds. */
function labelDifference(
  column: IdColumn,
  domains: Int32Array | null,
  { rows, labels }: JudgedTask,
): { readonly errors: number; readonly beyond: number; readonly size: number } {
  const rates = new Map<number, { sum: number; rows: number }>();
  const sets = new Map<string, { sum: number; rows: number; variance: number }>();
  for (const row of rows) {
    const rate = getOrMake(rates, domains?.[row] ?? 0, () => ({ sum: 0, rows: 0 }));
    rate.sum += labels[row]! > 0 ? 1 : 0;
    rate.rows++;
  }
  for (const row of rows) {
    const { sum: positives, rows: all } = rates.get(domains?.[row] ?? 0)!;
    const set = getOrMake(sets, `${column.ids[row]}`, () => ({ sum: 0, rows: 0, variance: 0 }));
    const rate = positives / all;
    set.sum += (labels[row]! > 0 ? 1 : 0) - rate;
    set.variance += rate * (1 - rate);
    set.rows++;
  }
  const several = [...sets.values()].filter(({ rows: all, variance }) => all > 1 && variance > 0);
  const beyond = sum(several.map((set) => set.sum ** 2 / set.variance)) - several.length;
  const size = Math.sqrt(Math.max(0, beyond) / sum(several.map(({ variance }) => variance)));
  return { errors: several.length < 2 ? 0 : beyond / Math.sqrt(2 * several.length), beyond, size };
}

/** The ids of other rows of the domain. */
function exchanged(column: IdColumn, domains: Int32Array | null, source: Random): IdColumn {
  const ids = column.ids.slice();
  const sets = new Map<number, number[]>();
  for (const row of everyRow(ids.length)) getOrMake(sets, domains?.[row] ?? 0, () => []).push(row);
  for (const rows of sets.values()) {
    const order = permutation(rows.length, source);
    for (const [at, row] of rows.entries()) ids[row] = column.ids[rows[order[at]!]!]!;
  }
  return { ...column, ids };
}

/** Two domains each of whose rows the other's towers predict better. */
async function towerFacts(engine: Engine, data: EncodedData, tasks: readonly JudgedTask[]): Promise<Facts> {
  const { spec } = engine;
  const domains = spec.domains?.count ?? 0;
  if (data.domains === null || domains < 2 || domains > mostDomains || towersPerTask(spec) < 2) return [];
  const byTower: (readonly TowerOutput[])[] = [];
  for (let domain = 0; domain < domains; domain++)
    byTower.push(await predictAll(engine, { ...data, domains: new Int32Array(data.rows).fill(domain) }));
  return tasks.flatMap(({ tower, place, rows, labels }) => {
    const loss = (row: number, domain: number): number => {
      const logit = byTower[domain]![place]!.logits[row]!;
      return Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(0, labels[row]! > 0 ? -logit : logit);
    };
    const facts: Facts = [];
    const of = everyRow(domains).map((domain) => domain);
    for (const a of of) {
      for (const b of of.filter((each) => each > a)) {
        const gains = [
          [a, b],
          [b, a],
        ].map(([domain, other]) => {
          const values = [...rows].flatMap((row) =>
            data.domains![row] === domain ? [loss(row, domain!) - loss(row, other!)] : [],
          );
          return { total: sum(values), variance: dot(values, values) };
        });
        if (gains.some(({ variance }) => variance === 0)) continue;
        const sizes = gains.map(({ total, variance }) => total / Math.sqrt(variance));
        const joint = sum(gains.map(({ total }) => total)) / Math.sqrt(sum(gains.map(({ variance }) => variance)));
        const names = [a, b].map((domain) => domainName(spec, domain)).join(" and ");
        const evidence = `the towers of the other predict the rows of both better: by ${sizes.map((size) => fixed(size, 1)).join(" and ")} errors of the log loss`;
        const excess = sizes.every((size) => size > beyondTowers.both) ? joint / beyondTowers.joint : 0;
        facts.push(measuredPlace("exchanged towers", `tower ${tower.name} in ${names}`, Math.max(0, excess), evidence));
      }
    }
    return facts;
  });
}

/** Slopes of a logistic regression with an intercept, by Newton's method, with their errors; infinite where not defined. */
export function logisticFit(
  labels: ArrayLike<number>,
  columns: readonly ArrayLike<number>[],
  rows: ArrayLike<number>,
): { readonly slopes: readonly number[]; readonly errors: readonly number[] } {
  const size = columns.length + 1;
  const weights = new Array<number>(size).fill(0);
  let inverse: number[][] | null = null;
  for (let step = 0; step < 25; step++) {
    const gradient = new Array<number>(size).fill(0);
    const curvature = gradient.map(() => new Array<number>(size).fill(0));
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at]!;
      const inputs = [1, ...columns.map((column) => column[row]!)];
      const chance = sigmoid(dot(weights, inputs));
      for (let i = 0; i < size; i++) {
        gradient[i]! += ((labels[row]! > 0 ? 1 : 0) - chance) * inputs[i]!;
        for (let j = 0; j < size; j++) curvature[i]![j]! += chance * (1 - chance) * inputs[i]! * inputs[j]!;
      }
    }
    inverse = inverted(curvature);
    if (inverse === null) break;
    const change = inverse.map((line) => dot(line, gradient));
    for (let i = 0; i < size; i++) weights[i]! += change[i]!;
    if (Math.max(...change.map(Math.abs)) < 1e-8) break;
  }
  const errors = inverse?.map((line, at) => Math.sqrt(line[at]!)) ?? weights.map(() => Number.POSITIVE_INFINITY);
  return { slopes: weights.slice(1), errors: errors.slice(1) };
}

/** By Gauss and Jordan; `null`: singular. */
function inverted(matrix: readonly (readonly number[])[]): number[][] | null {
  const size = matrix.length;
  const lines = matrix.map((line, at) => [...line, ...line.map((_, column) => Number(column === at))]);
  for (let at = 0; at < size; at++) {
    const pivot = lines[at]![at]!;
    if (!(pivot > 1e-9 * matrix[at]![at]!)) return null; // of a positive matrix
    for (let column = 0; column < 2 * size; column++) lines[at]![column]! /= pivot;
    for (let other = 0; other < size; other++) {
      if (other === at) continue;
      const factor = lines[other]![at]!;
      for (let column = 0; column < 2 * size; column++) lines[other]![column]! -= factor * lines[at]![column]!;
    }
  }
  return lines.map((line) => line.slice(size));
}
