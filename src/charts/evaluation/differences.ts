/** Differences between two models with intervals: one line per domain, one dot per task. */
import type { Comparison, MetricName } from "../../metrics/index.js";
import { ALL_ROWS, capital, comparisonSheet, metricText, namesByDomain, taskName } from "../../tables/index.js";
import { count, signed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { type ForestSeries, forestHeight, forestPanel, panelChart, xAxis } from "../panels/index.js";
import { colour, inTitle, sentence } from "../theme/index.js";

/** Largest number of domains: those with the largest differences are drawn, the table has all. */
const MAX_DOMAINS = 20;

/** First model minus second, for one metric (default: the first compared). */
export function differencesChart(comparison: Comparison, metric?: MetricName): Chart {
  const { tasks } = comparison;
  const metricName = metric ?? comparison.metrics[0] ?? "auc";
  const names = namesByDomain(comparison.domainNames, tasks);
  const domains = largest(comparison, metricName, names.length);
  const series = tasks.map((task, t): ForestSeries => {
    const cells = [task.overall, ...domains.map((d) => task.domains[d])];
    return {
      name: taskName(task),
      color: colour(t, tasks.length),
      estimates: cells.map((cell) => cell?.metrics[metricName] ?? null),
    };
  });
  const rows = [ALL_ROWS, ...domains.map((d) => names[d]!)];
  const axis = xAxis(`difference of ${metricText(metricName).name}`, { tickformat: ".3~f" });
  const panel = forestPanel({ rows, series, reference: 0, axis, format: (value) => signed(value, 4) });
  const title = differencesTitle(comparison, metricName, domains.length < names.length ? names.length : null);
  return panelChart(title, panel, forestHeight(rows.length, series.length), comparisonSheet(comparison));
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
