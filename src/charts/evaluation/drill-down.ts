/**
 * A metric by the values of any column, compared with all rows, to find weak segments. One panel per task, one line per
 * value.
 */
import type { ApartGroups, Evaluation, MetricName, TaskEvaluation, TaskMetrics } from "../../metrics/index.js";
import {
  ALL_ROWS,
  capital,
  domainNames,
  drillDownSheet,
  intervalUnit,
  metricText,
  taskName,
} from "../../tables/index.js";
import { count, fixed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import {
  chart,
  type ForestEstimate,
  forestHeight,
  forestPanel,
  type Panel,
  panelRows,
  xAxis,
} from "../panels/index.js";
import { finite, INK, inTitle, PLAIN, sentence } from "../theme/index.js";

/** Largest number of values: the most frequent are drawn, the table has all. */
const MAX_VALUES = 24;

/**
 * One metric by value, with intervals if the evaluation has them. Filled dots are beyond noise from the median of the
 * values (the dotted line), after correction for all values and tasks.
 */
export function drillDownChart(evaluation: Evaluation, metric: MetricName = "auc"): Chart {
  const names = domainNames(evaluation);
  // A single value is that of all rows.
  const places = names.length < 2 ? [] : mostRows(evaluation, names.length);
  const panels = evaluation.tasks.map((task, t) => taskPanel(evaluation, task, metric, names, places, t));
  const height = forestHeight(places.length + 1, 1);
  return chart({
    title: drillDownTitle(evaluation, metric, names, places.length),
    rows: panelRows(panels, { across: 2, height, empty: "no tasks" }),
    sheet: drillDownSheet(evaluation, metric),
  });
}

function taskPanel(
  { intervalMethod: method, apart }: Evaluation,
  task: TaskEvaluation,
  metric: MetricName,
  names: readonly string[],
  places: readonly number[],
  index: number,
): Panel {
  const groups = apart?.[metric]?.[index];
  const overall = estimate(task.overall, metric, true);
  const values = places.map((d) => estimate(task.domains[d], metric, groups?.isApart[d] ?? true));
  const look = { legend: false, centred: true };
  return forestPanel({
    title: taskName(task),
    rows: [ALL_ROWS, ...places.map((d) => names[d]!)],
    series: [
      { ...look, name: ALL_ROWS, color: INK, main: true, estimates: [overall, ...values.map(() => null)] },
      { ...look, name: "one value", color: PLAIN, estimates: [null, ...values] },
    ],
    reference: finite(groups?.levels[0] ?? overall.value),
    axis: xAxis(intervalUnit(metricText(metric).name, method), { tickformat: ".3~f", nticks: 4 }),
    format: (value) => fixed(value, 4),
    named: index % 2 === 0,
  });
}

function estimate(metrics: TaskMetrics | undefined, metric: MetricName, beyondNoise: boolean): ForestEstimate {
  const interval = metrics?.intervals?.[metric];
  return {
    value: metrics?.[metric] ?? null,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    beyondNoise,
  };
}

/** Numbers of the values to draw, in their order. */
function mostRows({ tasks }: Evaluation, values: number): number[] {
  const all = Array.from({ length: values }, (_, d) => d);
  const rows = (d: number): number => tasks[0]?.domains[d]?.rows ?? 0;
  const largest = new Set([...all].sort((a, b) => rows(b) - rows(a)).slice(0, MAX_VALUES));
  return all.filter((d) => largest.has(d));
}

/** The value at which each task is weakest, compared with the median of the values. */
function drillDownTitle(
  { by, tasks, apart }: Evaluation,
  metric: MetricName,
  names: readonly string[],
  valueCount: number,
): string {
  const parts = tasks.flatMap((task, t) => weakest(task, metric, names, apart?.[metric]?.[t]));
  const what = `${capital(metricText(metric).name)} by ${inTitle(by ?? "domain")}`;
  if (names.length === 1) {
    const all = tasks.map((task) => `${inTitle(taskName(task))} ${fixed(task.overall[metric])}`);
    return sentence([`${what}: ${all.join(", ")}`, `${inTitle(names[0]!)} is the only value`]);
  }
  const cut = valueCount < names.length ? `the ${MAX_VALUES} of ${count(names.length, "value")} with most rows` : null;
  return sentence([parts.length === 0 ? `${what}: not defined for any value` : `${what}: ${parts.join("; ")}`, cut]);
}

function weakest(
  task: TaskEvaluation,
  metric: MetricName,
  names: readonly string[],
  apart: ApartGroups | undefined,
): string[] {
  const { more } = metricText(metric);
  const badness = (value: number): number =>
    more === "better" ? -value : more === "worse" ? value : Math.abs(value - 1);
  const values = task.domains.flatMap((metrics, d) => {
    const value = finite(metrics[metric]);
    return value === null ? [] : [{ value, rows: metrics.rows, name: inTitle(names[d]!, names), at: d }];
  });
  const [first] = values;
  if (first === undefined) return [];
  const name = inTitle(taskName(task));
  if (values.length === 1) return [`${name} ${fixed(first.value)} at ${first.name}`];
  const worst = values.reduce((a, b) => (badness(b.value) > badness(a.value) ? b : a), first);
  const level = apart === undefined ? `all rows ${fixed(task.overall[metric])}` : `median ${fixed(apart.levels[0])}`;
  // The weakest of noisy values is not known to be weak.
  if (task.domains[worst.at]?.intervals !== undefined && apart?.isApart[worst.at] === false) {
    return [`${name} at no value apart from the others (${level})`];
  }
  return [`${name} weakest at ${worst.name} (${fixed(worst.value)} on ${count(worst.rows, "row")}, ${level})`];
}
