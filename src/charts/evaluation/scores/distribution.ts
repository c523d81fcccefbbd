/** Scores of positive and negative rows: a panel per task, both as shares of their class, on a log-odds axis. */
import type { Evaluation, ScoreBin } from "../../../metrics/index.js";
import { probability, scoreBinsSheet, taskName } from "../../../tables/index.js";
import { count, fixed, percent } from "../../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../../figure.js";
import { area, line } from "../../marks/index.js";
import { chart, emptyPanel, type Panel, panelRows, yAxis } from "../../panels/index.js";
import { faded, INK, inTitle, markup, PLAIN, rounded, sentence } from "../../theme/index.js";
import { type CurveTask, curveTasks } from "./cells.js";
import { logOddsAxis } from "./log-odds.js";

/** The share of each class's rows by score. The evaluation must have curves. */
export function scoresChart(evaluation: Evaluation): Chart {
  const tasks = curveTasks(evaluation);
  const panels = tasks.map((task, t) => taskPanel(task, t));
  return chart({
    title: scoresTitle(tasks),
    rows: panelRows(panels, { across: 2, height: 230, empty: "no binary task" }),
    legendBelow: true,
    sheet: scoreBinsSheet(evaluation),
  });
}

function taskPanel(task: CurveTask, index: number): Panel {
  const { bins = [], positives, rows } = task.all.curve;
  const title = taskName(task.curves);
  const counts = `${count(positives, "positive")}, ${count(rows - positives, "negative")}`;
  if (bins.length === 0) return emptyPanel(task.all.curve.gap ?? "no rows", title);
  const inLegend = index === 0;
  const [low, high] = [bins[0]!.from, bins.at(-1)!.to];
  return {
    title,
    marks: [
      ...classMarks(task, bins, "negatives", rows - positives, inLegend),
      ...classMarks(task, bins, "positives", positives, inLegend),
    ],
    xaxis: logOddsAxis(`score (log-odds scale)<br>${counts}`, low, high),
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
  const legend = { name, group: name, inLegend };
  const outline = steps(bins, heights);
  const filled = area({ corners: outline, color: INK, width: 0, fill: faded(INK, 0.3), hover: null });
  const isPositive = name === "positives";
  const hover = bins.map(
    (bin, b) =>
      markup`${binText(bin, b, bins.length)}<br>${count(bin[name], "row")}, ${percent(heights[b])} of the ${name}`,
  );
  return [
    ...(isPositive ? [] : [filled]),
    line({
      x: outline.map(([x]) => x),
      y: outline.map(([, y]) => y),
      color: isPositive ? PLAIN : INK,
      width: isPositive ? 2.5 : 1.5,
      legend,
      hover: {
        template: markup`${taskName(curves)}, ${name}<br>%{customdata}`,
        each: outline.map((_, p) => hover[Math.min(bins.length - 1, Math.max(0, Math.floor((p - 1) / 2)))]!),
      },
    }),
  ];
}

/** The outline of bars: up, along and down. */
function steps(bins: readonly ScoreBin[], heights: readonly number[]): (readonly [number, number])[] {
  const tops = bins.flatMap(({ from, to }, b) => [
    [rounded(from), heights[b]!] as const,
    [rounded(to), heights[b]!] as const,
  ]);
  return [[rounded(bins[0]!.from), 0], ...tops, [rounded(bins.at(-1)!.to), 0]];
}

function binText({ from, to }: ScoreBin, place: number, total: number): string {
  const [low, high] = [from, to].map((end) => percent(probability(end), 2));
  if (place === 0) return `scores below ${high}`;
  return place === total - 1 ? `scores above ${low}` : `scores ${low} to ${high}`;
}

function scoresTitle(tasks: readonly CurveTask[]): string {
  if (tasks.length === 0) return "Scores: no binary task";
  const parts = tasks.map(({ all, curves }) => {
    const { positiveQuantiles, negativeQuantiles, gap } = all.curve;
    const name = inTitle(taskName(curves));
    if (positiveQuantiles === null || negativeQuantiles === null) return `${name}: ${gap ?? "no rows"}`;
    const medians = `medians ${percent(positiveQuantiles[2], 1)} and ${percent(negativeQuantiles[2], 1)}`;
    return `${name}: positives score above negatives in ${percent(all.metrics?.auc, 0)} of pairs (AUC ${fixed(all.metrics?.auc)}), ${medians}`;
  });
  return sentence(parts);
}
