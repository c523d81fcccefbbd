/** AUC of an evaluation by task and domain, beside the best that is achievable where that is known. */
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../metrics/types.js";
import { compose, type Panel } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import type { Cell, Table } from "./table.js";
import { type AucReference, domainNames, hoverName, referenceOf, taskName } from "./tasks.js";
import { fixed, label, plotText } from "./text.js";
import { colour, GRID, INK } from "./theme.js";
import { nameTicks } from "./ticks.js";

/** Bars up to this many groups of bars; above it, dots, ordered as the domains are. */
const BAR_GROUPS = 12;
/** Pixels that margins and a legend of middling names leave to the axes. */
const AXES_WIDTH = 420;

/** AUC by task × domain, bars from .5 (chance), with a mark where `references` gives one. */
export function aucBarsChart(evaluation: Evaluation, references?: readonly AucReference[]): Chart {
  const title = aucBarsTitle(evaluation, references);
  const figure = compose({
    title,
    rows: [{ height: 280, panels: [{ ...aucBarsPanel(evaluation, references), title: undefined }] }],
  });
  return { title, figure, table: aucTable(evaluation, references) };
}

/** The axes of {@link aucBarsChart}, for figures of several panels. */
export function aucBarsPanel(evaluation: Evaluation, references?: readonly AucReference[], legend = true): Panel {
  const names = ["all rows", ...domainNames(evaluation)];
  const many = names.length > BAR_GROUPS;
  const ticks = nameTicks(names, AXES_WIDTH);
  const traces = evaluation.tasks.flatMap((task, t): PlotlyTrace[] => {
    const groups = [task.overall, ...task.domains];
    const place = names.map((_, g) => g + offset(t, evaluation.tasks.length));
    const aucs = names.map((_, g) => groups[g]?.auc ?? null);
    const look = { name: label(taskName(task)), legendgroup: plotText(task.tower), showlegend: legend };
    const hover = hovers(task, names, groups);
    const shade = colour(t, evaluation.tasks.length);
    const main = many ? dots(place, aucs, shade) : bars(place, aucs, shade, evaluation.tasks.length, names.length);
    return [{ ...main, ...look, ...hover }, ...marks(task, names, place, references, t === 0 && legend)];
  });
  return {
    title: "AUC by domain",
    traces: [...traces, chance(names.length)],
    xaxis: { ...ticks.axis, range: [-0.6, names.length - 0.4] },
    yaxis: { title: { text: "AUC" }, range: range(evaluation, references), tickformat: ".2f" },
    below: ticks.below,
  };
}

/** AUC by task and domain: rows, positives, AUC, log loss, calibration, and the reference with what is left to it. */
export function aucTable(evaluation: Evaluation, references?: readonly AucReference[]): Table {
  const names = domainNames(evaluation);
  const compared = references !== undefined && references.length > 0;
  const row = (task: TaskEvaluation, domain: string, metrics: TaskMetrics, best: number | null): Cell[] => [
    taskName(task),
    domain,
    metrics.rows,
    metrics.rows === 0 ? null : metrics.positives / metrics.rows,
    metrics.auc,
    ...(compared ? [best, best === null || metrics.auc === null ? null : best - metrics.auc] : []),
    metrics.logLoss,
    metrics.calibration,
  ];
  return {
    caption: "Evaluation by task and domain",
    columns: [
      { name: "task" },
      { name: "domain" },
      { name: "rows" },
      { name: "positive", percent: true, digits: 1 },
      { name: "AUC", digits: 4 },
      ...(compared
        ? [
            { name: "best achievable", digits: 4 },
            { name: "left to it", digits: 4 },
          ]
        : []),
      { name: "log loss", digits: 4 },
      { name: "calibration", digits: 3 },
    ],
    rows: evaluation.tasks.flatMap((task) => {
      const reference = referenceOf(references, task.tower);
      return [
        row(task, "all rows", task.overall, reference?.overall ?? null),
        ...task.domains.map((metrics, d) => row(task, names[d] as string, metrics, reference?.domains[d] ?? null)),
      ];
    }),
  };
}

function aucBarsTitle(evaluation: Evaluation, references: readonly AucReference[] | undefined): string {
  const tasks = evaluation.tasks.map((task) => {
    const best = referenceOf(references, task.tower)?.overall ?? null;
    return `${taskName(task)} ${fixed(task.overall.auc)}${best === null ? "" : ` of ${fixed(best)} achievable`}`;
  });
  const compared = references !== undefined && references.length > 0;
  return `AUC by task and domain: ${tasks.join(compared ? "; " : ", ")}`;
}

function bars(x: number[], y: (number | null)[], shade: string, tasks: number, groups: number): PlotlyTrace {
  return {
    type: "bar",
    x,
    y: y.map((auc) => (auc === null ? null : Number((auc - 0.5).toFixed(6)))),
    base: 0.5,
    width: 0.8 / tasks,
    marker: { color: shade },
    text: y.map((auc) => (auc === null ? "–" : auc.toFixed(3))),
    textposition: tasks * groups <= 14 ? "inside" : "none",
    insidetextanchor: "start",
    textangle: tasks * groups <= 10 ? 0 : -90,
    constraintext: "none",
  };
}

function dots(x: number[], y: (number | null)[], shade: string): PlotlyTrace {
  return { type: "scatter", mode: "markers", x, y, marker: { color: shade, size: 7 } };
}

function marks(
  task: TaskEvaluation,
  names: readonly string[],
  place: readonly number[],
  references: readonly AucReference[] | undefined,
  first: boolean,
): PlotlyTrace[] {
  const reference = referenceOf(references, task.tower);
  if (reference === undefined) return [];
  return [
    {
      type: "scatter",
      mode: "markers",
      name: "best achievable",
      legendgroup: "reference",
      showlegend: first,
      x: [...place],
      y: [reference.overall, ...names.slice(1).map((_, domain) => reference.domains[domain] ?? null)],
      marker: { symbol: "line-ew", size: names.length > BAR_GROUPS ? 9 : 22, line: { color: INK, width: 2.5 } },
      customdata: names.map((name) => hoverName(taskName(task), name)),
      hovertemplate: "%{customdata}<br>best achievable: %{y:.4f}<extra></extra>",
    },
  ];
}

function chance(groups: number): PlotlyTrace {
  return {
    type: "scatter",
    mode: "lines",
    name: "chance",
    showlegend: false,
    x: [-0.6, groups - 0.4],
    y: [0.5, 0.5],
    line: { color: GRID, width: 2 },
    hoverinfo: "skip",
  };
}

function hovers(
  task: TaskEvaluation,
  names: readonly string[],
  groups: readonly (TaskMetrics | undefined)[],
): PlotlyTrace {
  return {
    customdata: names.map((name, g) => {
      const metrics = groups[g];
      const rows = `${(metrics?.rows ?? 0).toLocaleString("en-US")} rows, ${(metrics?.positives ?? 0).toLocaleString("en-US")} positive`;
      return `${hoverName(taskName(task), name)}<br>AUC ${fixed(metrics?.auc, 4)}<br>${plotText(rows)}`;
    }),
    hovertemplate: "%{customdata}<extra></extra>",
  };
}

function range(evaluation: Evaluation, references: readonly AucReference[] | undefined): [number, number] {
  const all = [
    ...evaluation.tasks.flatMap((task) => [task.overall.auc, ...task.domains.map((metrics) => metrics.auc)]),
    ...(references ?? []).flatMap((reference) => [reference.overall, ...reference.domains]),
  ].filter((auc): auc is number => auc !== null);
  const [low, high] = [Math.min(0.5, ...all), Math.max(0.6, ...all)];
  return [low === 0.5 ? 0.5 : low - 0.02, Math.min(1, high + 0.03)];
}

function offset(task: number, tasks: number): number {
  return ((task - (tasks - 1) / 2) * 0.8) / tasks;
}
