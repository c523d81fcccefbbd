import type { FinishedRun } from "../runs/study-run.js";
import type { Confidence } from "../statistics/interval.js";
import { type Compared, comparedTasks, isBetterHigher, metricOf } from "../statistics/run-score.js";
import type { StudyReport, StudyTask } from "../study-report.js";

export function studyTasks(run: FinishedRun, compared: Compared): StudyTask[] {
  const { matters } = compared;
  return comparedTasks(run, compared).map(({ tower, overall }) => {
    const metric = metricOf(overall, compared.metric);
    return {
      tower,
      within: run.result.within[tower] ?? null,
      metric,
      higherIsBetter: isBetterHigher(metric),
      matters: (typeof matters === "object" ? matters[metric] : matters) ?? null,
    };
  });
}

/** Share of the error probability 1 − level that is assigned to comparisons by domain. */
const domainShare = 0.2;

export function jointConfidence(
  level: number,
  variants: number,
  tasks: number,
  domains: number,
): StudyReport["confidence"] {
  const share = domains === 0 ? 0 : domainShare;
  const confidence = (error: number, groups: number): Confidence => ({
    level: 1 - error,
    comparisons: variants * groups,
    groups,
  });
  return {
    overall: confidence((1 - level) * (1 - share), tasks),
    domains: confidence((1 - level) * share, tasks * Math.max(1, domains)),
  };
}
