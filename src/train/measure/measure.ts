import type { ScoreCurve, TaskCurves } from "../../metrics/curve-types.js";
import type { CellDraws, IntervalWidth } from "../../metrics/intervals/cell-intervals.js";
import { cellIntervals, drawnInterval } from "../../metrics/intervals/cell-intervals.js";
import type { DrawnName } from "../../metrics/intervals/drawn-cell.js";
import { fewestForInterval } from "../../metrics/intervals/normal.js";
import { scoreCurve } from "../../metrics/score-curve.js";
import type {
  Evaluation,
  MetricIntervals,
  MetricName,
  TaskEvaluation,
  TaskMeans,
  TaskMetrics,
} from "../../metrics/types.js";
import { isBinary } from "../../spec/model.js";
import { mean, type Work } from "../../util/turns.js";
import { drawnMetrics, drawnTaskCells, type TaskCell } from "./task-cells.js";
import type { IntervalOptions, MeasureRequest, TaskRows } from "./task-rows.js";
import {
  cellRows,
  measuredRows,
  positiveScores,
  rowsByDomain,
  taskMetrics,
  taskRows,
  taskSpaceName,
} from "./task-rows.js";

export function* measuring(request: MeasureRequest): Work<Evaluation> {
  const { towers, domainNames, columns, auc } = request;
  const tasks: TaskEvaluation[] = [];
  const curves: TaskCurves[] = [];
  for (const [index, tower] of towers.entries()) {
    const within = taskSpaceName(tower);
    const inside = measuredRows(tower, columns, within);
    const overall = taskMetrics(tower, taskRows(request, index, inside), auc);
    yield;
    const domains: TaskMetrics[] = [];
    for (const rows of rowsByDomain(columns, inside, domainNames.length)) {
      domains.push(taskMetrics(tower, taskRows(request, index, rows), auc));
      yield;
    }
    const all = (): TaskRows => taskRows(request, index, measuredRows(tower, columns, null));
    const anywhere = within === null ? overall : taskMetrics(tower, all(), auc);
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
  const within = taskSpaceName(tower);
  return [{ tower: tower.name, label: tower.label, within, overall: overall!, domains }];
}

interface IntervalCell extends Pick<TaskCell, "task" | "part" | "fewest"> {
  readonly names: readonly MetricName[];
  readonly metrics: TaskMetrics;
  readonly draws: CellDraws | null;
}

function* withIntervals(
  request: MeasureRequest,
  evaluation: Evaluation,
  { draws = 300, seed = 1, level = 0.95 }: IntervalOptions,
): Work<Evaluation> {
  const models = [{ evaluation, probabilities: request.probabilities }];
  const { cells: taskCells, sampledRows } = yield* drawnTaskCells(request, models, [], { draws, seed });
  const undefinedDraws = ["groupedAuc", new Float64Array(draws).fill(Number.NaN)] as const;
  const cells = taskCells.map(({ task, part, tower, fewest, metrics: [metrics], draws: modelDraws }) => {
    const hasFewUsers = (metrics!.groups ?? fewestForInterval) < fewestForInterval;
    const cellDraws = modelDraws && new Map([...modelDraws[0]!, ...(hasFewUsers ? [undefinedDraws] : [])]);
    const names = drawnMetrics(tower, request.users !== null);
    return { task, part, fewest, names, metrics: metrics!, draws: cellDraws } satisfies IntervalCell;
  });
  const metricsWithIntervals = (task: number, part: number): TaskMetrics => {
    const { names, metrics, draws, fewest } = cells.find((cell) => cell.task === task && cell.part === part)!;
    return { ...metrics, intervals: metricIntervals(names, metrics, draws, { level, fewest }) };
  };
  const tasks = evaluation.tasks.map((task, index) => {
    const overall = metricsWithIntervals(index, 0);
    const domains = task.domains.map((_, domain) => metricsWithIntervals(index, domain + 1));
    return { ...task, overall, domains, allRows: task.within === null ? overall : task.allRows };
  });
  const means = taskMeans(cells, level);
  const user = request.users?.name ?? null;
  const intervalMethod = { level, draws, seed, user, sampledRows };
  return { ...evaluation, tasks, intervalMethod, ...(means === null ? {} : { taskMeans: means }) };
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

function taskMeans(cells: readonly IntervalCell[], level: number): TaskMeans | null {
  const withName = (part: number, name: MetricName): IntervalCell[] =>
    cells.filter((cell) => cell.part === part && cell.names.includes(name));
  const all = new Set(cells.flatMap(({ names }) => names));
  const names = [...all].filter((name) => withName(0, name).length > 1);
  if (names.length === 0) return null;
  const parts = Math.max(...cells.map(({ part }) => part)) + 1;
  const [overall, ...domains] = Array.from({ length: parts }, (_, part): MetricIntervals => {
    return Object.assign({}, ...names.map((name) => meanInterval(name, withName(part, name), level)));
  });
  return { overall: overall!, domains };
}

function meanInterval(name: MetricName, cells: readonly IntervalCell[], level: number): MetricIntervals {
  const defined = cells.flatMap(({ metrics }) => metrics[name] ?? []);
  const values = { [name]: defined.length < cells.length ? null : mean(defined) };
  const draws = cells.flatMap((cell) => cell.draws ?? []);
  const width = { level, fewest: Math.min(...cells.map(({ fewest }) => fewest)) };
  if (draws.length < cells.length) return metricIntervals([name], values, null, width);
  const meanDraws = (of: DrawnName): [DrawnName, Float64Array] => {
    const arrays = draws.map((cellDraws) => cellDraws.get(of)!);
    return [of, arrays[0]!.map((_, draw) => mean(arrays.map((array) => array[draw]!)))];
  };
  const drawnNames: DrawnName[] = name === "expectedCalibrationError" ? [name, "calibrationNoise"] : [name];
  return cellIntervals(values, new Map(drawnNames.map(meanDraws)), width);
}
