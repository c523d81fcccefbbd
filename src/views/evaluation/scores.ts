/** Log-odds, on which a model adds its effects: a linear axis of probabilities would press rare positives together. */
import type { ScoreBin, ScoreCurve, ScoreQuantiles } from "../../metrics/curve-types.js";
import type { Evaluation } from "../../metrics/types.js";
import type { JsonObject } from "../../util/random.js";
import { count, fixed, percent } from "../../util/text.js";
import { logOdds, sigmoid } from "../../util/turns.js";
import { chart, emptyPanel, type Panel, panelRows, rowNames, xAxis, yAxis } from "../compose.js";
import { dots, line } from "../lines.js";
import { faded, INK, inTitle, markup, PLAIN, rounded, sentence } from "../theme.js";
import type { Chart, PlotlyTrace, Sheet } from "../view.js";
import { col, domainNames, placeColumns, sheetFrom, taskColumns, taskName } from "../view.js";
import { type CurveCell, type CurveTask, cellLooks, curveRows, curveTasks } from "./curves.js";

function scoreQuantilesSheet(evaluation: Evaluation): Sheet {
  const rows = curveRows(evaluation).flatMap(({ value, ...cell }) => [
    { ...cell, class: "positive", rows: value.positives, quantiles: value.positiveQuantiles },
    { ...cell, class: "negative", rows: negatives(value), quantiles: value.negativeQuantiles },
  ]);
  return sheetFrom("Quantiles of scores by task, domain and class", rows, [
    placeColumns(domainNames(evaluation), evaluation.by ?? "domain"),
    col.text("class", (row) => row.class),
    col.count("rows", (row) => row.rows),
    [5, 25, 50, 75, 95].map((percentile, place) =>
      col.number([`q${percentile}`, `${percentile}%`], ({ quantiles }) => quantiles?.[place], 5),
    ),
  ]);
}

function negatives({ rows, positives }: ScoreCurve): number {
  return rows - positives;
}

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
      col.share(["negative_share", "of negatives"], ({ bin, value }) => ratio(bin.negatives, negatives(value)), 2),
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
    const { positiveQuantiles, negativeQuantiles, gap } = all.curve;
    const name = inTitle(taskName(curves));
    if (positiveQuantiles === null || negativeQuantiles === null) return `${name}: ${gap ?? "no rows"}`;
    const medians = `medians ${percent(positiveQuantiles[2], 1)} and ${percent(negativeQuantiles[2], 1)}`;
    return `${name}: positives score above negatives in ${percent(all.metrics?.auc, 0)} of pairs (AUC ${fixed(all.metrics?.auc)}), ${medians}`;
  });
  return sentence(parts);
}

const FEW_ROWS = 25;
const PLACES = { positive: -0.17, negative: 0.17 } as const;
type Class = keyof typeof PLACES;

/** The 5, 25, 50, 75 and 95% quantiles of each class's scores. The evaluation must have curves. */
export function domainScoresChart(evaluation: Evaluation): Chart {
  const tasks = curveTasks(evaluation);
  const rows = Math.max(1, ...tasks.map(({ domains }) => domains.length + 1));
  const height = Math.max(80, rows * (rows > FEW_ROWS ? 16 : 30));
  return chart({
    title: domainScoresTitle(tasks),
    rows: panelRows(tasks.map(quantilesPanel), { across: 2, height, empty: "no binary task" }),
    legendBelow: true,
    sheet: scoreQuantilesSheet(evaluation),
  });
}

function quantilesPanel(task: CurveTask, index: number): Panel {
  const cells = [task.all, ...task.domains];
  const colours = cellLooks(task, () => null).map(({ look }) => look.color);
  const ends = cells.flatMap(({ curve }) =>
    [...(curve.positiveQuantiles ?? []), ...(curve.negativeQuantiles ?? [])].map(logOdds),
  );
  const [low, high] = ends.length === 0 ? [-5, 0] : [Math.min(...ends), Math.max(...ends)];
  const names = cells.map(({ name }) => name);
  return {
    title: taskName(task.curves),
    marks: (["negative", "positive"] as const).flatMap((name) => quantileMarks(cells, name, colours, index === 0)),
    xaxis: logOddsAxis("score (log-odds scale)", low, high),
    ...rowNames(names, { named: index % 2 === 0 }),
  };
}

function quantileMarks(cells: readonly CurveCell[], name: Class, colours: readonly string[], inLegend: boolean) {
  const lines = cells.flatMap((cell, row) => {
    const quantiles = name === "positive" ? cell.curve.positiveQuantiles : cell.curve.negativeQuantiles;
    const color = name === "positive" ? colours[row]! : INK;
    return quantiles === null ? [] : [{ cell, quantiles, color, y: rounded(row + PLACES[name]) }];
  });
  const shades = [...new Set(lines.map(({ color }) => color))];
  const ranges = shades.flatMap((color) => {
    const rows = lines.filter((row) => row.color === color);
    return [rangeLine(rows, color, [0, 4], 1.25), rangeLine(rows, color, [1, 3], 4)];
  });
  const legend = { name: `${name}s: median, 50 and 90% of rows`, group: name, inLegend, letters: 40 };
  return [
    ...ranges,
    dots({
      x: lines.map(({ quantiles }) => rounded(logOdds(quantiles[2]))),
      y: lines.map(({ y }) => y),
      color: lines.map(({ color }) => color),
      size: 8,
      symbol: name === "positive" ? "circle" : "circle-open",
      outline: { width: name === "positive" ? 0 : 1.5 },
      legend,
      hover: lines.map(({ cell, quantiles }) => hoverText(cell, quantiles, name)),
    }),
  ];
}

function rangeLine(
  rows: readonly { readonly quantiles: ScoreQuantiles; readonly y: number }[],
  color: string,
  [from, to]: readonly [number, number],
  width: number,
): PlotlyTrace {
  return line({
    x: rows.flatMap(({ quantiles }) => [rounded(logOdds(quantiles[from]!)), rounded(logOdds(quantiles[to]!)), null]),
    y: rows.flatMap(({ y }) => [y, y, null]),
    color,
    width,
    hover: "none",
  });
}

function hoverText(
  { name, curve }: CurveCell,
  [low, quarter, median, threeQuarters, high]: ScoreQuantiles,
  kind: Class,
) {
  const rows = kind === "positive" ? curve.positives : curve.rows - curve.positives;
  const share = (value: number): string => percent(value, 2);
  return markup`${name}, ${count(rows, `${kind} row`)}<br>median ${share(median)}<br>50%: ${share(quarter)} to ${share(threeQuarters)}<br>90%: ${share(low)} to ${share(high)}`;
}

/** How far the medians of negatives differ between domains, compared with the distance of the classes. */
function domainScoresTitle(tasks: readonly CurveTask[]): string {
  if (tasks.length === 0) return "Scores by domain: no binary task";
  const parts = tasks.map(({ all, domains, curves }) => {
    const name = inTitle(taskName(curves));
    const { positiveQuantiles, negativeQuantiles, gap } = all.curve;
    if (positiveQuantiles === null || negativeQuantiles === null) return `${name}: ${gap ?? "no rows"}`;
    const medians = domains.flatMap((cell) => {
      const median = cell.curve.negativeQuantiles?.[2];
      return median === undefined ? [] : [{ name: cell.name, median }];
    });
    const sorted = medians.sort((a, b) => a.median - b.median);
    const names = domains.map((cell) => cell.name);
    const at = (cell: (typeof medians)[number]) => `${percent(cell.median, 1)} in ${inTitle(cell.name, names)}`;
    const between = sorted.length < 2 ? "" : `, negatives from ${at(sorted[0]!)} to ${at(sorted.at(-1)!)}`;
    return `${name}: median score ${percent(positiveQuantiles[2], 1)} of positives, ${percent(negativeQuantiles[2], 1)} of negatives${between}`;
  });
  return sentence(parts);
}
