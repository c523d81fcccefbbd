import type { CurveDecile } from "../../metrics/curve-types.js";
import type { Evaluation } from "../../metrics/types.js";
import { fixed, percent } from "../../util/text.js";
import { sum } from "../../util/turns.js";
import { panelRows, xAxis, yAxis } from "../axes.js";
import { chart, type Panel, type PanelRow } from "../compose.js";
import { dots, line, rule } from "../lines.js";
import { domainNames, placeColumns, taskName } from "../names.js";
import type { Family, Markup, Member } from "../theme.js";
import { family, GRID, INK, inTitle, markup, rounded, sentence } from "../theme.js";
import { type Chart, col, type PlotlyTrace, type Sheet, sheetFrom } from "../view.js";
import { type CurveCell, type CurveTask, curveRows, curveTasks } from "./curves.js";

export function liftSheet(evaluation: Evaluation): Sheet {
  const rows = curveRows(evaluation).flatMap(({ value, ...cell }) =>
    value.deciles.map((decile, place) => {
      const upTo = sum(value.deciles.slice(0, place + 1).map(({ positives }) => positives)) / value.positives;
      return { ...cell, place, decile, upTo, base: value.positives / value.rows };
    }),
  );
  return sheetFrom("Lift by tenth of the rows, highest scores first, with 95% Wilson intervals", rows, [
    placeColumns(domainNames(evaluation), evaluation.by ?? "domain"),
    col.count("tenth", ({ place }) => place + 1),
    col.number("rows", ({ decile }) => decile.rows, 1),
    col.number("positives", ({ decile }) => decile.positives, 1),
    col.share("rate", ({ decile }) => decile.rate, 2),
    (["rate", "low", "high"] as const).map((end) =>
      col.number(end === "rate" ? "lift" : end, ({ decile, base }) => decile[end] / base, 3),
    ),
    col.share(["positives_up_to", "positives up to it"], ({ upTo }) => upTo, 2),
  ]);
}

const HEIGHT = 230;
/** With more domains, only all rows have intervals. */
const INTERVALS = 3;
const SHIFT = 0.13;

export function liftChart(evaluation: Evaluation): Chart {
  const tasks = curveTasks(evaluation);
  const rows = tasks.map((task, t): PanelRow => {
    const names = task.domains.map(({ name }) => name);
    const domains = family(names, { noun: "domain" });
    return { height: HEIGHT, panels: [gainsPanel(task, domains, t === 0), liftPanel(task, domains)] };
  });
  return chart({
    title: liftTitle(tasks),
    rows: rows.length === 0 ? panelRows([], { across: 1, height: HEIGHT, empty: "no binary task" }) : rows,
    legendBelow: true,
    sheet: liftSheet(evaluation),
  });
}

function gainsPanel(task: CurveTask, domains: Family, isFirst: boolean): Panel {
  const axis = { tickformat: ".0%", range: [0, 1], nticks: 6 };
  const curve = (cell: CurveCell, look: Member): PlotlyTrace[] => {
    if (cell.curve.gap !== null) return [];
    const shares = gains(cell);
    const hover = markup`${taskName(task.curves)}, ${cell.name}<br>the top %{x:.0%} of rows have %{y:.1%} of the positives`;
    const dots = domains.few ? 4 : undefined;
    return [line({ x: shares.map((_, k) => k / 10), y: shares.map(rounded), ...look, dots, hover })];
  };
  const legend = { name: "all rows", group: "all rows", inLegend: isFirst && task.domains.length > 0 };
  return {
    title: `Gains of ${taskName(task.curves)}`,
    marks: [
      rule({ from: [0, 0], to: [1, 1], color: GRID, width: 2, dash: "solid" }),
      ...task.domains.flatMap((cell, d) => curve(cell, domains.member(d, isFirst))),
      ...curve(task.all, { color: INK, width: 3, legend }),
    ],
    xaxis: xAxis("top rows by score", axis),
    yaxis: yAxis("of all positives", axis),
  };
}

function liftPanel(task: CurveTask, domains: Family): Panel {
  const withIntervals = task.domains.length <= INTERVALS;
  const series = withIntervals ? task.domains.length + 1 : 1;
  const shift = (place: number): number => (place - (series - 1) / 2) * SHIFT;
  const all = { color: INK, width: 2, legend: { name: "all rows", group: "all rows", inLegend: false } };
  return {
    title: `Lift of ${taskName(task.curves)}`,
    marks: [
      rule({ from: [0.5, 1], to: [10.5, 1] }),
      ...task.domains.flatMap((cell, d) => {
        const look = domains.member(d, false);
        return withIntervals ? liftDots(task, cell, look, shift(d + 1)) : liftLine(task, cell, look);
      }),
      ...liftDots(task, task.all, all, shift(0)),
    ],
    xaxis: xAxis("tenth of the rows, highest scores first", { dtick: 1, range: [0.4, 10.6] }),
    yaxis: yAxis("× base rate (95% over rows)", { rangemode: "tozero", tickformat: ".3~f" }),
  };
}

function liftDots(task: CurveTask, cell: CurveCell, { color, legend }: Member, shift: number): PlotlyTrace[] {
  const [low, high] = [lifts(cell, "low"), lifts(cell, "high")];
  return [
    dots({
      x: low.map((_, k) => rounded(k + 1 + shift)),
      y: lifts(cell, "rate"),
      color,
      size: cell.domain < 0 ? 8 : 6,
      legend,
      whiskersY: { low, high, color, thickness: cell.domain < 0 ? 2.5 : 1.5 },
      hover: cell.curve.deciles.map((decile, k) => decileText(task, cell, decile, k)),
    }),
  ];
}

function liftLine(task: CurveTask, cell: CurveCell, { color, width, legend }: Member): PlotlyTrace[] {
  const values = lifts(cell, "rate");
  const hover = markup`${taskName(task.curves)}, ${cell.name}<br>tenth %{x}: lift %{y:.2f}`;
  return [line({ x: values.map((_, k) => k + 1), y: values, color, width, legend, hover })];
}

function lifts({ curve: { deciles, positives, rows } }: CurveCell, end: "rate" | "low" | "high"): number[] {
  return deciles.map((decile) => rounded((decile[end] * rows) / positives));
}

function decileText(
  task: CurveTask,
  { name, curve: { positives, rows } }: CurveCell,
  { rate, low, high }: CurveDecile,
  place: number,
): Markup {
  const [lift, ...ends] = [rate, low, high].map((share) => fixed((share * rows) / positives, 2));
  return markup`${taskName(task.curves)}, ${name}<br>tenth ${place + 1}: ${percent(rate, 1)} positive, lift ${lift!} (${ends.join(" to ")})`;
}

function gains({ curve: { deciles, positives } }: CurveCell): number[] {
  const counts = [0, ...deciles.map((decile) => decile.positives)];
  return counts.map((_, place) => sum(counts.slice(0, place + 1)) / positives);
}

function liftTitle(tasks: readonly CurveTask[]): string {
  if (tasks.length === 0) return "Lift: no binary task";
  const parts = tasks.map(({ all, curves }) => {
    const [first] = all.curve.deciles;
    const name = inTitle(taskName(curves));
    if (first === undefined) return `${name} has no lift (${all.curve.gap ?? "no rows"})`;
    const base = all.curve.positives / all.curve.rows;
    const interval = `${fixed(first.low / base, 1)} to ${fixed(first.high / base, 1)}`;
    return `${name}: the top tenth of rows has ${percent(first.positives / all.curve.positives)} of the positives, lift ${fixed(first.rate / base, 1)} (${interval})`;
  });
  return sentence(parts);
}
