/** An evaluation as a table, beside the best AUC where that is known. */
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../metrics/types.js";
import type { Cell, Table } from "../tables/index.js";
import { type AucReference, domainNames, referenceOf, taskName } from "./tasks.js";

/** AUC by task and domain: rows, positives, AUC, log loss, calibration, and the reference with what is left to it. */
export function aucTable(evaluation: Evaluation, references?: readonly AucReference[]): Table {
  const names = domainNames(evaluation);
  const compared = references !== undefined && references.length > 0;
  const measured = evaluation.tasks.some((task) => task.overall.intervals?.auc !== undefined);
  const row = (task: TaskEvaluation, domain: string, metrics: TaskMetrics, best: number | null): Cell[] => [
    taskName(task),
    domain,
    metrics.rows,
    metrics.rows === 0 ? null : metrics.positives / metrics.rows,
    metrics.auc,
    ...(measured ? [metrics.intervals?.auc?.low ?? null, metrics.intervals?.auc?.high ?? null] : []),
    ...(compared ? [best, best === null || metrics.auc === null ? null : best - metrics.auc] : []),
    metrics.logLoss,
    metrics.calibration,
  ];
  return {
    caption: "Evaluation by task and domain",
    columns: [
      { name: "task" },
      { name: "domain" },
      { name: "rows" },
      { name: "positive", percent: true, digits: 1 },
      { name: "AUC", digits: 4 },
      ...(measured
        ? [
            { name: "low", digits: 4 },
            { name: "high", digits: 4 },
          ]
        : []),
      ...(compared
        ? [
            { name: "best achievable", digits: 4 },
            { name: "left to it", digits: 4 },
          ]
        : []),
      { name: "log loss", digits: 4 },
      { name: "calibration", digits: 3 },
    ],
    rows: evaluation.tasks.flatMap((task) => {
      const reference = referenceOf(references, task.tower);
      return [
        row(task, "all rows", task.overall, reference?.overall ?? null),
        ...task.domains.map((metrics, d) => row(task, names[d] as string, metrics, reference?.domains[d] ?? null)),
      ];
    }),
  };
}
