/** The curves of a task's scores, over all rows and by domain. */
import { type ScoreCurve, scoreCurve, type TaskCurves } from "../../metrics/index.js";
import { isBinary } from "../../spec/index.js";
import type { Work } from "../../util/turns.js";
import type { MeasureRequest } from "../measure/measure-request.js";
import { positiveScores } from "../measure/task-metrics.js";
import { allRows, cellRows, taskSpaceName } from "../measure/task-rows.js";

/** Points of one curve; many domains share them, so that the result stays small. */
const MOST_POINTS = 80;
const FEWEST_POINTS = 12;
const SHARED_POINTS = 1600;

/** The curves of a task on the rows of its metrics; none unless it is binary. @param index the place of the tower */
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
