import {
  type CalibrationCurve,
  type CalibrationOptions,
  type CalibrationReport,
  calibrationCurve,
  type TaskCalibration,
  withRatios,
} from "../../metrics/calibration-curve.js";
import type { ComparedCell, Comparison, Difference, TaskComparison } from "../../metrics/comparison-verdict.js";
import { deLong } from "../../metrics/delong.js";
import type { CellDraws, IntervalWidth } from "../../metrics/intervals/cell-intervals.js";
import { drawnInterval, fewestForInterval } from "../../metrics/intervals/cell-intervals.js";
import { differenceP, holm, smallSampleWidening } from "../../metrics/intervals/normal.js";
import type { Evaluation, MetricName, TaskMetrics } from "../../metrics/types.js";
import { isBinary } from "../../spec/model.js";
import { mean, type Work } from "../../util/turns.js";
import { measuring } from "./measure.js";
import { drawnMetrics, drawnTaskCells, type TaskCell } from "./task-cells.js";
import { cellRows, type IntervalOptions, type MeasureRequest, positiveScores, taskSpaceName } from "./task-rows.js";

export interface CompareRequest extends Omit<MeasureRequest, "intervals"> {
  readonly names: readonly [string, string];
  /** By tower, [rows, numClass]: the second model's. */
  readonly second: readonly Float32Array[];
  /** By tower: whether one of the models only ranks rows, so that its scores are not probabilities. */
  readonly ranksOnly: readonly boolean[];
  readonly intervals: IntervalOptions;
  readonly notes: readonly string[];
}

const moreIsBetter: ReadonlySet<MetricName> = new Set(["auc", "groupedAuc", "accuracy"]);

export function* comparing(request: CompareRequest): Work<Comparison> {
  const { names, notes, columns, users } = request;
  const { draws = 300, seed = 1, level = 0.95 } = request.intervals;
  const first = yield* measuring({ ...request, intervals: null });
  const second = yield* measuring({ ...request, probabilities: request.second, intervals: null });
  const models = [
    { evaluation: first, probabilities: request.probabilities },
    { evaluation: second, probabilities: request.second },
  ];
  const { cells: taskCells, sampledRows } = yield* drawnTaskCells(request, models, request.ranksOnly, { draws, seed });
  const cells = taskCells.map((cell) => comparedCell(request, cell, level));
  const significance = Number((1 - level).toFixed(9));
  const judged = withVerdicts(cells, significance);
  const perTask = first.domainNames.length + 1;
  const tasks = first.tasks.map(({ tower, label, within }, task): TaskComparison => {
    const [overall, ...domains] = judged.slice(task * perTask, (task + 1) * perTask);
    return { tower, label, within, overall: overall!, domains };
  });
  return {
    names,
    rows: columns.rows,
    domainNames: first.domainNames,
    tasks,
    metrics: metricNames(judged),
    method: {
      level,
      draws,
      seed,
      user: users?.name ?? null,
      sampledRows,
      auc: users === null ? "DeLong" : "bootstrap",
      significance,
    },
    notes,
  };
}

function comparedCell(request: CompareRequest, cell: TaskCell, level: number): ComparedCell {
  const { task, tower, rows, labels, draws, fewest } = cell;
  const [modelMetrics, otherMetrics] = cell.metrics as readonly [TaskMetrics, TaskMetrics];
  const metrics: Partial<Record<MetricName, Difference>> = {};
  for (const name of drawnMetrics(tower, request.users !== null, request.ranksOnly[task]!)) {
    const values = { first: modelMetrics[name] ?? null, second: otherMetrics[name] ?? null };
    const fewGroups = name === "groupedAuc" && (modelMetrics.groups ?? 0) < fewestForInterval;
    const gap = cell.gap ?? (fewGroups ? `${modelMetrics.groups} users with both classes are too few` : null);
    const scores = (of: readonly Float32Array[]): Float32Array => positiveScores(tower, of[task]!);
    const test =
      draws === null || gap !== null
        ? null
        : name === "auc" && request.users === null && isBinary(tower)
          ? deLong(scores(request.probabilities), scores(request.second), labels, { rows, level })
          : drawnDifference(name, values, draws, { level, fewest });
    metrics[name] = {
      value: difference(name, values.first, values.second),
      low: test?.low ?? null,
      high: test?.high ?? null,
      ...values,
      pValue: test?.pValue ?? null,
      adjustedPValue: null,
      verdict: "gap",
      gap: test === null ? (gap ?? "not defined") : null,
    };
  }
  return { rows: rows.length, positives: modelMetrics.positives, metrics };
}

/** For calibration, the distances of the ratios from 1 are compared. */
function difference(name: MetricName, first: number | null, second: number | null): number | null {
  if (first === null || second === null) return null;
  return name === "calibration" ? Math.abs(first - 1) - Math.abs(second - 1) : first - second;
}

/** The paired bootstrap: a percentile interval, and a p value from the draws' standard deviation. */
function drawnDifference(
  name: MetricName,
  values: { readonly first: number | null; readonly second: number | null },
  draws: readonly CellDraws[],
  width: IntervalWidth,
): { low: number; high: number; pValue: number } | null {
  const value = difference(name, values.first, values.second);
  const [first, second] = draws.map((cellDraws) => cellDraws.get(name)!);
  const differences = first!.map((firstValue, draw) => difference(name, firstValue, second![draw]!)!);
  const { low, high } = drawnInterval(value, differences, width);
  if (value === null || low === null || high === null) return null;
  const finite = differences.filter(Number.isFinite);
  const centre = mean(finite);
  const spread = Math.sqrt(finite.reduce((sum, drawnValue) => sum + (drawnValue - centre) ** 2, 0) / finite.length);
  const error = spread * smallSampleWidening(width.fewest, width.level);
  return { low, high, pValue: differenceP(value, error) };
}

function withVerdicts(cells: readonly ComparedCell[], significance: number): ComparedCell[] {
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
        verdict: decideVerdict(name, cellDifference, adjustedPValue, significance),
      };
    }
    return { ...cell, metrics };
  });
}

function decideVerdict(
  name: MetricName,
  { value, gap }: Difference,
  adjustedPValue: number | null,
  significance: number,
): Difference["verdict"] {
  if (gap !== null || adjustedPValue === null || value === null) return "gap";
  if (adjustedPValue >= significance) return "noise";
  return value > 0 === moreIsBetter.has(name) ? "won" : "lost";
}

function metricNames(cells: readonly ComparedCell[]): MetricName[] {
  return [...new Set(cells.flatMap((cell) => Object.keys(cell.metrics) as MetricName[]))];
}

export interface CalibrationRequest
  extends Pick<MeasureRequest, "towers" | "domainNames" | "columns" | "probabilities"> {
  readonly options: CalibrationOptions;
}

export function* calibrating(request: CalibrationRequest): Work<CalibrationReport> {
  const { towers, domainNames, columns, options } = request;
  const tasks: TaskCalibration[] = [];
  for (const [index, tower] of towers.entries()) {
    if (!isBinary(tower)) continue;
    const scores = positiveScores(tower, request.probabilities[index]!);
    const labels = columns.labels.get(tower.label)!;
    const curves: CalibrationCurve[] = [];
    for (const rows of cellRows(tower, columns, domainNames.length)) {
      curves.push(calibrationCurve(scores, labels, rows, options));
      yield;
    }
    const [overall, ...domains] = curves;
    const within = taskSpaceName(tower);
    tasks.push({ tower: tower.name, label: tower.label, within, overall: overall!, domains });
  }
  const level = options.level ?? 0.95;
  return { rows: columns.rows, domainNames, level, tasks: withRatios(tasks, level) };
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
