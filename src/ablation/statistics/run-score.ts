import { mean } from "../../util/sums.js";
import type { FinishedRun } from "../runs/study-run.js";
import type { DrawnMetrics } from "./metric-draws.js";
import type { StudyMetric } from "./study-metrics.js";

export type Matters = number | Readonly<Partial<Record<StudyMetric, number>>>;

export interface Compared {
  readonly tasks?: readonly string[] | undefined;
  /** For tasks that have it; `undefined`: each task's first. */
  readonly metric?: StudyMetric | undefined;
  readonly matters?: Matters | undefined;
}

export function comparedTasks({ result }: FinishedRun, { tasks }: Compared): FinishedRun["result"]["tasks"] {
  return result.tasks.filter(({ tower }) => tasks === undefined || tasks.includes(tower));
}

/** A run's score: the mean metric over the compared tasks, higher is better; `null` if one is undefined. */
export function scoreOf(run: FinishedRun, compared: Compared): number | null {
  const tasks = comparedTasks(run, compared).map(({ overall }) => {
    const name = metricOf(overall, compared.metric);
    const value = overall[name]?.value ?? null;
    return value === null || isBetterHigher(name) ? value : -value;
  });
  return tasks.includes(null) ? null : mean(tasks as number[]);
}

/** The requested metric if the task has it; else its first: AUC, log loss or squared error. */
export function metricOf(metrics: DrawnMetrics, preferredMetric: StudyMetric | undefined): StudyMetric {
  const has = Object.keys(metrics) as StudyMetric[];
  return preferredMetric !== undefined && has.includes(preferredMetric) ? preferredMetric : has[0]!;
}

export function isBetterHigher(metric: StudyMetric): boolean {
  return metric === "auc" || metric === "groupedAuc";
}
