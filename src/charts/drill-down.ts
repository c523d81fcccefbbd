/** A metric by the values of any column, beside all rows: where a model is weak. A panel a task, a line a value. */
import type { Evaluation, MetricName, TaskEvaluation, TaskMetrics } from "../metrics/types.js";
import type { Cell, Table } from "../tables/index.js";
import { compose, type Panel } from "./compose.js";
import type { Chart } from "./figure.js";
import { type ForestEstimate, forestHeight, forestPanel } from "./forest.js";
import { capital, metricText } from "./metric-names.js";
import { finite } from "./numbers.js";
import { inRows } from "./panel-rows.js";
import { domainNames, taskName } from "./tasks.js";
import { count, fixed, inTitle, sentence } from "./text.js";
import { colour, INK } from "./theme.js";

/** More values than this are not read: those of most rows are drawn, the table has all. */
const MAX_VALUES = 24;

/** One metric by value, with its intervals where the evaluation has them. The dotted line is all rows. */
export function drillDownChart(evaluation: Evaluation, metric: MetricName = "auc"): Chart {
  const names = domainNames(evaluation);
  const drawn = mostRows(evaluation, names.length);
  const title = drillDownTitle(evaluation, metric, names, drawn);
  const panels = evaluation.tasks.map((task, t) => taskPanel(task, metric, names, drawn, t));
  const height = forestHeight(drawn.length + 1, 1);
  const figure = compose({ title, rows: inRows(panels, 2, height) });
  return { title, figure, table: drillDownTable(evaluation, metric, names) };
}

function taskPanel(
  task: TaskEvaluation,
  metric: MetricName,
  names: readonly string[],
  drawn: readonly number[],
  index: number,
): Panel {
  const overall = estimate(task.overall, metric);
  const values = drawn.map((d) => estimate(task.domains[d], metric));
  return forestPanel({
    title: taskName(task),
    rows: ["all rows", ...drawn.map((d) => names[d] as string)],
    series: [
      {
        name: "all rows",
        color: INK,
        estimates: [overall, ...values.map(() => null)],
        main: true,
        legend: false,
        centred: true,
      },
      { name: "one value", color: colour(0, 1), estimates: [null, ...values], legend: false, centred: true },
    ],
    reference: finite(overall.value),
    axis: { title: { text: metricText(metric).name, standoff: 6 }, tickformat: ".3~f", nticks: 4 },
    format: (value) => fixed(value, 4),
    named: index % 2 === 0,
  });
}

function estimate(metrics: TaskMetrics | undefined, metric: MetricName): ForestEstimate {
  const interval = metrics?.intervals?.[metric];
  return { value: metrics?.[metric] ?? null, low: interval?.low ?? null, high: interval?.high ?? null };
}

/** Numbers of the values to draw, in their order. */
function mostRows({ tasks }: Evaluation, values: number): number[] {
  const all = Array.from({ length: values }, (_, d) => d);
  const rows = (d: number): number => tasks[0]?.domains[d]?.rows ?? 0;
  const kept = new Set([...all].sort((a, b) => rows(b) - rows(a)).slice(0, MAX_VALUES));
  return all.filter((d) => kept.has(d));
}

/** The value at which a task is weakest, beside all rows. */
function drillDownTitle(
  { by, tasks }: Evaluation,
  metric: MetricName,
  names: readonly string[],
  drawn: readonly number[],
): string {
  const { name, more } = metricText(metric);
  const badness = (value: number): number =>
    more === "better" ? -value : more === "worse" ? value : Math.abs(value - 1);
  const parts = tasks.flatMap((task) => {
    const known = task.domains.flatMap((metrics, d) => {
      const value = finite(metrics[metric]);
      return value === null ? [] : [{ value, rows: metrics.rows, of: names[d] as string }];
    });
    const [first] = known;
    if (first === undefined) return [];
    const of = inTitle(taskName(task));
    if (known.length === 1) return [`${of} ${fixed(first.value)} at ${inTitle(first.of)}`];
    const worst = known.reduce((a, b) => (badness(b.value) > badness(a.value) ? b : a), first);
    const beside = `${fixed(worst.value)} on ${count(worst.rows, "row")}, all rows ${fixed(task.overall[metric])}`;
    return [`${of} weakest at ${inTitle(worst.of)} (${beside})`];
  });
  const what = `${capital(name)} by ${inTitle(by ?? "domain")}`;
  const cut =
    drawn.length < names.length ? `the ${MAX_VALUES} of ${count(names.length, "value")} with most rows` : null;
  return sentence([parts.length === 0 ? `${what}: not defined for any value` : `${what}: ${parts.join("; ")}`, cut]);
}

function drillDownTable({ by, tasks }: Evaluation, metric: MetricName, names: readonly string[]): Table {
  const { name } = metricText(metric);
  return {
    caption: `${capital(name)} by ${by ?? "domain"}`,
    columns: [
      { name: "task" },
      { name: by ?? "domain" },
      { name: "rows" },
      { name: "positives" },
      { name, digits: 4 },
      { name: "low", digits: 4 },
      { name: "high", digits: 4 },
    ],
    rows: tasks.flatMap((task) =>
      [task.overall, ...task.domains].map((metrics, d): Cell[] => {
        const { value, low, high } = estimate(metrics, metric);
        return [
          taskName(task),
          d === 0 ? "all rows" : (names[d - 1] as string),
          metrics.rows,
          metrics.positives,
          value,
          low,
          high,
        ];
      }),
    ),
  };
}
