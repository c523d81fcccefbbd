/** Counterfactuals: the change of AUC by task and domain, with a verdict from its interval. */
import type { CounterfactualReport, Effect, TaskEffect } from "../../gates/index.js";
import type { Interval } from "../../metrics/index.js";
import { count } from "../../util/text/format.js";
import { byTaskAndDomain, domainColumns, type TaskDomain } from "../evaluation/index.js";
import { namesByDomain } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

interface Row extends TaskDomain<TaskEffect, Effect> {
  readonly change: string;
}

/** One row per change, task and domain. */
export function counterfactualsSheet(report: CounterfactualReport): Sheet {
  const draws = report.user === null ? "rows" : `whole users by ${report.user}`;
  return makeSheet<Row>(
    `Change of AUC on ${count(report.rows, "row")}, with 95% bootstrap intervals over ${draws}, each on its own: of twenty changes without an effect, about one interval excludes 0`,
    [
      { key: "change", heading: "change", kind: "text", value: ({ change }) => change },
      { key: "task", heading: "task", kind: "text", value: ({ task }) => task.tower },
      ...domainColumns<Row>(effectDomains(report)),
      { key: "rows", heading: "rows", kind: "count", value: ({ value }) => value.rows },
      { key: "delta_auc", heading: "ΔAUC", kind: "number", digits: 4, value: ({ value }) => value.auc.value },
      { key: "low", heading: "low", kind: "number", digits: 4, value: ({ value }) => value.auc.low },
      { key: "high", heading: "high", kind: "number", digits: 4, value: ({ value }) => value.auc.high },
      { key: "says", heading: "says", kind: "text", value: ({ value }) => changeVerdict(value.auc) },
      {
        key: "mean_abs_delta_logit",
        heading: "mean |Δlogit|",
        kind: "number",
        digits: 3,
        value: ({ value }) => value.logitChange,
      },
    ],
    report.effects.flatMap(({ name, tasks }) => byTaskAndDomain(tasks).map((place) => ({ change: name, ...place }))),
  );
}

/** The verdict of an interval of a change of AUC. */
export function changeVerdict({ low, high }: Interval): string {
  if (low === null || high === null) return "not defined";
  if (low === 0 && high === 0) return "unchanged";
  if (high < 0) return "worse";
  return low > 0 ? "better" : "no difference beyond noise";
}

/** The domains' names. */
export function effectDomains({ domainNames, effects }: CounterfactualReport): string[] {
  return namesByDomain(
    domainNames,
    effects.flatMap(({ tasks }) => tasks),
  );
}
