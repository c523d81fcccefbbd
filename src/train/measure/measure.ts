/**
 * Computes metrics from predictions and labels, one task and set of rows after another. Its input can be sent to a
 * thread.
 */
import type { Evaluation, TaskCurves, TaskEvaluation, TaskMetrics } from "../../metrics/index.js";
import type { Work } from "../../util/turns.js";
import { taskCurves } from "../curves/task-curves.js";
import { withIntervals } from "./intervals.js";
import type { MeasureRequest } from "./measure-request.js";
import { taskMetrics } from "./task-metrics.js";
import { allRows, measuredRows, rowsByDomain, taskSpaceName } from "./task-rows.js";

/** Runs a measurement; it may pause between two sets of rows. */
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
