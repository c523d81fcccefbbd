import type { ScoreCurve, TaskCurves } from "../../metrics/curve-types.js";
import {
  type CellDraws,
  cellIntervals,
  drawCells,
  drawnInterval,
  fewestForInterval,
  type IntervalWidth,
} from "../../metrics/intervals/cell-intervals.js";
import type { CellRows, DrawnCell, DrawnName } from "../../metrics/intervals/drawn-cell.js";
import { scoreCurve } from "../../metrics/score-curve.js";
import type {
  Evaluation,
  MetricIntervals,
  MetricName,
  TaskEvaluation,
  TaskMeans,
  TaskMetrics,
} from "../../metrics/types.js";
import { isBinary, type TowerSpec } from "../../spec/model.js";
import { mean, type Work } from "../../util/turns.js";
import { cellSize, drawnMetrics, drawUnits, rescaled, taskCell } from "./task-cells.js";
import {
  allRows,
  cellRows,
  type IntervalOptions,
  type MeasureRequest,
  measuredRows,
  positiveScores,
  rowsByDomain,
  taskMetrics,
  taskSpaceName,
} from "./task-rows.js";

export function* measuring(request: MeasureRequest): Work<Evaluation> {
  const { towers, domainNames, columns, auc } = request;
  const tasks: TaskEvaluation[] = [];
  const curves: TaskCurves[] = [];
  for (const [index, tower] of towers.entries()) {
    const within = taskSpaceName(tower);
    const everywhere = allRows(request, index);
    const inside = measuredRows(tower, columns, within);
    const overall = taskMetrics(tower, inside === null ? everywhere : everywhere.pick(inside), auc);
    yield;
    const domains: TaskMetrics[] = [];
    for (const rows of rowsByDomain(columns, inside, domainNames.length)) {
      domains.push(taskMetrics(tower, everywhere.pick(rows), auc));
      yield;
    }
    const counted = within === null ? inside : measuredRows(tower, columns, null);
    const all = counted === null ? everywhere : everywhere.pick(counted);
    const anywhere = within === null ? overall : taskMetrics(tower, all, auc);
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

export function* taskCurves(request: MeasureRequest, index: number): Work<readonly TaskCurves[]> {
  const { towers, columns, domainNames } = request;
  const tower = towers[index]!;
  if (!isBinary(tower)) return [];
  const everywhere = allRows(request, index);
  const cells = cellRows(tower, columns, domainNames.length);
  const points = Math.min(MOST_POINTS, Math.max(FEWEST_POINTS, Math.floor(SHARED_POINTS / cells.length)));
  const curves: ScoreCurve[] = [];
  for (const [cell, rows] of cells.entries()) {
    const { labels, probabilities } = everywhere.pick(rows);
    const choices = cell === 0 ? { bins: true } : { points };
    curves.push(scoreCurve(positiveScores(tower, probabilities), labels, choices));
    yield;
  }
  const [overall, ...domains] = curves;
  const within = taskSpaceName(tower);
  return [{ tower: tower.name, label: tower.label, within, overall: overall!, domains }];
}

interface Cell {
  readonly task: number;
  /** 0: all rows; then the domains. */
  readonly part: number;
  readonly tower: TowerSpec;
  readonly metrics: TaskMetrics;
  readonly cell: DrawnCell | null;
  readonly fewest: number;
  readonly share: number;
}

export function* withIntervals(
  request: MeasureRequest,
  evaluation: Evaluation,
  { draws = 300, seed = 1, level = 0.95 }: IntervalOptions,
): Work<Evaluation> {
  const users = request.users?.codes ?? null;
  const rows = request.towers.map((tower) => cellRows(tower, request.columns, evaluation.domainNames.length));
  const units = drawUnits(request.columns.rows, users, rows.flat(), seed);
  const cells: Cell[] = [];
  for (const [task, tower] of request.towers.entries()) {
    const labels = request.columns.labels.get(tower.label)!;
    const { overall, domains } = evaluation.tasks[task]!;
    for (const [part, metrics] of [overall, ...domains].entries()) {
      const sample: CellRows = { rows: units.cells[cells.length]!, labels, units: units.of };
      const predictions = { tower, probabilities: request.probabilities[task]! };
      const { fewest, gap } = cellSize(tower, sample, users !== null);
      const cell = gap === null ? taskCell(predictions, sample, users) : null;
      cells.push({ task, part, tower, metrics, cell, fewest, share: sample.rows.length / metrics.rows });
      yield;
    }
  }
  const definedCells = cells.flatMap(({ cell }) => (cell === null ? [] : [cell]));
  const cellDraws = yield* drawCells(definedCells, { units: units.count, draws, seed });
  const drawsOf = cells.map(({ cell, metrics, share }): CellDraws | null => {
    if (cell === null) return null;
    const rescaledDraws = rescaled(cell, cellDraws[definedCells.indexOf(cell)]!, metrics, units.count, share);
    const fewUsers = metrics.groups !== undefined && metrics.groups < fewestForInterval;
    return fewUsers
      ? new Map([...rescaledDraws, ["groupedAuc", new Float64Array(draws).fill(Number.NaN)]])
      : rescaledDraws;
  });
  const metricsWithIntervals = (task: number, part: number): TaskMetrics => {
    const at = cells.findIndex((cell) => cell.task === task && cell.part === part);
    const { metrics, tower, fewest } = cells[at]!;
    const names = drawnMetrics(tower, users !== null);
    return { ...metrics, intervals: metricIntervals(names, metrics, drawsOf[at] ?? null, { level, fewest }) };
  };
  const tasks = evaluation.tasks.map((task, index) => {
    const overall = metricsWithIntervals(index, 0);
    const domains = task.domains.map((_, domain) => metricsWithIntervals(index, domain + 1));
    return { ...task, overall, domains, allRows: task.within === null ? overall : task.allRows };
  });
  const means = taskMeans(cells, drawsOf, users !== null, level);
  const user = request.users?.name ?? null;
  const intervalMethod = { level, draws, seed, user, sampledRows: units.sampledRows };
  return { ...evaluation, tasks, intervalMethod, ...(means === null ? {} : { taskMeans: means }) };
}

type Values = Readonly<Partial<Record<MetricName, number | null>>>;

function metricIntervals(
  names: readonly MetricName[],
  values: Values,
  draws: CellDraws | null,
  width: IntervalWidth,
): MetricIntervals {
  if (draws !== null) return cellIntervals(values, draws, width);
  return Object.fromEntries(
    names.map((name) => [name, drawnInterval(values[name] ?? null, new Float64Array(0), width)]),
  ) as MetricIntervals;
}

function taskMeans(
  cells: readonly Cell[],
  drawsOf: readonly (CellDraws | null)[],
  withUsers: boolean,
  level: number,
): TaskMeans | null {
  const names = [...new Set(cells.flatMap(({ tower }) => drawnMetrics(tower, withUsers)))].filter(
    (name) => cells.filter(({ part, tower }) => part === 0 && drawnMetrics(tower, withUsers).includes(name)).length > 1,
  );
  if (names.length === 0) return null;
  const parts = Math.max(...cells.map(({ part }) => part)) + 1;
  const [overall, ...domains] = Array.from(
    { length: parts },
    (_, part): MetricIntervals =>
      Object.assign(
        {},
        ...names.map((name) => {
          const taskValues = cells.flatMap((cell, at) =>
            cell.part === part && drawnMetrics(cell.tower, withUsers).includes(name)
              ? [{ value: cell.metrics[name] ?? null, draws: drawsOf[at] ?? null, fewest: cell.fewest }]
              : [],
          );
          return meanInterval(name, taskValues, level);
        }),
      ),
  );
  return { overall: overall!, domains };
}

function meanInterval(
  name: MetricName,
  tasks: readonly { readonly value: number | null; readonly draws: CellDraws | null; readonly fewest: number }[],
  level: number,
): MetricIntervals {
  const defined = tasks.flatMap(({ value }) => (value === null ? [] : [value]));
  const values = { [name]: defined.length < tasks.length ? null : mean(defined) };
  const draws = tasks.flatMap((task) => (task.draws === null ? [] : [task.draws]));
  const width = { level, fewest: Math.min(...tasks.map(({ fewest }) => fewest)) };
  if (draws.length < tasks.length) return metricIntervals([name], values, null, width);
  const meanDraws = (of: DrawnName): [DrawnName, Float64Array] => {
    const arrays = draws.map((taskDraws) => taskDraws.get(of)!);
    return [of, arrays[0]!.map((_, draw) => mean(arrays.map((array) => array[draw]!)))];
  };
  const drawnNames: DrawnName[] = name === "expectedCalibrationError" ? [name, "calibrationNoise"] : [name];
  return cellIntervals(values, new Map(drawnNames.map(meanDraws)), width);
}
