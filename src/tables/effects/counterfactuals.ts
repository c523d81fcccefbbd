/** Counterfactuals: the change of AUC by task and domain, with a verdict from its interval. */
import type { ChangeInterval, CounterfactualReport, Effect, TaskEffect } from "../../gates/index.js";
import { count } from "../../util/text/format.js";
import type { Column } from "../column.js";
import { byTaskAndDomain } from "../evaluation/index.js";
import { ALL_ROWS, namesByDomain } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

interface Row {
  readonly change: string;
  readonly task: TaskEffect;
  /** −1: not one domain. */
  readonly domain: number;
  /** What the change is over: a domain's name, `all rows`, {@link WITHIN} or {@link BETWEEN}. */
  readonly place: string;
  readonly rows: number;
  readonly auc: ChangeInterval;
  readonly logitChange: number | null;
}

/** The mean change within domains, weighted by rows. */
export const WITHIN = "within domains";
/** The rest of the change over all rows. */
export const BETWEEN = "between domains";

/** One row per change, task and domain. */
export function counterfactualsSheet(report: CounterfactualReport): Sheet {
  const draws = report.user === null ? "rows" : `whole users by ${report.user}`;
  return makeSheet<Row>(
    `Change of AUC on ${count(report.rows, "row")}, with 95% bootstrap intervals over ${draws}; better and worse below p = 0.05 after Holm's correction for all changes`,
    [
      { key: "change", heading: "change", kind: "text", value: ({ change }) => change },
      { key: "task", heading: "task", kind: "text", value: ({ task }) => task.tower },
      ...placeColumns,
      { key: "rows", heading: "rows", kind: "count", value: ({ rows }) => rows },
      { key: "delta_auc", heading: "ΔAUC", kind: "number", digits: 4, value: ({ auc }) => auc.value },
      { key: "low", heading: "low", kind: "number", digits: 4, value: ({ auc }) => auc.low },
      { key: "high", heading: "high", kind: "number", digits: 4, value: ({ auc }) => auc.high },
      {
        key: "adjusted_p_value",
        heading: "adjusted p",
        kind: "number",
        digits: 4,
        value: ({ auc }) => auc.adjustedPValue,
      },
      { key: "says", heading: "says", kind: "text", value: ({ auc }) => changeVerdict(auc) },
      {
        key: "mean_abs_delta_logit",
        heading: "mean |Δlogit|",
        kind: "number",
        digits: 3,
        value: ({ logitChange }) => logitChange,
      },
    ],
    report.effects.flatMap(({ name, tasks }) => effectRows(name, tasks, effectDomains(report))),
  );
}

/** In records the domain's number and name (−1: not one domain); in tables its name. */
const placeColumns: readonly Column<Row>[] = [
  { key: "domain", kind: "count", value: ({ domain }) => domain },
  { key: "domain_name", kind: "text", value: ({ place }) => (place === ALL_ROWS ? "all" : place) },
  { heading: "domain", kind: "text", value: ({ place }) => place },
];

/** Of each task: the mean within domains, what is between them, all rows, then the domains. */
function effectRows(change: string, tasks: readonly TaskEffect[], names: readonly string[]): Row[] {
  return byTaskAndDomain<TaskEffect, Effect>(tasks).flatMap(({ task, domain, value }): Row[] => {
    if (domain >= 0) return [{ change, task, domain, place: names[domain]!, ...value }];
    const { rows } = value;
    const parts =
      task.parts === null
        ? []
        : ([
            [WITHIN, task.parts.within],
            [BETWEEN, task.parts.between],
          ] as const);
    return [
      ...parts.map(([place, auc]) => ({ change, task, domain, place, rows, auc, logitChange: null })),
      { change, task, domain, place: ALL_ROWS, ...value },
    ];
  });
}

/**
 * The change of a task in titles and rules: the mean within domains, which is what a ranking inside each domain gains or
 * loses; without several domains, the change over all rows.
 */
export function mainChange({ parts, overall }: TaskEffect): ChangeInterval {
  return parts?.within ?? overall.auc;
}

/** The verdict on a change of AUC: by its corrected p value, or by its interval if it holds together with others. */
export function changeVerdict(change: ChangeInterval): string {
  const { value, low, high } = change;
  if (value === null || low === null || high === null) return "not defined";
  if (low === 0 && high === 0) return "unchanged";
  if (!isBeyondNoise(change)) return "no difference beyond noise";
  return value < 0 ? "worse" : "better";
}

/** Whether a change is beyond noise, after the correction for all changes of the report. */
export function isBeyondNoise({ low, high, adjustedPValue }: ChangeInterval): boolean {
  if (low === null || high === null) return false;
  return adjustedPValue == null ? low > 0 || high < 0 : adjustedPValue < 0.05;
}

/** The domains' names. */
export function effectDomains({ domainNames, effects }: CounterfactualReport): string[] {
  return namesByDomain(
    domainNames,
    effects.flatMap(({ tasks }) => tasks),
  );
}
