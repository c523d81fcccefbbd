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
import {
  type CellDraws,
  drawCells,
  drawnInterval,
  fewestForInterval,
  type IntervalWidth,
} from "../../metrics/intervals/cell-intervals.js";
import type { CellRows, DrawnCell } from "../../metrics/intervals/drawn-cell.js";
import { differenceP, holm, smallSampleWidening } from "../../metrics/intervals/normal.js";
import type { Evaluation, MetricName, TaskMetrics } from "../../metrics/types.js";
import { isBinary, type TowerSpec } from "../../spec/model.js";
import { mean, type Work } from "../../util/turns.js";
import { measuring } from "./measure.js";
import {
  cellSize,
  type DrawUnits,
  drawnMetrics,
  drawnRows,
  drawUnits,
  rescaled,
  type TaskPredictions,
  taskCell,
} from "./task-cells.js";
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
  const rows = request.towers.map((tower) => cellRows(tower, columns, first.domainNames.length));
  const units = drawUnits(columns.rows, users?.codes ?? null, rows.flat(), seed, drawnRows / 2);
  const pairs = yield* pairedCells(request, first, second, rows, units);
  const drawnCells = pairs.flatMap(({ drawn }) => drawn ?? []);
  const all = yield* drawCells(drawnCells, { units: units.count, draws, seed });
  const cells = pairs.map((pair) => {
    const rescaledDraws = (cell: DrawnCell, metrics: TaskMetrics): CellDraws =>
      rescaled(cell, all[drawnCells.indexOf(cell)]!, metrics, units.count, pair.share);
    const pairDraws = pair.drawn && [
      rescaledDraws(pair.drawn[0], pair.metrics[0]),
      rescaledDraws(pair.drawn[1], pair.metrics[1]),
    ];
    return comparedCell(pair, pairDraws as [CellDraws, CellDraws] | null, users === null, level);
  });
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
      sampledRows: units.sampledRows,
      auc: users === null ? "DeLong" : "bootstrap",
      significance,
    },
    notes,
  };
}

type Pair<Of> = readonly [Of, Of];

interface PairedCell {
  readonly tower: TowerSpec;
  readonly rows: Int32Array;
  readonly labels: Float32Array;
  readonly scores: Pair<Float32Array>;
  readonly metrics: Pair<TaskMetrics>;
  readonly names: readonly MetricName[];
  readonly fewest: number;
  readonly gap: string | null;
  readonly drawn: Pair<DrawnCell> | null;
  readonly share: number;
}

function* pairedCells(
  request: CompareRequest,
  first: Evaluation,
  second: Evaluation,
  rows: readonly (readonly Int32Array[])[],
  units: DrawUnits,
): Work<PairedCell[]> {
  const users = request.users?.codes ?? null;
  const cells: PairedCell[] = [];
  for (const [task, tower] of request.towers.entries()) {
    const labels = request.columns.labels.get(tower.label)!;
    const ranksOnly = request.ranksOnly[task]!;
    const probabilities = [request.probabilities[task], request.second[task]] as unknown as Pair<Float32Array>;
    const parts = [first, second].map(({ tasks }) => {
      const taskMetrics = tasks[task]!;
      return [taskMetrics.overall, ...taskMetrics.domains];
    }) as unknown as Pair<readonly TaskMetrics[]>;
    for (const [part, partRows] of rows[task]!.entries()) {
      const cell: CellRows = { rows: units.cells[cells.length]!, labels, units: units.of };
      const { fewest, gap } = cellSize(tower, cell, users !== null);
      const taskCells =
        gap === null
          ? probabilities.map((of) => taskCell({ tower, probabilities: of, ranksOnly } as TaskPredictions, cell, users))
          : [];
      const isWhole = taskCells.length === 2 && taskCells.every((model) => model !== null);
      cells.push({
        tower,
        rows: partRows,
        labels,
        scores: probabilities.map((of) => positiveScores(tower, of)) as unknown as Pair<Float32Array>,
        metrics: [parts[0][part]!, parts[1][part]!],
        names: drawnMetrics(tower, users !== null, ranksOnly),
        fewest,
        gap: gap ?? (isWhole ? null : "a prediction is NaN"),
        drawn: isWhole ? (taskCells as unknown as Pair<DrawnCell>) : null,
        share: cell.rows.length / partRows.length,
      });
      yield;
    }
  }
  return cells;
}

function comparedCell(
  pair: PairedCell,
  draws: Pair<CellDraws> | null,
  independentRows: boolean,
  level: number,
): ComparedCell {
  const metrics: Partial<Record<MetricName, Difference>> = {};
  for (const name of pair.names) {
    const [first, second] = pair.metrics.map((modelMetrics) => modelMetrics[name] ?? null);
    const values = { first: first ?? null, second: second ?? null };
    const fewGroups = name === "groupedAuc" && (pair.metrics[0].groups ?? 0) < fewestForInterval;
    const gap = pair.gap ?? (fewGroups ? `${pair.metrics[0].groups} users with both classes are too few` : null);
    const test =
      draws === null || gap !== null
        ? null
        : name === "auc" && independentRows && isBinary(pair.tower)
          ? deLong(...pair.scores, pair.labels, { rows: pair.rows, level })
          : drawnDifference(name, values, draws, { level, fewest: pair.fewest });
    const value = difference(name, values.first, values.second);
    metrics[name] = {
      value,
      low: test?.low ?? null,
      high: test?.high ?? null,
      ...values,
      pValue: test?.pValue ?? null,
      adjustedPValue: null,
      verdict: "gap",
      gap: test === null ? (gap ?? "not defined") : null,
    };
  }
  return { rows: pair.rows.length, positives: pair.metrics[0].positives, metrics };
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
  draws: Pair<CellDraws>,
  width: IntervalWidth,
): { low: number; high: number; pValue: number } | null {
  const value = difference(name, values.first, values.second);
  const [first, second] = draws.map((cellDraws) => cellDraws.get(name)!) as unknown as Pair<Float64Array>;
  const differences = first.map((firstValue, draw) => difference(name, firstValue, second[draw]!)!);
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
