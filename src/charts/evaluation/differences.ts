/** Differences between two models with intervals: a panel per task, one line per domain. */
import type { Comparison, MetricName, TaskComparison } from "../../metrics/index.js";
import {
  ALL_ROWS,
  capital,
  comparisonSheet,
  drawnDomains,
  intervalUnit,
  metricText,
  taskName,
  VERDICTS,
} from "../../tables/index.js";
import { count, ends, signed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { chart, type DotRow, dotRowsHeight, dotRowsPanel, type Panel, panelRows, xAxis } from "../panels/index.js";
import { BETTER, INK, inTitle, markup, sentence, WORSE } from "../theme/index.js";

/** Largest number of domains: those with the largest differences are drawn, the table has all. */
const MAX_DOMAINS = 20;

/** First model minus second, for one metric (default: the first compared). Filled: beyond noise, after correction. */
export function differencesChart(comparison: Comparison, metric?: MetricName): Chart {
  const metricName = metric ?? comparison.metrics[0] ?? "auc";
  const names = drawnDomains(comparison.domainNames, comparison.tasks);
  const domains = largest(comparison, metricName, names.length);
  const panels = comparison.tasks.map((task) => taskPanel(comparison, task, metricName, names, domains));
  return chart({
    title: differencesTitle(comparison, metricName, domains.length < names.length ? names.length : null),
    rows: panelRows(panels, { across: 2, height: dotRowsHeight(domains.length + 1), empty: "no task in common" }),
    sheet: comparisonSheet(comparison),
  });
}

function taskPanel(
  { method }: Comparison,
  task: TaskComparison,
  metric: MetricName,
  names: readonly string[],
  domains: readonly number[],
): Panel {
  const rows = [-1, ...domains].map((domain): DotRow => {
    const cell = domain < 0 ? task.overall : task.domains[domain];
    const name = domain < 0 ? ALL_ROWS : names[domain]!;
    const { value = null, low = null, high = null, verdict = "gap", gap = null } = cell?.metrics[metric] ?? {};
    const interval = ends({ low, high }, (end) => signed(end, 4));
    return {
      name,
      value,
      low,
      high,
      color: verdict === "won" ? BETTER : verdict === "lost" ? WORSE : INK,
      main: domain < 0,
      hollow: verdict !== "won" && verdict !== "lost",
      printed: signed(value),
      hover: markup`${taskName(task)}, ${name}<br>${signed(value, 4)}${interval}<br>${gap ?? VERDICTS[verdict]}`,
    };
  });
  return dotRowsPanel({
    title: taskName(task),
    rows,
    reference: 0,
    axis: xAxis(intervalUnit("Δ", method), { tickformat: ".3~f" }),
    letters: 16,
  });
}

/** Numbers of the domains to draw, in the data's order. */
function largest({ tasks }: Comparison, metric: MetricName, domains: number): number[] {
  const all = Array.from({ length: domains }, (_, d) => d);
  if (domains <= MAX_DOMAINS) return all;
  const size = (d: number): number =>
    Math.max(...tasks.map((task) => Math.abs(task.domains[d]?.metrics[metric]?.value ?? 0)));
  const widest = new Set([...all].sort((a, b) => size(b) - size(a)).slice(0, MAX_DOMAINS));
  return all.filter((d) => widest.has(d));
}

function differencesTitle({ names, tasks }: Comparison, metric: MetricName, cut: number | null): string {
  const parts = tasks.map((task) => {
    const { value, low, high } = task.overall.metrics[metric] ?? {};
    return `${inTitle(taskName(task))} ${signed(value)} (${signed(low)} to ${signed(high)})`;
  });
  const selection = cut === null ? null : `the ${MAX_DOMAINS} of ${count(cut, "domain")} that differ most`;
  const what = `${capital(metricText(metric).name)} of ${inTitle(names[0])} less ${inTitle(names[1])}`;
  return sentence([parts.length === 0 ? `${what}: no task in common` : `${what}: ${parts.join(", ")}`, selection]);
}
