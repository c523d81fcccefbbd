/** Losses over training steps: the total loss, and each task's. */
import { lossEnds, lossSheet, taskLossNames } from "../../tables/index.js";
import type { History, HistoryPoint } from "../../train/index.js";
import { count, fixed } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { type EndLabel, endLabels, type LineLook, labelledEnd, line, rule, words } from "../marks/index.js";
import { type Panel, panelChart, stepAxis, yAxis } from "../panels/index.js";
import { DASHES, finite, INK, type LegendEntry, markup, PLAIN, shorten, shortenAll } from "../theme/index.js";

const HEIGHT = 300;
/** Pixels of the axes. */
const AXES_WIDTH = 560;
const TOTAL = "total loss";

/** Losses over steps; also works for a history with one point or none (a dry run). */
export function lossChart(history: History): Chart {
  const { title: _, ...panel } = lossPanel(history, false);
  const lines = lossNames(history);
  const last = history.points.at(-1);
  const short = shortenAll(lines.map(({ name }) => name));
  const labels = lines.flatMap(({ value }, index): EndLabel[] => {
    const y = last === undefined ? null : finite(value(last));
    return y === null ? [] : [{ text: short[index]!, x: last!.step, y }];
  });
  const [low, high] = lossRange(history.points);
  const axes = { width: AXES_WIDTH, height: HEIGHT, low, high };
  const xaxis = last === undefined ? panel.xaxis : { ...stepAxis(), range: [0, labelledEnd(labels, last.step, axes)] };
  const best = history.bestStep === null ? [] : [bestStepWords(history.bestStep, high)];
  const labelled = { ...panel, marks: [...panel.marks, ...endLabels(labels, axes), ...best], xaxis };
  return panelChart(lossTitle(history), labelled, HEIGHT, lossSheet(history));
}

/** The loss axes, for figures of several panels; `inLegend`: whether the legend names the lines. */
export function lossPanel(history: History, inLegend = true): Panel {
  const { points, bestStep } = history;
  const marks = lossNames(history).map(({ name, value }, index) => {
    const look = { color: index === 0 ? INK : PLAIN, width: index === 0 ? 2.5 : 1.75, dash: lossDash(index) };
    return lossLine(points, name, value, look, { name, letters: 24, group: name, inLegend });
  });
  if (bestStep !== null) marks.push(bestStepLine(bestStep, points, inLegend));
  return {
    title: "Loss",
    marks,
    xaxis: stepAxis(inLegend ? 3 : undefined),
    yaxis: yAxis("loss (nats per row)", { tickformat: ".3~g" }),
  };
}

interface LossName {
  readonly name: string;
  readonly value: (point: HistoryPoint) => number | undefined;
}

/** The total first. A single task's loss is the total, and not drawn twice. */
function lossNames(history: History): LossName[] {
  const { points } = history;
  const names = taskLossNames(points);
  const tasks = names.length === 1 && points.every((point) => point.taskLosses[names[0]!] === point.loss) ? [] : names;
  return [
    { name: TOTAL, value: (point) => point.loss },
    ...tasks.map(
      (name): LossName => ({ name: shortLossName(history, name), value: (point) => point.taskLosses[name] }),
    ),
  ];
}

/** `ctr loss` for `binary_cross_entropy_ctr`, if the task has one loss. */
function shortLossName({ points, evaluations }: History, name: string): string {
  const towers = evaluations.at(-1)?.evaluation.tasks.map(({ tower }) => tower) ?? [];
  const tower = towers.find((each) => name.endsWith(`_${each}`));
  const isOnly = taskLossNames(points).filter((each) => each.endsWith(`_${tower}`)).length === 1;
  return tower === undefined || !isOnly ? name : `${tower} loss`;
}

function lossDash(index: number): string | undefined {
  return index < 2 ? undefined : DASHES[(index - 2) % DASHES.length];
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

function bestStepLine(step: number, points: readonly HistoryPoint[], inLegend: boolean): PlotlyTrace {
  const [low, high] = lossRange(points);
  return rule({
    from: [step, low],
    to: [step, high],
    legend: inLegend ? { name: "best step" } : undefined,
    hover: markup`best step: %{x:,}`,
  });
}

function bestStepWords(step: number, high: number): PlotlyTrace {
  return words({ x: [step], y: [high], texts: [" best step"], place: "middle right", size: 11 });
}

function lossRange(points: readonly HistoryPoint[]): readonly [number, number] {
  const losses = points.map((point) => point.loss).filter(Number.isFinite);
  return losses.length === 0 ? [0, 1] : [Math.min(...losses), Math.max(...losses)];
}

/** The mean losses at the beginning and at the end. */
export function lossTitle({ points }: History): string {
  const [ends, steps] = [lossEnds(points), points.at(-1)?.step ?? 0];
  if (ends === null) return "Loss: no steps logged yet";
  if (points.length === 1) return `Loss ${fixed(ends.last.loss)} after ${count(steps, "step")}`;
  const means = ends.last.steps === 1 ? "" : ` (means of ${count(ends.last.steps, "step")})`;
  return `Loss ${fixed(ends.first.loss)} → ${fixed(ends.last.loss)}${means} over ${count(steps, "step")}`;
}
