/** Scores of positive and negative rows by domain: two lines of quantiles a domain, a panel per task. */
import type { Evaluation, ScoreQuantiles } from "../../../metrics/index.js";
import { scoreQuantilesSheet, taskName } from "../../../tables/index.js";
import { count, percent } from "../../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../../figure.js";
import { dots, line } from "../../marks/index.js";
import { chart, type Panel, panelRows, rowNames } from "../../panels/index.js";
import { INK, inTitle, markup, rounded, sentence } from "../../theme/index.js";
import { type CurveCell, type CurveTask, cellLooks, curveTasks } from "./cells.js";
import { logOdds, logOddsAxis } from "./log-odds.js";

/** More rows are closer together. */
const FEW_ROWS = 25;
/** Places of the classes within a row. */
const PLACES = { positive: -0.17, negative: 0.17 } as const;
type Class = keyof typeof PLACES;

/** The 5, 25, 50, 75 and 95% quantiles of each class's scores. The evaluation must have curves. */
export function domainScoresChart(evaluation: Evaluation): Chart {
  const tasks = curveTasks(evaluation);
  const rows = Math.max(1, ...tasks.map(({ domains }) => domains.length + 1));
  const panels = tasks.map((task, t) => quantilesPanel(task, t));
  return chart({
    title: domainScoresTitle(tasks),
    rows: panelRows(panels, {
      across: 2,
      height: Math.max(80, rows * (rows > FEW_ROWS ? 16 : 30)),
      empty: "no binary task",
    }),
    legendBelow: true,
    sheet: scoreQuantilesSheet(evaluation),
  });
}

function quantilesPanel(task: CurveTask, index: number): Panel {
  const cells = [task.all, ...task.domains];
  const looks = cellLooks(task, () => null);
  const colours = [looks.all, ...looks.domains].map(({ color }) => color);
  const ends = cells.flatMap(({ curve }) =>
    [...(curve.positiveQuantiles ?? []), ...(curve.negativeQuantiles ?? [])].map(logOdds),
  );
  return {
    title: taskName(task.curves),
    marks: (["negative", "positive"] as const).flatMap((name) => quantileMarks(cells, name, colours, index === 0)),
    xaxis: logOddsAxis(
      "score (log-odds scale)",
      ends.length === 0 ? -5 : Math.min(...ends),
      ends.length === 0 ? 0 : Math.max(...ends),
    ),
    ...rowNames(
      cells.map(({ name }) => name),
      { named: index % 2 === 0 },
    ),
  };
}

function quantileMarks(
  cells: readonly CurveCell[],
  name: Class,
  colours: readonly string[],
  inLegend: boolean,
): PlotlyTrace[] {
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

/** A line from one quantile to another in each row. */
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
    const [low, high] = [...medians]
      .sort((a, b) => a.median - b.median)
      .filter((_, p, all) => p === 0 || p === all.length - 1);
    const names = domains.map((cell) => cell.name);
    const between =
      high === undefined || low === undefined
        ? ""
        : `, negatives from ${percent(low.median, 1)} in ${inTitle(low.name, names)} to ${percent(high.median, 1)} in ${inTitle(high.name, names)}`;
    return `${name}: median score ${percent(positiveQuantiles[2], 1)} of positives, ${percent(negativeQuantiles[2], 1)} of negatives${between}`;
  });
  return sentence(parts);
}
