/** Measures predictions: metrics by task and domain, with intervals, curves and calibration. */
import {
  type CalibrationCurve,
  type CalibrationOptions,
  type CalibrationReport,
  calibrationCurve,
  type TaskCalibration,
  withRatios,
} from "../../metrics/calibration-curve.js";
import {
  type ComparedCell,
  type Comparison,
  comparesModels,
  type Difference,
  metricDirections,
  type TaskComparison,
} from "../../metrics/comparison-verdict.js";
import type { ScoreCurve, TaskCurves } from "../../metrics/curve-types.js";
import { deLong } from "../../metrics/delong.js";
import { normalQuantile, studentQuantile } from "../../metrics/distributions.js";
import {
  type CellDraws,
  cellIntervals,
  drawnInterval,
  type IntervalWidth,
} from "../../metrics/intervals/cell-intervals.js";
import { differenceP, fewestForInterval, holm, smallSampleWidening } from "../../metrics/intervals/normal.js";
import { scoreCurve } from "../../metrics/score-curve.js";
import type { Evaluation, MetricIntervals, MetricName, TaskEvaluation, TaskMetrics } from "../../metrics/types.js";
import { isBinary } from "../../spec/model.js";
import { mean, sampleVariance } from "../../util/numbers.js";
import type { Work } from "../../util/turns.js";
import { drawnMetrics, drawnTaskCells, type MeasuredModel, type TaskCell } from "./task-cells.js";
import {
  cellRows,
  type IntervalOptions,
  type MeasureRequest,
  measuredRows,
  positiveScores,
  rowsByDomain,
  type TaskRows,
  taskMetrics,
  taskRows,
  taskSpaceName,
} from "./task-rows.js";

export function* measuring(request: MeasureRequest): Work<Evaluation> {
  const { towers, domainNames, columns } = request;
  const tasks: TaskEvaluation[] = [];
  const curves: TaskCurves[] = [];
  for (const [index, tower] of towers.entries()) {
    const within = taskSpaceName(tower);
    const inside = measuredRows(tower, columns, within);
    const overall = taskMetrics(tower, taskRows(request, index, inside));
    yield;
    const domains: TaskMetrics[] = [];
    for (const rows of rowsByDomain(columns, inside, domainNames.length)) {
      domains.push(taskMetrics(tower, taskRows(request, index, rows)));
      yield;
    }
    const all = (): TaskRows => taskRows(request, index, measuredRows(tower, columns, null));
    const anywhere = within === null ? overall : taskMetrics(tower, all());
    yield;
    if (request.curves === true) curves.push(...(yield* taskCurves(request, index)));
    tasks.push({ tower: tower.name, label: tower.label, within, overall, domains, allRows: anywhere });
  }
  const measured = { rows: columns.rows, domainNames, tasks };
  const evaluation = request.curves === true ? { ...measured, curves } : measured;
  return request.intervals === null ? evaluation : yield* withIntervals(request, evaluation, request.intervals);
}

/** Points of one curve; many domains share them, so that the result stays small. */
const MOST_POINTS = 80;
const FEWEST_POINTS = 12;
const SHARED_POINTS = 1600;

function* taskCurves(request: MeasureRequest, index: number): Work<readonly TaskCurves[]> {
  const { towers, columns, domainNames } = request;
  const tower = towers[index]!;
  if (!isBinary(tower)) return [];
  const cells = cellRows(tower, columns, domainNames.length);
  const points = Math.min(MOST_POINTS, Math.max(FEWEST_POINTS, Math.floor(SHARED_POINTS / cells.length)));
  const curves: ScoreCurve[] = [];
  for (const [cell, rows] of cells.entries()) {
    const { labels, probabilities } = taskRows(request, index, rows);
    const choices = cell === 0 ? { bins: true } : { points };
    curves.push(scoreCurve(positiveScores(tower, probabilities), labels, choices));
    yield;
  }
  const [overall, ...domains] = curves;
  return [{ tower: tower.name, label: tower.label, within: taskSpaceName(tower), overall: overall!, domains }];
}

function* withIntervals(
  request: MeasureRequest,
  evaluation: Evaluation,
  { draws = 300, seed = 1, level = 0.95 }: IntervalOptions,
): Work<Evaluation> {
  const models = [{ evaluation, probabilities: request.probabilities }];
  const { cells, sampledRows } = yield* drawnTaskCells(request, models, [], { draws, seed });
  const undefinedDraws = ["groupedAuc", new Float64Array(draws).fill(Number.NaN)] as const;
  const metricsWithIntervals = (task: number, part: number): TaskMetrics => {
    const cell = cells.find((each) => each.task === task && each.part === part)!;
    const { tower, fewest, draws: modelDraws } = cell;
    const metrics = cell.metrics[0]!;
    const hasFewUsers = (metrics.groups ?? fewestForInterval) < fewestForInterval;
    const cellDraws = modelDraws && new Map([...modelDraws[0]!, ...(hasFewUsers ? [undefinedDraws] : [])]);
    const names = drawnMetrics(tower, request.users !== null);
    return { ...metrics, intervals: metricIntervals(names, metrics, cellDraws, { level, fewest }) };
  };
  const tasks = evaluation.tasks.map((task, index) => {
    const overall = metricsWithIntervals(index, 0);
    const domains = task.domains.map((_, domain) => metricsWithIntervals(index, domain + 1));
    return { ...task, overall, domains, allRows: task.within === null ? overall : task.allRows };
  });
  const intervalMethod = { level, draws, seed, user: request.users?.name ?? null, sampledRows };
  return { ...evaluation, tasks, intervalMethod };
}

function metricIntervals(
  names: readonly MetricName[],
  values: Readonly<Partial<Record<MetricName, number | null>>>,
  draws: CellDraws | null,
  width: IntervalWidth,
): MetricIntervals {
  if (draws !== null) return cellIntervals(values, draws, width);
  const interval = (name: MetricName) => drawnInterval(values[name] ?? null, new Float64Array(0), width);
  return Object.fromEntries(names.map((name) => [name, interval(name)])) as MetricIntervals;
}

export interface CompareRequest extends Omit<MeasureRequest, "intervals"> {
  readonly names: readonly [string, string];
  /**
   * Predictions of further trainings, of the first model, then of the second: by training, then tower, [rows,
   * numClass].
   */
  readonly others: readonly (readonly Float32Array[])[];
  /** Number of trainings of each model. */
  readonly trainings: readonly [number, number];
  /** By tower: whether one of the models only ranks rows, so that its scores are not probabilities. */
  readonly ranksOnly: readonly boolean[];
  readonly intervals: IntervalOptions;
  readonly notes: readonly string[];
}

function* comparing(request: CompareRequest): Work<Comparison> {
  const { names, notes, columns, users } = request;
  const { draws = 300, seed = 1, level = 0.95 } = request.intervals;
  const models: MeasuredModel[] = [];
  for (const probabilities of [request.probabilities, ...request.others]) {
    models.push({ evaluation: yield* measuring({ ...request, probabilities, intervals: null }), probabilities });
  }
  const { domainNames, tasks: towers } = models[0]!.evaluation;
  const { cells: taskCells, sampledRows } = yield* drawnTaskCells(request, models, request.ranksOnly, { draws, seed });
  const cells = taskCells.map((cell) => comparedCell(request, cell, level));
  const significance = Number((1 - level).toFixed(9));
  const judged = withVerdicts(cells, significance, comparesModels(request));
  const perTask = domainNames.length + 1;
  const tasks = towers.map(({ tower, label, within }, task): TaskComparison => {
    const [overall, ...domains] = judged.slice(task * perTask, (task + 1) * perTask);
    return { tower, label, within, overall: overall!, domains };
  });
  return {
    names,
    rows: columns.rows,
    domainNames,
    tasks,
    metrics: metricNames(judged),
    method: {
      level,
      draws,
      seed,
      user: users?.name ?? null,
      sampledRows,
      auc: users === null && models.length === 2 ? "DeLong" : "bootstrap",
      trainings: request.trainings,
      significance,
    },
    notes: [...notes, ...seedsNotes(request, models)],
  };
}

/**
 * Notes on models with several trainings beside one with one: what another training usually changes, which no interval
 * contains.
 */
function seedsNotes({ trainings: [first, second], names }: CompareRequest, models: readonly MeasuredModel[]): string[] {
  if (Math.min(first, second) > 1 || Math.max(first, second) === 1) return [];
  const [name, evaluations] =
    first > 1
      ? [names[0], models.slice(0, first).map(({ evaluation }) => evaluation)]
      : [names[1], models.slice(first).map(({ evaluation }) => evaluation)];
  return evaluations[0]!.tasks.flatMap(({ tower }, task) => {
    const values = evaluations.map(({ tasks }) => tasks[task]!.overall.auc ?? null);
    if (values.includes(null)) return [];
    const usual = Math.sqrt(2 * sampleVariance(values as number[])).toPrecision(2);
    return `${tower}: two trainings of ${name} usually differ by ${usual} in AUC (by its ${values.length} trainings)`;
  });
}

function comparedCell(request: CompareRequest, cell: TaskCell, level: number): ComparedCell {
  const { task, tower, rows, labels, draws, fewest } = cell;
  const sides = [cell.metrics.slice(0, request.trainings[0]), cell.metrics.slice(request.trainings[0])] as const;
  const metrics: Partial<Record<MetricName, Difference>> = {};
  for (const name of drawnMetrics(tower, request.users !== null, request.ranksOnly[task]!)) {
    const of = (side: 0 | 1): Values => sides[side].map((metrics) => metrics[name] ?? null);
    const [firsts, seconds] = [of(0), of(1)];
    const { groups = 0 } = sides[0][0]!;
    const fewGroups = name === "groupedAuc" && groups < fewestForInterval;
    const gap = cell.gap ?? (fewGroups ? `${groups} users with both classes are too few` : null);
    const scores = (of: readonly Float32Array[]): Float32Array => positiveScores(tower, of[task]!);
    const value = difference(name, firsts, seconds);
    const test =
      draws === null || gap !== null
        ? null
        : name === "auc" && request.users === null && isBinary(tower) && request.others.length === 1
          ? deLong(scores(request.probabilities), scores(request.others[0]!), labels, { rows, level })
          : drawnDifference(name, [firsts, seconds], draws, { level, fewest });
    metrics[name] = {
      value,
      low: test?.low ?? null,
      high: test?.high ?? null,
      first: meanOf(firsts),
      second: meanOf(seconds),
      pValue: test?.pValue ?? null,
      adjustedPValue: null,
      verdict: "gap",
      gap: test === null ? (gap ?? "not defined") : null,
    };
  }
  return { rows: rows.length, positives: sides[0][0]!.positives, metrics };
}

/** A metric by training. */
type Values = readonly (number | null)[];

function meanOf(values: Values): number | null {
  return values.some((value) => value === null) ? null : mean(values as readonly number[]);
}

/** The compared values: for calibration, the distances of the ratios from 1. */
function compared(name: MetricName, values: Values): Values {
  return name === "calibration" ? values.map((value) => (value === null ? null : Math.abs(value - 1))) : values;
}

function difference(name: MetricName, firsts: Values, seconds: Values): number | null {
  const [first, second] = [meanOf(compared(name, firsts)), meanOf(compared(name, seconds))];
  return first === null || second === null ? null : first - second;
}

/**
 * The paired bootstrap: a percentile interval, and a p value from the draws' standard deviation. With several trainings
 * of both models, what varies between these is added.
 */
function drawnDifference(
  name: MetricName,
  [firsts, seconds]: readonly [Values, Values],
  draws: readonly CellDraws[],
  width: IntervalWidth,
): { low: number; high: number; pValue: number } | null {
  const value = difference(name, firsts, seconds);
  const of = (from: number, to: number, draw: number): number[] =>
    draws.slice(from, to).map((cellDraws) => cellDraws.get(name)![draw]!);
  const split = firsts.length;
  const differences = draws[0]!.get(name)!.map((_, draw) => {
    return difference(name, of(0, split, draw), of(split, draws.length, draw))!;
  });
  const { low, high } = drawnInterval(value, differences, width);
  if (value === null || low === null || high === null) return null;
  const finite = differences.filter(Number.isFinite);
  const centre = mean(finite);
  const spread = Math.sqrt(finite.reduce((sum, drawnValue) => sum + (drawnValue - centre) ** 2, 0) / finite.length);
  const error = spread * smallSampleWidening(width.fewest, width.level);
  if (!comparesModels({ trainings: [firsts.length, seconds.length] }))
    return { low, high, pValue: differenceP(value, error) };
  const seeds = seedsNoise(compared(name, firsts) as number[], compared(name, seconds) as number[]);
  const bySeeds = studentQuantile(1 - width.level, seeds.df) * seeds.error;
  return {
    low: value - Math.hypot(value - low, bySeeds),
    high: value + Math.hypot(high - value, bySeeds),
    pValue: jointP(value, error, seeds),
  };
}

/** The noise between trainings of a difference of means, by Welch's rule. */
function seedsNoise(firsts: readonly number[], seconds: readonly number[]) {
  const parts = [firsts, seconds].map((values) => ({
    df: values.length - 1,
    of: sampleVariance(values) / values.length,
  }));
  const total = parts.reduce((sum, { of }) => sum + of, 0);
  const squares = parts.reduce((sum, { of, df }) => sum + of ** 2 / df, 0);
  return { error: Math.sqrt(total), df: squares === 0 ? parts[0]!.df + parts[1]!.df : total ** 2 / squares };
}

/** The error at which the interval of both parts just covers 0, so that √(t² s² + z² r²) equals the difference. */
function jointP(value: number, rowsError: number, seeds: ReturnType<typeof seedsNoise>): number {
  let [low, high] = [-40, 0];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    const error = 10 ** middle;
    const half = Math.hypot(studentQuantile(error, seeds.df) * seeds.error, normalQuantile(error) * rowsError);
    if (half > Math.abs(value)) low = middle;
    else high = middle;
  }
  return 10 ** high;
}

function withVerdicts(cells: readonly ComparedCell[], significance: number, isOfModels: boolean): ComparedCell[] {
  const names = metricNames(cells);
  const adjusted = new Map(names.map((name) => [name, holm(cells.map((cell) => cell.metrics[name]?.pValue ?? null))]));
  return cells.map((cell, at) => {
    const metrics: Partial<Record<MetricName, Difference>> = {};
    for (const [key, cellDifference] of Object.entries(cell.metrics)) {
      const name = key as MetricName;
      const adjustedPValue = adjusted.get(name)?.[at] ?? null;
      metrics[name] = {
        ...cellDifference,
        adjustedPValue,
        verdict: decideVerdict(name, cellDifference, adjustedPValue, { significance, isOfModels }),
      };
    }
    return { ...cell, metrics };
  });
}

function decideVerdict(
  name: MetricName,
  { value, gap }: Difference,
  adjustedPValue: number | null,
  { significance, isOfModels }: { readonly significance: number; readonly isOfModels: boolean },
): Difference["verdict"] {
  if (gap !== null || adjustedPValue === null || value === null) return "gap";
  if (adjustedPValue >= significance) return "noise";
  const isBetter = value > 0 === (metricDirections[name] === "better");
  if (!isOfModels) return isBetter ? "ahead" : "behind";
  return isBetter ? "won" : "lost";
}

function metricNames(cells: readonly ComparedCell[]): MetricName[] {
  return [...new Set(cells.flatMap((cell) => Object.keys(cell.metrics) as MetricName[]))];
}

export interface CalibrationRequest
  extends Pick<MeasureRequest, "towers" | "domainNames" | "columns" | "probabilities" | "users"> {
  readonly options: CalibrationOptions;
}

export function* calibrating(request: CalibrationRequest): Work<CalibrationReport> {
  const { towers, domainNames, columns, options, users } = request;
  const tasks: TaskCalibration[] = [];
  for (const [index, tower] of towers.entries()) {
    if (!isBinary(tower)) continue;
    const scores = positiveScores(tower, request.probabilities[index]!);
    const labels = columns.labels.get(tower.label)!;
    const curves: CalibrationCurve[] = [];
    for (const rows of cellRows(tower, columns, domainNames.length)) {
      curves.push(calibrationCurve(scores, labels, rows, { ...options, users: users?.codes }));
      yield;
    }
    const [overall, ...domains] = curves;
    tasks.push({ tower: tower.name, label: tower.label, within: taskSpaceName(tower), overall: overall!, domains });
  }
  const level = options.level ?? 0.95;
  return { rows: columns.rows, domainNames, level, user: users?.name ?? null, tasks: withRatios(tasks, level) };
}

export interface MeasureJobs {
  readonly evaluation: { readonly request: MeasureRequest; readonly result: Evaluation };
  readonly comparison: { readonly request: CompareRequest; readonly result: Comparison };
  readonly calibration: { readonly request: CalibrationRequest; readonly result: CalibrationReport };
}

export type MeasureKind = keyof MeasureJobs;

const works: {
  readonly [Kind in MeasureKind]: (request: MeasureJobs[Kind]["request"]) => Work<MeasureJobs[Kind]["result"]>;
} = {
  evaluation: measuring,
  comparison: comparing,
  calibration: calibrating,
};

export function measureWork<Kind extends MeasureKind>(
  kind: Kind,
  request: MeasureJobs[Kind]["request"],
): Work<MeasureJobs[Kind]["result"]> {
  return works[kind](request);
}
