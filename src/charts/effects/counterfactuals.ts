/** Effects of other domains and gates on AUC: a panel per change and task, one line for all rows and each domain. */
import type { CounterfactualReport, TaskEffect } from "../../gates/index.js";
import {
  ALL_ROWS,
  BETWEEN,
  capital,
  changeVerdict,
  counterfactualsSheet,
  effectDomains,
  intervalUnit,
  isBeyondNoise,
  mainChange,
  WITHIN,
} from "../../tables/index.js";
import { count, ends, signed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { chart, type DotRow, dotRowsHeight, dotRowsPanel, type Panel, panelRows, xAxis } from "../panels/index.js";
import { colour, INK, inTitle, markup, PLAIN, sentence } from "../theme/index.js";

/** With more domains, those whose AUC changes most are drawn; the table has all. */
const MOST_DOMAINS = 6;

/** Changes of AUC with their intervals: a panel per change and task, each with a scale of its size. */
export function counterfactualsChart(report: CounterfactualReport): Chart {
  const names = effectDomains(report);
  const panels = report.effects.flatMap(({ name, tasks }) =>
    tasks.map((task) => changePanel(report, name, task, names)),
  );
  const split = report.effects.some(({ tasks }) => tasks.some(({ parts }) => parts !== null));
  const lines = (split ? 2 : 1) + (names.length < 2 ? 0 : Math.min(MOST_DOMAINS, names.length));
  return chart({
    title: counterfactualsTitle(report),
    rows: panelRows(panels, { across: 2, height: dotRowsHeight(lines), empty: "no changes" }),
    sheet: counterfactualsSheet(report),
  });
}

function changePanel({ user }: CounterfactualReport, name: string, task: TaskEffect, names: readonly string[]): Panel {
  const main = { name: task.parts === null ? ALL_ROWS : WITHIN, auc: mainChange(task), color: INK, main: true };
  const rest = task.parts === null ? [] : [{ name: BETWEEN, auc: task.parts.between, color: PLAIN, main: false }];
  const domains = names.length < 2 ? [] : mostChangedDomains(task, names.length);
  const rows = [
    main,
    ...rest,
    ...domains.map((d) => {
      const auc = task.domains[d]?.auc ?? { value: null, low: null, high: null };
      return { name: names[d]!, auc, color: colour(d, names.length), main: false };
    }),
  ];
  return dotRowsPanel({
    title: `${capital(name)}: ${task.tower}`,
    rows: rows.map(({ name: place, auc, ...look }): DotRow => {
      const interval = ends(auc, (end) => signed(end, 4));
      return {
        ...look,
        name: place,
        value: auc.value,
        low: auc.low,
        high: auc.high,
        hollow: !isBeyondNoise(auc),
        printed: signed(auc.value),
        hover: markup`${name}, ${task.tower}, ${place}<br>${signed(auc.value, 4)}${interval}<br>${changeVerdict(auc)}`,
      };
    }),
    reference: 0,
    axis: xAxis(intervalUnit("ΔAUC", { level: 0.95, user }), { tickformat: ".2~g" }),
    letters: 16,
  });
}

/** Numbers of the domains to draw, in their order. */
function mostChangedDomains({ domains }: TaskEffect, total: number): number[] {
  const all = Array.from({ length: total }, (_, d) => d);
  const size = (d: number): number => Math.abs(domains[d]?.auc.value ?? 0);
  const largest = new Set([...all].sort((a, b) => size(b) - size(a)).slice(0, MOST_DOMAINS));
  return all.filter((d) => largest.has(d));
}

/** Names the largest change of AUC within domains beyond noise, and the number of changes within noise. */
function counterfactualsTitle({ effects }: CounterfactualReport): string {
  const aucChanges = effects.flatMap(({ name, tasks }) =>
    tasks.flatMap((task) => {
      const { tower } = task;
      const change = mainChange(task);
      const { value, low, high } = change;
      if (value === null || low === null || high === null) return [];
      return [{ name, tower, value, low, high, isBeyond: isBeyondNoise(change) }];
    }),
  );
  const split = effects.some(({ tasks }) => tasks.some(({ parts }) => parts !== null));
  if (aucChanges.length === 0) return "Counterfactuals: no change of AUC is defined";
  const [first, ...others] = aucChanges.filter(({ isBeyond }) => isBeyond);
  if (first === undefined) {
    const changes = [...new Set(aucChanges.map(({ name }) => inTitle(name)))].join(", ");
    return `No change of AUC${split ? " within domains" : ""} beyond noise: ${changes}`;
  }
  const most = others.reduce((a, b) => (Math.abs(b.value) > Math.abs(a.value) ? b : a), first);
  const interval = `${signed(most.value)} (${signed(most.low)} to ${signed(most.high)})`;
  const within = aucChanges.length - 1 - others.length;
  return sentence([
    capital(
      `${inTitle(most.name)} changes the AUC of ${inTitle(most.tower)}${split ? " within domains" : ""} most, by ${interval}`,
    ),
    within === 0 ? "no change is within noise" : `${within} of ${count(aucChanges.length, "change")} are within noise`,
  ]);
}
