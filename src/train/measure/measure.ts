/** Computes metrics task by task; its input can be sent to a thread. */
import {
  type Evaluation,
  type ScoreCurve,
  scoreCurve,
  type TaskCurves,
  type TaskEvaluation,
  type TaskMetrics,
} from "../../metrics/index.js";
import { isBinary } from "../../spec/index.js";
import type { Work } from "../../util/turns.js";
import { withIntervals } from "./intervals.js";
import type { MeasureRequest } from "./measure-request.js";
import { positiveScores, taskMetrics } from "./task-metrics.js";
import { allRows, cellRows, measuredRows, rowsByDomain, taskSpaceName } from "./task-rows.js";

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
