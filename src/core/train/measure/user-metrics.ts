/** The user's metrics, functions that are called in this thread, in addition to those of the registry. */
import { type Problem, SpecError } from "../../errors/index.js";
import { metricDirections } from "../../metrics/comparison-verdict.js";
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../../metrics/types.js";
import { metrics as registry } from "../../spec/metrics.js";
import { pickRows } from "../../util/growing.js";
import { everyRow } from "../../util/numbers.js";
import type { Work } from "../../util/turns.js";
import { cellRows, type MeasureRequest, measuredRows, positiveScores, taskRows } from "./task-rows.js";

/**
 * A metric of a task on some rows. `scores`: `[rows]`, probabilities of the positive class or predicted values; with
 * more than two classes `[rows, classes]`. `weights`: the tower's sample weights, if it has any. All are copies.
 */
export type UserMetric = (scores: Float32Array, labels: Float32Array, weights: Float32Array | null) => number;

/** The user's metrics by name. */
export type UserMetrics<K extends string = string> = Readonly<Record<K, UserMetric>>;

/** Checks metrics. @throws SpecError for a name that is taken, or a value that is not a function */
export function assertMetrics(metrics: UserMetrics): void {
  const problems = Object.entries(metrics).flatMap(([name, metric]): Problem[] => {
    const path = `metrics.${name}`;
    if (typeof metric !== "function")
      return [{ path, message: "not a function", received: typeof metric, expected: "(scores, labels) => number" }];
    if (!Object.hasOwn(registry, name) && !Object.hasOwn(metricDirections, name)) return [];
    return [{ path, message: "a metric with this name exists", received: name, fix: "use another name" }];
  });
  if (problems.length > 0) throw new SpecError(problems);
}

type Measured = MeasureRequest & { readonly sampleWeights: ReadonlyMap<string, Float32Array> };

/** Adds their values to `configured`. A value that is not a finite number is `null`, and a note says where and why. */
export function* withUserMetrics(evaluation: Evaluation, request: Measured, metrics: UserMetrics): Work<Evaluation> {
  const { towers, columns, domainNames, sampleWeights } = request;
  const notes: string[] = [];
  const tasks: TaskEvaluation[] = [];
  for (const [index, task] of evaluation.tasks.entries()) {
    const tower = towers[index]!;
    const measure = function* (cell: TaskMetrics, rows: Int32Array, where: string): Work<TaskMetrics> {
      const configured: Record<string, number | null> = { ...cell.configured };
      const weights = sampleWeights.get(tower.sampleWeight ?? "");
      for (const [name, metric] of Object.entries(metrics)) {
        const { labels, probabilities } = taskRows(request, index, rows);
        const scores = tower.numClass > 2 ? probabilities : positiveScores(tower, probabilities);
        const value =
          rows.length === 0 ? null : valueOrReason(metric, scores, labels, weights && pickRows(weights, rows));
        configured[name] = typeof value === "number" ? value : null;
        if (typeof value === "string") notes.push(`metric "${name}" of ${tower.name}${where}: ${value}`);
        yield;
      }
      return { ...cell, configured };
    };
    const [all, ...domainRows] = cellRows(tower, columns, domainNames.length);
    const overall = yield* measure(task.overall, all!, "");
    const domains: TaskMetrics[] = [];
    for (const [domain, rows] of domainRows.entries())
      domains.push(yield* measure(task.domains[domain]!, rows, ` in ${domainNames[domain]}`));
    const everywhere = task.within === null ? null : (measuredRows(tower, columns, null) ?? everyRow(columns.rows));
    const allRows = everywhere === null ? overall : yield* measure(task.allRows, everywhere, " on all rows");
    tasks.push({ ...task, overall, domains, allRows });
  }
  return { ...evaluation, tasks, notes: [...(evaluation.notes ?? []), ...notes] };
}

/** The number, or the reason why there is none. */
function valueOrReason(metric: UserMetric, scores: Float32Array, labels: Float32Array, weights?: Float32Array) {
  try {
    const value: unknown = metric(scores, labels, weights ?? null);
    return Number.isFinite(value) ? (value as number) : `${String(value)} is not a finite number`;
  } catch (error) {
    return `it threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  }
}
