/** The view of score distributions, on an axis of log-odds: a linear axis would press rare positives together. */
import type { ScoreBin } from "../../../core/metrics/curve-types.js";
import type { Evaluation } from "../../../core/metrics/types.js";
import type { JsonObject } from "../../../core/util/json.js";
import { logOdds, sigmoid } from "../../../core/util/numbers.js";
import { count, fixed, percent } from "../../../core/util/text.js";
import { chart, emptyPanel, type Panel, panelRows, xAxis, yAxis } from "../compose.js";
import { line } from "../lines.js";
import { faded, firstTasks, INK, inTitle, markup, PLAIN, rounded, sentence } from "../theme.js";
import { type Chart, capital, col, type PlotlyTrace, sheetFrom, taskColumns, taskName } from "../view.js";
import { type CurveTask, curveRows, curveTasks } from "./curves.js";

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Probabilities of ticks, the rounder ones first; each is also mirrored at 50%. */
const TICKS = [0.5, 0.1, 0.01, 0.001, 1e-4, 1e-6, 1e-9, 1e-15, 1e-30, 0.05, 0.2, 0.3, 0.02, 0.4, 0.45, 1e-5];
const LEAST_GAP = 0.15;

/** An x axis from `low` to `high`, both in log-odds, whose ticks are probabilities. */
function logOddsAxis(title: string, low: number, high: number): JsonObject {
  const ticks: number[] = [];
  for (const tick of TICKS.flatMap((p) => (p === 0.5 || p < 1e-4 ? [p] : [p, 1 - p]))) {
    const at = logOdds(tick);
    const isFar = ticks.every((other) => Math.abs(logOdds(other) - at) >= LEAST_GAP * (high - low));
    if (low <= at && at <= high && isFar) ticks.push(tick);
  }
  ticks.sort((a, b) => a - b);
  const pad = (high - low) * 0.02;
  return xAxis(title, {
    range: [rounded(low - pad), rounded(high + pad)],
    tickvals: ticks.map((p) => rounded(logOdds(p))),
    ticktext: ticks.map(tickText),
  });
}

function tickText(probability: number): string {
  const digits = [0, 1, 2, 3, 4].find(
    (d) => Math.abs(Number((probability * 100).toFixed(d)) - probability * 100) < 1e-9,
  );
  return digits === undefined ? probability.toExponential(0).replace("-", "−") : percent(probability, digits);
}

export function scoresChart(evaluation: Evaluation): Chart {
  const tasks = curveTasks(evaluation);
  const rows = curveRows(evaluation).flatMap((cell) => (cell.value.bins ?? []).map((bin) => ({ ...cell, bin })));
  return chart({
    title: scoresTitle(tasks),
    rows: panelRows(tasks.map(taskPanel), { across: 2, height: 230, empty: "no binary task" }),
    legendBelow: true,
    sheet: sheetFrom("Scores by class; the first and the last bin hold all rows beyond their edges", rows, [
      taskColumns,
      col.number("from", ({ bin }) => sigmoid(bin.from), 6),
      col.number("to", ({ bin }) => sigmoid(bin.to), 6),
      col.count("positives", ({ bin }) => bin.positives),
      col.count("negatives", ({ bin }) => bin.negatives),
      col.share(["positive_share", "of positives"], ({ bin, value }) => ratio(bin.positives, value.positives), 2),
      col.share(
        ["negative_share", "of negatives"],
        ({ bin, value }) => ratio(bin.negatives, value.rows - value.positives),
        2,
      ),
    ]),
  });
}

function taskPanel(task: CurveTask, index: number): Panel {
  const { bins = [], positives, rows } = task.all.curve;
  const title = taskName(task.curves);
  const counts = `${count(positives, "positive")}, ${count(rows - positives, "negative")}`;
  if (bins.length === 0) return emptyPanel(task.all.curve.gap ?? "no rows", title);
  const inLegend = index === 0;
  return {
    title,
    marks: [
      ...classMarks(task, bins, "negatives", rows - positives, inLegend),
      ...classMarks(task, bins, "positives", positives, inLegend),
    ],
    xaxis: logOddsAxis(`score (log-odds scale)<br>${counts}`, bins[0]!.from, bins.at(-1)!.to),
    below: 60,
    yaxis: yAxis(index % 2 === 0 ? "rows of the class" : "", { tickformat: ".2~p", rangemode: "tozero", nticks: 5 }),
  };
}

function classMarks(
  { curves }: CurveTask,
  bins: readonly ScoreBin[],
  name: "positives" | "negatives",
  total: number,
  inLegend: boolean,
): PlotlyTrace[] {
  if (total === 0) return [];
  const heights = bins.map((bin) => rounded(bin[name] / total));
  const hover = bins.map(
    (bin, b) =>
      markup`${binText(bin, b, bins.length)}<br>${count(bin[name], "row")}, ${percent(heights[b])} of the ${name}`,
  );
  const isPositive = name === "positives";
  return [
    line({
      x: [bins[0]!.from, ...bins.map(({ from }) => from), bins.at(-1)!.to].map(rounded),
      y: [0, ...heights, 0],
      color: isPositive ? PLAIN : INK,
      width: isPositive ? 2.5 : 1.5,
      steps: true,
      fill: isPositive ? undefined : faded(INK, 0.3),
      legend: { name, group: name, inLegend },
      hover: {
        template: markup`${taskName(curves)}, ${name}<br>%{customdata}`,
        each: [hover[0]!, ...hover, hover.at(-1)!],
      },
    }),
  ];
}

function binText({ from, to }: ScoreBin, place: number, total: number): string {
  const [low, high] = [from, to].map((end) => percent(sigmoid(end), 2));
  if (place === 0) return `scores below ${high}`;
  return place === total - 1 ? `scores above ${low}` : `scores ${low} to ${high}`;
}

function scoresTitle(tasks: readonly CurveTask[]): string {
  if (tasks.length === 0) return "Scores: no binary task";
  const parts = tasks.map(({ all, curves }) => {
    const { positiveMedian, negativeMedian, gap } = all.curve;
    const name = inTitle(taskName(curves));
    if (positiveMedian === null || negativeMedian === null) return `${name}: ${gap ?? "no rows"}`;
    const medians = `medians ${percent(positiveMedian, 1)} and ${percent(negativeMedian, 1)}`;
    const share = percent(all.metrics?.auc, 0);
    return `positives of ${name} score above negatives in ${share} of pairs; AUC ${fixed(all.metrics?.auc)}, ${medians}`;
  });
  return capital(sentence(firstTasks(parts)));
}
