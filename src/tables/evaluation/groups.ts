/** Metrics of an evaluation by calendar time, or by the number of training rows with the same value. */
import type { Evaluation, MetricName, TaskEvaluation, TaskMetrics } from "../../metrics/index.js";
import { snakeCase } from "../../util/text/snake-case.js";
import type { Column } from "../column.js";
import { ALL_ROWS, domainNames, metricText } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { taskColumns } from "./task-domain.js";

/** The metrics of the charts by group. */
export const groupMetrics: readonly MetricName[] = ["auc", "logLoss", "calibration"];

/** One group of one task, in one domain or over all rows. */
interface Row {
  readonly task: TaskEvaluation;
  readonly domain: string;
  readonly group: string;
  readonly value: TaskMetrics;
  /** By metric: whether the group is apart. */
  readonly isApart: Readonly<Record<string, boolean>>;
}

/** Predicted and observed rate of some rows; the predicted one is unknown without positive rows. */
export function groupRates(metrics: TaskMetrics | undefined): { predicted: number | null; observed: number | null } {
  if (metrics === undefined || metrics.rows === 0) return { predicted: null, observed: null };
  const observed = metrics.positives / metrics.rows;
  return { observed, predicted: metrics.calibration === null ? null : metrics.calibration * observed };
}

/** One row per task, domain and group. */
export function groupsSheet(evaluation: Evaluation): Sheet {
  const names = evaluation.groups?.names ?? domainNames(evaluation);
  const domains = evaluation.groups?.domains ?? [ALL_ROWS];
  const rows = evaluation.tasks.flatMap((task, t) =>
    task.domains.map(
      (value, cell): Row => ({
        task,
        domain: domains[Math.floor(cell / Math.max(1, names.length))] ?? ALL_ROWS,
        group: names[cell % names.length]!,
        value,
        isApart: Object.fromEntries(
          groupMetrics.map((metric) => [metric, evaluation.apart?.[metric]?.[t]?.isApart[cell] ?? false]),
        ),
      }),
    ),
  );
  const by = evaluation.by ?? "group";
  return makeSheet<Row>(
    `Metrics by ${groupNoun(evaluation)}`,
    [
      ...taskColumns<Row>(),
      { key: "domain_name", heading: "domain", kind: "text", value: ({ domain }) => domain },
      { key: "group", heading: by, kind: "text", value: ({ group }) => group },
      { key: "rows", heading: "rows", kind: "count", value: ({ value }) => value.rows },
      { key: "positives", heading: "positives", kind: "count", value: ({ value }) => value.positives },
      ...groupMetrics.flatMap(metricColumns),
      {
        key: "predicted",
        heading: "predicted",
        kind: "share",
        digits: 2,
        value: ({ value }) => groupRates(value).predicted,
      },
      {
        key: "observed",
        heading: "observed",
        kind: "share",
        digits: 2,
        value: ({ value }) => groupRates(value).observed,
      },
    ],
    rows,
  );
}

/** `day of time`, `training rows of user_id`. */
export function groupNoun({ groups, by }: Pick<Evaluation, "groups" | "by">): string {
  const column = by ?? "column";
  if (groups?.kind === "times") return `${groups.width ?? "time"} of ${column}`;
  return groups?.kind === "trainingRows" ? `training rows of ${column}` : column;
}

function metricColumns(metric: MetricName): readonly Column<Row>[] {
  const [key, { name }] = [snakeCase(metric), metricText(metric)];
  return [
    { key, heading: name, kind: "number", digits: 4, value: ({ value }) => value[metric] },
    {
      key: `${key}_low`,
      heading: "low",
      kind: "number",
      digits: 4,
      value: ({ value }) => value.intervals?.[metric]?.low,
    },
    {
      key: `${key}_high`,
      heading: "high",
      kind: "number",
      digits: 4,
      value: ({ value }) => value.intervals?.[metric]?.high,
    },
    { key: `${key}_apart`, heading: "beyond noise", kind: "flag", value: ({ isApart }) => isApart[metric] },
  ];
}
