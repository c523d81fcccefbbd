import { mean } from "../util/turns.js";
import type { Interval } from "./intervals/bootstrap.js";
import type { Evaluation, MetricName, TaskMetrics } from "./types.js";

/** One metric on the rows of a task and a domain. */
export interface MatrixCell extends Interval {
  readonly rows: number;
  readonly positives: number;
  /** The reason for a missing value, such as "no rows" or "no positive row"; `null` if there is a value. */
  readonly gap: string | null;
}

/** One metric by task and domain. */
export interface MetricMatrix {
  readonly metric: MetricName;
  /** The tasks' names, `cvr (within clk)` if a task has a space, and `all tasks` (their mean) for several tasks. */
  readonly tasks: readonly string[];
  /** `all rows`, then the domains. */
  readonly domains: readonly string[];
  /** [tasks, domains] */
  readonly cells: readonly (readonly MatrixCell[])[];
}

const [allRows, allTasks] = ["all rows", "all tasks"];

/** One metric of an evaluation by task and domain, with the totals over all rows and the mean over tasks. */
export function metricMatrix(evaluation: Evaluation, metric: MetricName): MetricMatrix {
  const { tasks, domainNames, taskMeans } = evaluation;
  const cells = tasks.map(({ overall, domains }) =>
    [overall, ...domains].map((metrics) => matrixCell(metrics, metric)),
  );
  const taskCells = cells.filter((row) => row.some(({ value }) => value !== null));
  const means = Array.from({ length: domainNames.length + 1 }, (_, domain): MatrixCell => {
    const column = taskCells.map((row) => row[domain]!);
    const interval = (domain === 0 ? taskMeans?.overall : taskMeans?.domains[domain - 1])?.[metric];
    const value = column.every((cell) => cell.value !== null) ? mean(column.map((cell) => cell.value!)) : null;
    const gap = value === null ? "not defined for every task" : null;
    const { low = null, high = null } = interval ?? {};
    return { value, low, high, rows: column[0]?.rows ?? 0, positives: 0, gap };
  });
  const titles = tasks.map(({ tower, within }) => (within === null ? tower : `${tower} (within ${within})`));
  return {
    metric,
    tasks: [...titles, ...(taskCells.length > 1 ? [allTasks] : [])],
    domains: [allRows, ...domainNames],
    cells: taskCells.length > 1 ? [...cells, means] : cells,
  };
}

function matrixCell(metrics: TaskMetrics, metric: MetricName): MatrixCell {
  const value = metrics[metric] ?? null;
  const { low = null, high = null } = metrics.intervals?.[metric] ?? {};
  const { rows, positives } = metrics;
  return { value, low, high, rows, positives, gap: metricGap(metrics, metric) };
}

/** The reason why a metric has no value on some rows; `null` if it has a value. */
export function metricGap(metrics: TaskMetrics, metric: MetricName): string | null {
  const value = metrics[metric];
  if (metrics.rows === 0) return "no rows";
  if (value === undefined) return "needs a user column";
  if (value !== null) return Number.isNaN(value) ? "a prediction is NaN" : null;
  if (metrics.logLoss === null || metrics.meanSquaredError === null) return "not of this kind of task";
  if (metrics.positives === 0) return "no positive row";
  if (metrics.positives === metrics.rows) return "no negative row";
  return metric === "groupedAuc" ? "no user with both classes" : "not defined";
}
