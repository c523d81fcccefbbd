/** How far two models differ, with intervals: a line a domain, a dot a task. */
import type { Comparison } from "../metrics/comparison/comparison-types.js";
import type { MetricName } from "../metrics/types.js";
import { compose } from "./compose.js";
import type { Chart } from "./figure.js";
import { type ForestSeries, forestHeight, forestPanel } from "./forest.js";
import { capital, metricText } from "./metric-names.js";
import { comparisonTable } from "./seesaw.js";
import { nameDomains, taskName } from "./tasks.js";
import { count, inTitle, sentence, signed } from "./text.js";
import { colour } from "./theme.js";

/** More domains than this are not read: those with the largest differences are drawn, the table has all. */
const MAX_DOMAINS = 20;

/** First model less second, of one metric (default: the first compared). */
export function differencesChart(comparison: Comparison, metric?: MetricName): Chart {
  const shown = metric ?? comparison.metrics[0] ?? "auc";
  const domains = Math.max(comparison.domainNames.length, ...comparison.tasks.map((task) => task.domains.length));
  const names = nameDomains(comparison.domainNames, domains);
  const drawn = largest(comparison, shown, domains);
  const series = comparison.tasks.map((task, t): ForestSeries => {
    const cells = [task.overall, ...drawn.map((d) => task.domains[d])];
    return {
      name: taskName(task),
      color: colour(t, comparison.tasks.length),
      estimates: cells.map((cell) => cell?.metrics[shown] ?? null),
    };
  });
  const rows = ["all rows", ...drawn.map((d) => names[d] as string)];
  const title = differencesTitle(comparison, shown, drawn.length < domains ? domains : null);
  const text = { title: { text: `difference of ${metricText(shown).name}`, standoff: 6 }, tickformat: ".3~f" };
  const panel = forestPanel({ rows, series, reference: 0, axis: text, format: (value) => signed(value, 4) });
  const height = forestHeight(rows.length, series.length);
  return { title, figure: compose({ title, rows: [{ height, panels: [panel] }] }), table: comparisonTable(comparison) };
}

/** Numbers of the domains to draw, in the data's order. */
function largest({ tasks }: Comparison, metric: MetricName, domains: number): number[] {
  const all = Array.from({ length: domains }, (_, d) => d);
  if (domains <= MAX_DOMAINS) return all;
  const size = (d: number): number =>
    Math.max(...tasks.map((task) => Math.abs(task.domains[d]?.metrics[metric]?.value ?? 0)));
  const kept = new Set([...all].sort((a, b) => size(b) - size(a)).slice(0, MAX_DOMAINS));
  return all.filter((d) => kept.has(d));
}

function differencesTitle({ names, tasks }: Comparison, metric: MetricName, cut: number | null): string {
  const [first, second] = names.map(inTitle) as [string, string];
  const parts = tasks.map((task) => {
    const of = task.overall.metrics[metric];
    return `${inTitle(taskName(task))} ${signed(of?.value)} (${signed(of?.low)} to ${signed(of?.high)})`;
  });
  const shown = cut === null ? null : `the ${MAX_DOMAINS} of ${count(cut, "domain")} that differ most`;
  const what = `${capital(metricText(metric).name)} of ${first} less ${second}`;
  return sentence([parts.length === 0 ? `${what}: no task in common` : `${what}: ${parts.join(", ")}`, shown]);
}
