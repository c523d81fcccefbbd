/** A run's score for ranking variants. */

import { mean } from "../../util/sums.js";
import type { FinishedRun } from "../runs/study-run.js";
import type { DrawnMetrics } from "./metric-draws.js";
import type { StudyMetric } from "./study-metrics.js";

/** A run's score: the mean metric over tasks, higher is better; `null` if one is undefined. */
export function scoreOf({ result }: FinishedRun, metric: StudyMetric | undefined): number | null {
  const tasks = result.tasks.map(({ overall }) => {
    const name = metricOf(overall, metric);
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
