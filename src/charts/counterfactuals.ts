/** What other domains and other gates would do to AUC: a panel a task, a line a change, all rows and each domain. */
import type { CounterfactualReport } from "../gates/counterfactual/counterfactual.js";
import type { TaskEffect } from "../gates/counterfactual/effects.js";
import { compose, type Panel } from "./compose.js";
import { counterfactualsTable, effectDomains } from "./counterfactuals-table.js";
import type { Chart } from "./figure.js";
import { type ForestSeries, forestHeight, forestPanel } from "./forest.js";
import { inRows } from "./panel-rows.js";
import { count, inTitle, sentence, signed } from "./text.js";
import { colour, INK, MAX_COLOURS } from "./theme.js";

/** More domains than this share a colour and show no intervals of their own; the table has them. */
const DOMAINS_APART = Math.min(6, MAX_COLOURS);

/** Changes of AUC with their intervals, by change, task and domain. */
export function counterfactualsChart(report: CounterfactualReport): Chart {
  const title = counterfactualsTitle(report);
  const towers = report.effects[0]?.tasks.map(({ tower }) => tower) ?? [];
  const names = effectDomains(report);
  const panels = towers.map((_, t) => taskPanel(report, t, names));
  const apart = names.length <= DOMAINS_APART ? names.length : 0;
  const height = forestHeight(report.effects.length, 1 + apart);
  const figure = compose({ title, rows: inRows(panels, Math.min(2, Math.max(1, panels.length)), height) });
  return { title, figure, table: counterfactualsTable(report) };
}

function taskPanel(report: CounterfactualReport, task: number, names: readonly string[]): Panel {
  const tasks = report.effects.map((effect) => effect.tasks[task] as TaskEffect);
  const few = names.length <= DOMAINS_APART;
  const legend = task === 0;
  const domains = names.map((name, d): ForestSeries => {
    const estimates = tasks.map(({ domains: effects }) => effects[d]?.auc ?? null);
    if (few) return { name, color: colour(d, names.length), estimates, legend };
    const shared = `each of ${count(names.length, "domain")}`;
    return { name: shared, color: colour(4, 5), estimates, faint: true, legend: legend && d === 0 };
  });
  const all = { name: "all rows", color: INK, estimates: tasks.map(({ overall }) => overall.auc), main: true, legend };
  return forestPanel({
    title: tasks[0]?.tower,
    rows: report.effects.map(({ name }) => name),
    series: few ? [all, ...domains] : [...domains, all],
    reference: 0,
    axis: { title: { text: "change of AUC", standoff: 6 }, tickformat: ".3~f", nticks: 4 },
    format: (value) => signed(value, 4),
    named: task % 2 === 0,
  });
}

/** What the intervals say of all rows: the changes that matter, and how many do not. */
function counterfactualsTitle({ effects }: CounterfactualReport): string {
  const tasks = effects.flatMap(({ name, tasks }) => tasks.map((task) => ({ name, task, auc: task.overall.auc })));
  const known = tasks.filter(({ auc }) => auc.value !== null && auc.low !== null && auc.high !== null);
  if (known.length === 0) return "Counterfactuals: no change of AUC is defined";
  const sure = known.filter(({ auc }) => (auc.low as number) > 0 || (auc.high as number) < 0);
  if (sure.length === 0) {
    const changes = [...new Set(known.map(({ name }) => inTitle(name)))].join(", ");
    return `No change of AUC beyond noise: ${changes}`;
  }
  const most = sure.reduce((a, b) => (Math.abs(b.auc.value as number) > Math.abs(a.auc.value as number) ? b : a));
  const { value, low, high } = most.auc;
  const within = known.length - sure.length;
  return sentence([
    `${inTitle(most.name)} changes the AUC of ${inTitle(most.task.tower)} most, by ${signed(value)} (${signed(low)} to ${signed(high)})`.replace(
      /^./,
      (first) => first.toUpperCase(),
    ),
    within === 0 ? "no change is within noise" : `${within} of ${count(known.length, "change")} are within noise`,
  ]);
}
