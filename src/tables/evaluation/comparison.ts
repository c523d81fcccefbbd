/** Two models on the same rows: every metric compared, by task and domain. */

import type { ComparedCell, Comparison, Difference, MetricName, TaskComparison, Verdict } from "../../metrics/index.js";
import { percent } from "../../util/text/format.js";
import { snakeCase } from "../../util/text/snake-case.js";
import type { Column } from "../column.js";
import { metricText, namesByDomain } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { domainColumns, taskColumns } from "./task-domain.js";

/** Display names of verdicts. */
export const VERDICTS: Readonly<Record<Verdict, string>> = {
  won: "won",
  lost: "lost",
  noise: "no difference beyond noise",
  gap: "no verdict",
};

/** One metric of two models on the rows of a task and a domain (−1: all rows). */
export interface ComparedPlace {
  readonly metric: MetricName;
  readonly task: TaskComparison;
  readonly domain: number;
  readonly cell: ComparedCell | undefined;
  readonly difference: Difference | undefined;
}

/** The cells of one metric and task: all rows, then every domain of any task. */
export function comparedPlaces(comparison: Comparison, task: TaskComparison, metric: MetricName): ComparedPlace[] {
  const domains = namesByDomain(comparison.domainNames, comparison.tasks);
  return [-1, ...domains.keys()].map((domain) => {
    const cell = domain < 0 ? task.overall : task.domains[domain];
    return { metric, task, domain, cell, difference: cell?.metrics[metric] };
  });
}

type DifferenceNumber = Exclude<keyof Difference, "verdict" | "gap">;

/** One row per metric, task and domain. */
export function comparisonSheet(comparison: Comparison): Sheet {
  const [first, second] = comparison.names;
  const { level, auc, significance } = comparison.method;
  const number = (key: DifferenceNumber, heading?: string): Column<ComparedPlace> => ({
    key: snakeCase(key),
    heading,
    kind: "number",
    digits: 4,
    value: ({ difference }) => difference?.[key],
  });
  return makeSheet<ComparedPlace>(
    `${first} less ${second}: ${percent(level)} intervals (AUC: ${auc}); a verdict below p = ${significance} after Holm's correction`,
    [
      { key: "metric", kind: "text", value: ({ metric }) => snakeCase(metric) },
      { heading: "metric", kind: "text", value: ({ metric }) => metricText(metric).name },
      ...taskColumns<ComparedPlace>(),
      ...domainColumns<ComparedPlace>(namesByDomain(comparison.domainNames, comparison.tasks)),
      { key: "rows", heading: "rows", kind: "count", value: ({ cell }) => cell?.rows ?? 0 },
      { key: "positives", kind: "count", value: ({ cell }) => cell?.positives ?? 0 },
      number("first", first),
      number("second", second),
      number("value", "difference"),
      number("low", "low"),
      number("high", "high"),
      number("pValue"),
      number("adjustedPValue", "adjusted p"),
      { key: "verdict", kind: "text", value: ({ difference }) => difference?.verdict },
      { key: "gap", kind: "text", value: ({ difference }) => difference?.gap },
      {
        heading: "verdict",
        kind: "text",
        value: ({ difference }) => difference?.gap ?? VERDICTS[difference?.verdict ?? "gap"],
      },
    ],
    comparison.metrics.flatMap((metric) =>
      comparison.tasks.flatMap((task) => comparedPlaces(comparison, task, metric)),
    ),
  );
}
