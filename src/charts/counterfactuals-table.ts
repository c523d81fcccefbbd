/** Counterfactuals as a table, and in words what an interval of a change says. */
import type { CounterfactualReport } from "../gates/counterfactual/counterfactual.js";
import type { Effect, TaskEffect } from "../gates/counterfactual/effects.js";
import type { Interval } from "../metrics/intervals/bootstrap.js";
import type { Cell, Table } from "../tables/index.js";
import { nameDomains } from "./tasks.js";
import { count } from "./text.js";

/** One row a change, task and domain. */
export function counterfactualsTable(report: CounterfactualReport): Table {
  const names = effectDomains(report);
  const draws = report.user === null ? "rows" : `whole users by ${report.user}`;
  const line = (name: string, task: TaskEffect, domain: string, { rows, auc, logitChange }: Effect): Cell[] => {
    return [name, task.tower, domain, rows, auc.value, auc.low, auc.high, said(auc), logitChange];
  };
  return {
    caption: `Change of AUC on ${count(report.rows, "row")}, with 95 % bootstrap intervals over ${draws}, each by itself: of twenty without an effect, one leaves out 0`,
    columns: [
      { name: "change" },
      { name: "task" },
      { name: "domain" },
      { name: "rows" },
      { name: "ΔAUC", digits: 4 },
      { name: "low", digits: 4 },
      { name: "high", digits: 4 },
      { name: "says" },
      { name: "mean |Δlogit|", digits: 3 },
    ],
    rows: report.effects.flatMap(({ name, tasks }) =>
      tasks.flatMap((task) => [
        line(name, task, "all rows", task.overall),
        ...task.domains.map((effect, domain) => line(name, task, names[domain] as string, effect)),
      ]),
    ),
  };
}

/** What an interval says of a change of AUC. */
export function said({ low, high }: Interval): string {
  if (low === null || high === null) return "not defined";
  if (low === 0 && high === 0) return "unchanged";
  if (high < 0) return "worse";
  return low > 0 ? "better" : "no difference beyond noise";
}

/** The domains' names. */
export function effectDomains({ domainNames, effects }: CounterfactualReport): string[] {
  const counts = effects.flatMap(({ tasks }) => tasks.map((task) => task.domains.length));
  return nameDomains(domainNames, Math.max(domainNames.length, ...counts));
}
