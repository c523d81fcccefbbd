/** Losses over training steps: the total loss, and each task's. */
import { lossEnds, lossSheet, taskLossNames } from "../../tables/index.js";
import type { History, HistoryPoint } from "../../train/index.js";
import { count, fixed } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { type LineLook, line, rule } from "../marks/index.js";
import { type Panel, panelChart, stepAxis, yAxis } from "../panels/index.js";
import { colour, finite, INK, type LegendEntry, markup, shorten } from "../theme/index.js";

/** Losses over steps; also works for a history with one point or none (a dry run). */
export function lossChart(history: History): Chart {
  const { title: _, ...panel } = lossPanel(history);
  return panelChart(lossTitle(history), panel, 300, lossSheet(history));
}

/**
 * The loss axes, for figures of several panels.
 *
 * @param towers tasks of another panel: their losses use its colours, without a legend entry here
 */
export function lossPanel(history: History, towers: readonly string[] = []): Panel {
  const { points, bestStep } = history;
  const names = taskLossNames(points);
  const marks = [
    lossLine(points, "total loss", (point) => point.loss, { color: INK, width: 2.5 }, { name: "total loss" }),
    ...names.map((name, i) => {
      const tower = towers.find((each) => name.endsWith(`_${each}`));
      const color = tower === undefined ? colour(i, names.length) : colour(towers.indexOf(tower), towers.length);
      const legend = { name, letters: 24, group: tower ?? name, inLegend: tower === undefined };
      return lossLine(points, name, (point) => point.taskLosses[name], { color, width: 1.5 }, legend);
    }),
  ];
  if (bestStep !== null) marks.push(bestStepLine(bestStep, points));
  return { title: "Loss", marks, xaxis: stepAxis(), yaxis: yAxis("loss (nats per row)", { tickformat: ".3~g" }) };
}

function lossLine(
  points: readonly HistoryPoint[],
  name: string,
  value: (point: HistoryPoint) => number | undefined,
  look: LineLook,
  legend: LegendEntry,
): PlotlyTrace {
  return line({
    x: points.map((point) => point.step),
    y: points.map((point) => finite(value(point))),
    dots: points.length < 3 ? 6 : undefined,
    ...look,
    legend,
    hover: markup`${shorten(name, 60)}<br>step %{x:,}: %{y:.5f}`,
  });
}

function bestStepLine(step: number, points: readonly HistoryPoint[]): PlotlyTrace {
  const losses = points.map((point) => point.loss).filter(Number.isFinite);
  const [low, high] = losses.length === 0 ? [0, 1] : [Math.min(...losses), Math.max(...losses)];
  return rule({
    from: [step, low],
    to: [step, high],
    legend: { name: "best step" },
    hover: markup`best step: %{x:,}`,
  });
}

/** The mean losses at the beginning and at the end. */
export function lossTitle({ points }: History): string {
  const [ends, steps] = [lossEnds(points), points.at(-1)?.step ?? 0];
  if (ends === null) return "Loss: no steps logged yet";
  if (points.length === 1) return `Loss ${fixed(ends.last.loss)} after ${count(steps, "step")}`;
  const means = ends.last.steps === 1 ? "" : ` (means of ${count(ends.last.steps, "step")})`;
  return `Loss ${fixed(ends.first.loss)} → ${fixed(ends.last.loss)}${means} over ${count(steps, "step")}`;
}
