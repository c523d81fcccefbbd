/** One metric by the values of any column, with intervals if the evaluation has them. */

import type { Evaluation, MetricName, TaskEvaluation, TaskMetrics } from "../../metrics/index.js";
import { snakeCase } from "../../util/text/snake-case.js";
import { capital, domainNames, metricText } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { byTaskAndDomain, domainColumns, type TaskDomain, taskColumns } from "./task-domain.js";

type DrillDownRow = TaskDomain<TaskEvaluation, TaskMetrics>;

/** One row per task and value. */
export function drillDownSheet(evaluation: Evaluation, metric: MetricName): Sheet {
  const { name } = metricText(metric);
  const by = evaluation.by ?? "domain";
  return makeSheet<DrillDownRow>(
    `${capital(name)} by ${by}`,
    [
      ...taskColumns<DrillDownRow>(),
      ...domainColumns<DrillDownRow>(domainNames(evaluation), by),
      { key: "rows", heading: "rows", kind: "count", value: ({ value }) => value.rows },
      { key: "positives", heading: "positives", kind: "count", value: ({ value }) => value.positives },
      { key: snakeCase(metric), heading: name, kind: "number", digits: 4, value: ({ value }) => value[metric] },
      { key: "low", heading: "low", kind: "number", digits: 4, value: ({ value }) => value.intervals?.[metric]?.low },
      {
        key: "high",
        heading: "high",
        kind: "number",
        digits: 4,
        value: ({ value }) => value.intervals?.[metric]?.high,
      },
    ],
    byTaskAndDomain(evaluation.tasks),
  );
}
