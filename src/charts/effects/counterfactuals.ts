/** Effects of other domains and gates on AUC: one panel per task, one line per change, for all rows and each domain. */
import type { CounterfactualReport } from "../../gates/index.js";
import {
  ALL_ROWS,
  BETWEEN,
  capital,
  counterfactualsSheet,
  effectDomains,
  mainChange,
  WITHIN,
} from "../../tables/index.js";
import { count, signed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { chart, type ForestSeries, forestHeight, forestPanel, type Panel, panelRows, xAxis } from "../panels/index.js";
import { colour, INK, inTitle, ONE_OF_MANY, PLAIN, sentence } from "../theme/index.js";

/** More domains than this share a colour and show no intervals; the table has them. */
const DOMAINS_APART = 6;

/** Changes of AUC with their intervals, by change, task and domain. */
export function counterfactualsChart(report: CounterfactualReport): Chart {
  const tasks = report.effects[0]?.tasks ?? [];
  const names = effectDomains(report);
  const panels = tasks.map((_, t) => taskPanel(report, t, names));
  const apart = names.length <= DOMAINS_APART ? names.length : 0;
  const height = forestHeight(report.effects.length, 2 + apart);
  return chart({
    title: counterfactualsTitle(report),
    rows: panelRows(panels, { across: 2, height, empty: "no changes" }),
    sheet: counterfactualsSheet(report),
  });
}

function taskPanel({ effects }: CounterfactualReport, task: number, names: readonly string[]): Panel {
  const tasks = effects.map((effect) => effect.tasks[task]);
  const few = names.length <= DOMAINS_APART;
  const first = task === 0;
  const domains = names.map((name, d): ForestSeries => {
    const estimates = tasks.map((effect) => effect?.domains[d]?.auc ?? null);
    if (few) return { name, color: colour(d, names.length), estimates, legend: first };
    const shared = `each of ${count(names.length, "domain")}`;
    return { name: shared, color: ONE_OF_MANY, estimates, faint: true, legend: first && d === 0 };
  });
  const split = tasks.some((effect) => effect !== undefined && effect.parts !== null);
  const main: ForestSeries = {
    name: split ? WITHIN : ALL_ROWS,
    color: INK,
    estimates: tasks.map((effect) => (effect === undefined ? null : mainChange(effect))),
    main: true,
    legend: first,
  };
  const rest: ForestSeries = {
    name: BETWEEN,
    color: PLAIN,
    estimates: tasks.map((effect) => effect?.parts?.between ?? null),
    legend: first,
  };
  const totals = split ? [main, rest] : [main];
  return forestPanel({
    title: tasks[0]?.tower,
    rows: effects.map(({ name }) => name),
    series: few ? [...totals, ...domains] : [...domains, ...totals],
    reference: 0,
    axis: xAxis("change of AUC", { tickformat: ".3~f", nticks: 4 }),
    format: (value) => signed(value, 4),
    named: task % 2 === 0,
  });
}

/** Names the largest change of AUC within domains beyond noise, and the number of changes within noise. */
function counterfactualsTitle({ effects }: CounterfactualReport): string {
  const aucChanges = effects.flatMap(({ name, tasks }) =>
    tasks.flatMap((task) => {
      const { tower } = task;
      const { value, low, high } = mainChange(task);
      return value === null || low === null || high === null ? [] : [{ name, tower, value, low, high }];
    }),
  );
  const split = effects.some(({ tasks }) => tasks.some(({ parts }) => parts !== null));
  if (aucChanges.length === 0) return "Counterfactuals: no change of AUC is defined";
  const [first, ...others] = aucChanges.filter(({ low, high }) => low > 0 || high < 0);
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
