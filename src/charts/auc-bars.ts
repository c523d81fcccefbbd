/** AUC of an evaluation by task and domain, beside the best that is achievable where that is known. */
import type { Interval } from "../metrics/intervals/bootstrap.js";
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../metrics/types.js";
import { aucTable } from "./auc-table.js";
import { compose, type Panel } from "./compose.js";
import { dashes } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { finite, rounded } from "./numbers.js";
import { type AucReference, domainNames, hoverName, referenceOf, taskName } from "./tasks.js";
import { count, fixed, inTitle, label, plotText, sentence } from "./text.js";
import { colour, faded, GRID, INK } from "./theme.js";
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
  const [low, high] = range(evaluation, references, many);
  const traces = evaluation.tasks.flatMap((task, t): PlotlyTrace[] => {
    const groups = [task.overall, ...task.domains];
    const place = names.map((_, g) => g + offset(t, evaluation.tasks.length));
    const aucs = names.map((_, g) => groups[g]?.auc ?? null);
    const look = { name: label(taskName(task)), legendgroup: plotText(task.tower), showlegend: legend };
    const hover = hovers(task, names, groups);
    const shade = colour(t, evaluation.tasks.length);
    const main = many ? dots(place, aucs, shade) : bars(place, aucs, shade, evaluation.tasks.length, names.length);
    const whiskers = intervalBars(groups.slice(0, names.length), shade, many);
    const gaps = place.map((x, g) => ({ x, g })).filter(({ g }) => aucs[g] === null);
    const why = gaps.map(({ g }) => `${hoverName(taskName(task), names[g] as string)}: ${gapText(groups[g])}`);
    const marked = dashes(
      gaps.map(({ x }) => x),
      low,
      why,
    );
    return [
      { ...main, ...look, ...hover, ...whiskers },
      ...marked,
      ...marks(task, names, place, references, t === 0 && legend),
    ];
  });
  return {
    title: "AUC by domain",
    traces: [...traces, chance(names.length)],
    xaxis: { ...ticks.axis, range: [-0.6, names.length - 0.4] },
    yaxis: { title: { text: "AUC" }, range: [low, high], tickformat: ".2f" },
    below: ticks.below,
  };
}

/** Each task's AUC with its interval and the best there is, and the domain in which it is lowest. */
function aucBarsTitle(evaluation: Evaluation, references: readonly AucReference[] | undefined): string {
  const names = domainNames(evaluation);
  const tasks = evaluation.tasks.map((task) => {
    const best = referenceOf(references, task.tower)?.overall ?? null;
    const ends = intervalText(task.overall.intervals?.auc, 3);
    const of = best === null ? "" : ` of ${fixed(best)} achievable`;
    return `${inTitle(taskName(task))} ${fixed(task.overall.auc)}${ends}${of}${lowestDomain(task, names)}`;
  });
  return `AUC of ${sentence(tasks)}`;
}

function lowestDomain({ domains }: TaskEvaluation, names: readonly string[]): string {
  const known = domains.flatMap(({ auc }, d) => (finite(auc) === null ? [] : [{ auc: auc as number, d }]));
  const [first] = known;
  if (first === undefined || domains.length < 2) return "";
  const lowest = known.reduce((a, b) => (b.auc < a.auc ? b : a), first);
  return `, lowest in ${inTitle(names[lowest.d] as string)} (${fixed(lowest.auc)})`;
}

function bars(x: number[], y: (number | null)[], shade: string, tasks: number, groups: number): PlotlyTrace {
  return {
    type: "bar",
    x,
    y: y.map((auc) => (auc === null ? null : rounded(auc - 0.5))),
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

/** The intervals of AUCs, where the evaluation has them. */
function intervalBars(groups: readonly (TaskMetrics | undefined)[], shade: string, many: boolean): PlotlyTrace {
  if (groups.every((metrics) => metrics?.intervals?.auc === undefined)) return {};
  const side = (of: (auc: number, interval: Interval) => number | null): number[] =>
    groups.map((metrics) => {
      const interval = metrics?.intervals?.auc;
      const length = metrics?.auc == null || interval === undefined ? 0 : of(metrics.auc, interval);
      return rounded(Math.max(0, length ?? 0));
    });
  const color = many ? faded(shade, 0.6) : INK;
  return {
    error_y: {
      type: "data",
      symmetric: false,
      array: side((auc, { high }) => high && high - auc),
      arrayminus: side((auc, { low }) => low && auc - low),
      color,
      thickness: many ? 1 : 2,
      width: many ? 0 : 4,
    },
  };
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

/** Why an AUC is not defined. */
function gapText(metrics: TaskMetrics | undefined): string {
  if (metrics === undefined || metrics.rows === 0) return "no rows";
  if (metrics.positives === 0) return `no positive among ${count(metrics.rows, "row")}`;
  return metrics.positives === metrics.rows ? `only positives among ${count(metrics.rows, "row")}` : "not defined";
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
      const ends = intervalText(metrics?.intervals?.auc);
      return `${hoverName(taskName(task), name)}<br>AUC ${fixed(metrics?.auc, 4)}${ends}<br>${plotText(rows)}`;
    }),
    hovertemplate: "%{customdata}<extra></extra>",
  };
}

/** ` (0.7213 to 0.7405)`, or nothing. */
function intervalText(interval: Interval | undefined, digits = 4): string {
  if (interval === undefined || interval.low === null || interval.high === null) return "";
  return ` (${fixed(interval.low, digits)} to ${fixed(interval.high, digits)})`;
}

/** Bars begin at chance; dots may leave it out. */
function range(
  evaluation: Evaluation,
  references: readonly AucReference[] | undefined,
  many: boolean,
): [number, number] {
  const all = [
    ...evaluation.tasks.flatMap((task) => [task.overall.auc, ...task.domains.map((metrics) => metrics.auc)]),
    ...(references ?? []).flatMap((reference) => [reference.overall, ...reference.domains]),
  ].filter((auc): auc is number => auc !== null);
  const ends = evaluation.tasks
    .flatMap((task) => [task.overall, ...task.domains])
    .flatMap(({ intervals }) => [intervals?.auc?.low, intervals?.auc?.high])
    .filter((end): end is number => typeof end === "number");
  const [low, high] = [Math.min(0.5, ...all), Math.max(0.6, ...all, ...ends)];
  if (many && all.length > 0) {
    const least = Math.min(...all, ...ends);
    return [rounded(Math.max(0, least - 0.02)), rounded(Math.min(1, high + 0.02))];
  }
  return [low === 0.5 ? 0.5 : low - 0.02, Math.min(1, high + 0.03)];
}

function offset(task: number, tasks: number): number {
  return ((task - (tasks - 1) / 2) * 0.8) / tasks;
}
