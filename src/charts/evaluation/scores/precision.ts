/** Precision by recall: a panel per task, domains as lines, the base rate, and each average precision in the key. */
import type { Evaluation } from "../../../metrics/index.js";
import { curvePointsSheet, taskName } from "../../../tables/index.js";
import { ends, fixed, percent } from "../../../util/text/format.js";
import type { Chart } from "../../figure.js";
import { rule } from "../../marks/index.js";
import { chart } from "../../panels/index.js";
import { INK, inTitle, markup, rounded, sentence } from "../../theme/index.js";
import { type CurveCell, type CurveTask, curveTasks } from "./cells.js";
import { type CurveKind, curveRows } from "./curve-panels.js";
import { threshold } from "./roc.js";

/** With a smaller recall, precision is of few rows: it does not set the range of the axis. */
const SETTLED = 0.05;

/** Precision by recall of every threshold. The evaluation must have curves. */
export function precisionChart(evaluation: Evaluation): Chart {
  const tasks = curveTasks(evaluation);
  return chart({
    title: precisionTitle(tasks),
    rows: curveRows(tasks, KIND),
    legendBelow: true,
    sheet: curvePointsSheet(evaluation, "precision"),
  });
}

const KIND: CurveKind = {
  points: ({ curve }) =>
    curve.points.map((point) => [point.positives / curve.positives, point.positives / point.rows] as const),
  point: ({ curve }, place) => `score ≥ ${threshold(curve.points[place]!.threshold)}`,
  hover: markup`%{y:.1%} of the rows are positive, %{x:.1%} of the positives are there`,
  x: "recall",
  y: "precision",
  top: ({ all, domains }) => Math.min(1, 1.08 * Math.max(0.01, ...[all, ...domains].map(highest))),
  compare: ({ all }, isFirst) => {
    const rate = rounded(baseRate(all) ?? 0);
    const legend = { name: "base rate of all rows", group: "base rate", inLegend: isFirst };
    return [rule({ from: [0, rate], to: [1, rate], width: 1.5, legend, hover: markup`base rate ${percent(rate, 1)}` })];
  },
  value: ({ curve: { averagePrecision } }) => averagePrecision ?? { value: null },
  valueName: "AP (95% over rows)",
  format: (value) => `${fixed(value.value)}${ends(value)}`,
  level: (cells, isFirst) => ({
    legend: { name: "base rate", group: "base rates", inLegend: isFirst },
    values: cells.map(baseRate),
    symbol: "line-ns",
    color: INK,
    hover: cells.map((cell) => markup`${cell.name}<br>base rate ${percent(baseRate(cell), 1)}`),
  }),
};

function baseRate({ curve: { rows, positives } }: CurveCell): number | null {
  return rows === 0 ? null : rounded(positives / rows);
}

/** The highest precision beyond the first few rows. */
function highest({ curve }: CurveCell): number {
  const settled = curve.points.filter(({ positives }) => positives >= SETTLED * curve.positives);
  return Math.max(0, ...settled.map(({ positives, rows }) => positives / rows));
}

function precisionTitle(tasks: readonly CurveTask[]): string {
  if (tasks.length === 0) return "Precision: no binary task";
  const parts = tasks.map(({ all, curves }) => {
    const name = inTitle(taskName(curves));
    const { averagePrecision, gap } = all.curve;
    if (averagePrecision === null) return `${name} has no curve (${gap ?? "no rows"})`;
    const rate = baseRate(all)!;
    return `${name} ${fixed(averagePrecision.value)}${ends(averagePrecision)}, ${fixed(averagePrecision.value / rate, 1)} × its base rate of ${percent(rate, 1)}`;
  });
  return sentence([`Average precision of ${parts[0]!}`, ...parts.slice(1)]);
}
