/** A learning-rate sweep: the loss of each step. */

import type { LearningRateSweep } from "../../train/index.js";
import { count } from "../../util/text/format.js";
import { line, rule } from "../marks/lines.js";
import { dots } from "../marks/points.js";
import { capital } from "../names.js";
import { xAxis, yAxis } from "../panels/axes.js";
import { emptyPanel, panelChart } from "../panels/compose.js";
import { INK, markup, ONE_OF_MANY, sentence } from "../theme.js";
import { type Chart, col, makeSheet, type PlotlyTrace, type Sheet } from "../view.js";

/** One row per step of the sweep. */
export function learningRateSheet({ rates, points }: LearningRateSweep): Sheet {
  return makeSheet<LearningRateSweep["points"][number]>(
    `Loss by learning rate (${rates === "both" ? "dense and sparse in proportion" : rates})`,
    [
      col.number(["learning_rate", "learning rate"], (point) => point.learningRate),
      col.number("loss", (point) => point.loss, 5),
      col.number(["smoothed_loss", "smoothed loss"], (point) => point.smoothedLoss, 5),
    ],
    points,
  );
}

/** Losses of a sweep, raw and smoothed. A sweep that was interrupted before its first step has none. */
export function learningRateChart(sweep: LearningRateSweep): Chart {
  const { points, rates, suggestion } = sweep;
  if (points.length === 0) {
    return panelChart(sweepTitle(sweep), emptyPanel("no step was taken"), 60, learningRateSheet(sweep));
  }
  const { low, high } = lossRange(sweep);
  const x = points.map((point) => point.learningRate);
  const marks: PlotlyTrace[] = [
    dots({
      x,
      y: points.map((point) => point.loss),
      color: ONE_OF_MANY,
      size: 5,
      legend: { name: "each step" },
      hover: markup`rate %{x:.3~g}: loss %{y:.5f}`,
    }),
    line({
      x,
      y: points.map((point) => point.smoothedLoss),
      color: INK,
      width: 2.5,
      legend: { name: "smoothed" },
      hover: markup`rate %{x:.3~g}: smoothed loss %{y:.5f}`,
    }),
  ];
  if (suggestion !== null) marks.push(suggestionLine(suggestion, low, high));
  const axis = rates === "both" ? "dense learning rate (the sparse one in proportion)" : `${rates} learning rate`;
  const panel = {
    marks,
    xaxis: xAxis(axis, { type: "log", exponentformat: "power", dtick: 1 }),
    yaxis: yAxis("loss", { tickformat: ".3~g", range: [low, high] }),
  };
  return panelChart(sweepTitle(sweep), panel, 300, learningRateSheet(sweep));
}

function suggestionLine(rate: number, low: number, high: number): PlotlyTrace {
  return rule({
    from: [rate, low],
    to: [rate, high],
    width: 1.5,
    dash: "dash",
    legend: { name: "suggestion" },
    hover: markup`suggestion: %{x:.3~g}`,
  });
}

/** An exploding loss is cut off at the top, so that the decrease before it stays visible. */
function lossRange({ points }: LearningRateSweep): { low: number; high: number } {
  const [first] = points;
  if (first === undefined) return { low: 0, high: 1 };
  const smoothed = points.map((point) => point.smoothedLoss);
  const lowest = Math.min(...smoothed);
  const fall = Math.max(first.smoothedLoss - lowest, 0.05 * Math.abs(first.smoothedLoss), 1e-6);
  const highest = Math.min(Math.max(...smoothed), first.smoothedLoss + fall);
  return { low: lowest - 0.25 * fall, high: highest + 0.25 * fall };
}

function sweepTitle({ points, suggestion, rule: reason, note, ended }: LearningRateSweep): string {
  const summary =
    suggestion === null
      ? "no learning rate suggested"
      : `Learning rate ${Number(suggestion.toPrecision(2))}: ${reason}`;
  const steps = count(points.length, "step");
  const end = {
    complete: null,
    diverged: `the loss diverged after ${steps}`,
    interrupted: `interrupted after ${steps}`,
  };
  return capital(sentence([summary, note, end[ended]]));
}
