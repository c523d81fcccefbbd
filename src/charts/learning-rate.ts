/** A learning-rate sweep: loss against the rate on a log axis, with the rate that the rule suggests. */
import type { LearningRateSweep } from "../train/learning-rate/learning-rate-sweep.js";
import { compose } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { count, sentence } from "./text.js";
import { colour, faded, INK } from "./theme.js";

/** Losses of a sweep, each step's and smoothed. Works where the sweep was interrupted before its first step, too. */
export function learningRateChart(sweep: LearningRateSweep): Chart {
  const title = sweepTitle(sweep);
  const { low, high } = lossRange(sweep);
  const traces = [stepLosses(sweep), smoothedLosses(sweep)];
  if (sweep.suggestion !== null) traces.push(suggestionLine(sweep.suggestion, low, high));
  const axis =
    sweep.rates === "both" ? "dense learning rate (the sparse one in proportion)" : `${sweep.rates} learning rate`;
  const panel = {
    traces,
    xaxis: { type: "log", title: { text: axis, standoff: 6 }, exponentformat: "power", dtick: 1 },
    yaxis: { title: { text: "loss" }, tickformat: ".3~g", range: [low, high] },
  };
  return {
    title,
    figure: compose({ title, rows: [{ height: 300, panels: [panel] }] }),
    table: {
      caption: `Loss by learning rate (${sweep.rates === "both" ? "dense and sparse in proportion" : sweep.rates})`,
      columns: [{ name: "learning rate" }, { name: "loss", digits: 5 }, { name: "smoothed loss", digits: 5 }],
      rows: sweep.points.map(({ learningRate, loss, smoothedLoss }) => [learningRate, loss, smoothedLoss]),
    },
  };
}

function stepLosses({ points }: LearningRateSweep): PlotlyTrace {
  return {
    type: "scatter",
    mode: "markers",
    name: "each step",
    showlegend: true,
    x: points.map((point) => point.learningRate),
    y: points.map((point) => point.loss),
    marker: { color: faded(colour(0, 2), 0.45), size: 5 },
    hovertemplate: "rate %{x:.3~g}: loss %{y:.5f}<extra></extra>",
  };
}

function smoothedLosses({ points }: LearningRateSweep): PlotlyTrace {
  return {
    type: "scatter",
    mode: "lines",
    name: "smoothed",
    showlegend: true,
    x: points.map((point) => point.learningRate),
    y: points.map((point) => point.smoothedLoss),
    line: { color: colour(0, 2), width: 2.5 },
    hovertemplate: "rate %{x:.3~g}: smoothed loss %{y:.5f}<extra></extra>",
  };
}

function suggestionLine(rate: number, low: number, high: number): PlotlyTrace {
  return {
    type: "scatter",
    mode: "lines",
    name: "suggestion",
    showlegend: true,
    x: [rate, rate],
    y: [low, high],
    line: { color: INK, width: 1.5, dash: "dash" },
    hovertemplate: "suggestion: %{x:.3~g}<extra></extra>",
  };
}

/** Where the loss explodes it leaves the figure at the top, so that the fall before it keeps its shape. */
function lossRange({ points }: LearningRateSweep): { low: number; high: number } {
  const [first] = points;
  if (first === undefined) return { low: 0, high: 1 };
  const smoothed = points.map((point) => point.smoothedLoss);
  const lowest = Math.min(...smoothed);
  const fall = Math.max(first.smoothedLoss - lowest, 0.05 * Math.abs(first.smoothedLoss), 1e-6);
  const highest = Math.min(Math.max(...smoothed), first.smoothedLoss + fall);
  return { low: lowest - 0.25 * fall, high: highest + 0.25 * fall };
}

function sweepTitle({ points, suggestion, rule, note, ended }: LearningRateSweep): string {
  const found = suggestion === null ? "no learning rate suggested" : `Learning rate ${short(suggestion)}: ${rule}`;
  const steps = count(points.length, "step");
  const end = {
    complete: null,
    diverged: `the loss diverged after ${steps}`,
    interrupted: `interrupted after ${steps}`,
  };
  const text = sentence([found, note, end[ended]]);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function short(rate: number): string {
  return String(Number(rate.toPrecision(2)));
}
