/** Losses over training steps: the sum that is trained on, and each task's own. */

import type { Cell, Table } from "../tables/index.js";
import type { History, HistoryPoint } from "../train/loop/history.js";
import { compose, type Panel } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { finite } from "./numbers.js";
import { count, fixed, label, plotText } from "./text.js";
import { colour, INK } from "./theme.js";

/** Losses over steps. Works on a history of no or one point (a dry run) too. */
export function lossChart(history: History): Chart {
  const title = lossTitle(history);
  const figure = compose({ title, rows: [{ height: 300, panels: [{ ...lossPanel(history), title: undefined }] }] });
  return { title, figure, table: lossTable(history) };
}

/** The loss axes, for figures of several panels. */
export function lossPanel(history: History): Panel {
  const { points } = history;
  const names = taskLossNames(points);
  const traces: PlotlyTrace[] = [lossLine(points, "total", (point) => point.loss, INK, 2.5)];
  names.forEach((name, i) => {
    const value = (point: HistoryPoint): number | null => point.taskLosses[name] ?? null;
    traces.push(lossLine(points, name, value, colour(i, names.length), 1.5));
  });
  if (history.bestStep !== null) traces.push(bestStepLine(history.bestStep, points));
  return {
    title: "Loss",
    traces,
    xaxis: { title: { text: "step", standoff: 6 }, rangemode: "tozero" },
    yaxis: { title: { text: "loss (nats per row)" }, tickformat: ".3~g" },
  };
}

/** Names of task losses in order of appearance (`binary_cross_entropy_ctr`). */
export function taskLossNames(points: readonly HistoryPoint[]): string[] {
  return [...new Set(points.flatMap((point) => Object.keys(point.taskLosses)))];
}

/** `ctr` of `binary_cross_entropy_ctr`. */
export function towerOfLoss(lossName: string, towers: readonly string[]): string | null {
  return towers.find((tower) => lossName.endsWith(`_${tower}`)) ?? null;
}

function lossLine(
  points: readonly HistoryPoint[],
  name: string,
  value: (point: HistoryPoint) => number | null,
  lineColour: string,
  width: number,
): PlotlyTrace {
  return {
    type: "scatter",
    mode: points.length < 3 ? "lines+markers" : "lines",
    name: label(name, 24),
    legendgroup: plotText(name),
    showlegend: true,
    x: points.map((point) => point.step),
    y: points.map((point) => finite(value(point))),
    line: { color: lineColour, width },
    hovertemplate: `${label(name, 60)}<br>step %{x:,}: %{y:.5f}<extra></extra>`,
  };
}

function bestStepLine(step: number, points: readonly HistoryPoint[]): PlotlyTrace {
  const losses = points.map((point) => point.loss).filter(Number.isFinite);
  return {
    type: "scatter",
    mode: "lines",
    name: "best step",
    showlegend: true,
    x: [step, step],
    y: [losses.length === 0 ? 0 : Math.min(...losses), losses.length === 0 ? 1 : Math.max(...losses)],
    line: { color: INK, width: 1, dash: "dot" },
    hovertemplate: "best step: %{x:,}<extra></extra>",
  };
}

/** What the losses did. */
export function lossTitle({ points }: History): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "Loss: no steps logged yet";
  if (first === last) return `Loss ${fixed(last.loss)} after ${count(last.step, "step")}`;
  return `Loss ${fixed(first.loss)} → ${fixed(last.loss)} over ${count(last.step, "step")}`;
}

function lossTable({ points }: History): Table {
  const names = taskLossNames(points);
  return {
    caption: "Losses by step (means over the steps since the row before)",
    columns: [
      { name: "step" },
      { name: "epoch", digits: 3 },
      { name: "rows/s", digits: 0 },
      { name: "loss", digits: 5 },
      ...names.map((name) => ({ name, digits: 5 })),
    ],
    rows: points.map((point): Cell[] => [
      point.step,
      point.epoch,
      point.rowsPerSecond,
      point.loss,
      ...names.map((name) => point.taskLosses[name] ?? null),
    ]),
  };
}
