/**
 * Training while it runs, and a run when it is done, as one figure: losses at the left, AUC at the right, and
 * (when done) AUC by domain below. One colour a task throughout, so that one legend serves all panels.
 */
import type { TaskEvaluation } from "../metrics/types.js";
import type { Table } from "../tables/index.js";
import type { EvaluationPoint, History, Progress } from "../train/loop/history.js";
import type { JsonObject } from "../util/json.js";
import { aucBarsPanel } from "./auc-bars.js";
import { aucSeries, aucTitle, line } from "./auc-curves.js";
import { aucTable } from "./auc-table.js";
import { compose, type Panel, type PanelRow } from "./compose.js";
import { nothingPanel } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { lossPanel, lossTitle, taskLossNames, towerOfLoss } from "./losses.js";
import { type AucReference, domainNames, hoverName, taskName } from "./tasks.js";
import { count, label, plotText, sentence, shorten } from "./text.js";
import { colour, DASHES, FAILED, faded, GRID, INK } from "./theme.js";

/**
 * Losses and AUC while `fit` runs, with a bar of how far it is; shown again under the same display id at every update.
 * What the reader zoomed or hid stays so. `failure` says why training ended before it was done.
 */
export function trainingChart(progress: Progress, failure?: string): Chart {
  const now = failure === undefined ? state(progress) : failedState(progress, failure);
  const title = sentence([now, lossTitle(progress.history).replace(/^L/, "l"), lastAuc(progress.history)]);
  const done = failure === undefined ? colour(0, 1) : FAILED;
  const shapes: JsonObject = progress.done ? {} : { shapes: progressBar(progress, done) };
  const figure = compose({ title, rows: [curves(progress.history)], layout: { uirevision: "training", ...shapes } });
  return { title, figure, table: latestTable(progress.history) };
}

/** Between title and panels, as wide as these: a track and the part that is done. */
function progressBar({ step, totalSteps }: Progress, shade: string): JsonObject[] {
  const place = { type: "rect", xref: "paper", yref: "paper", ysizemode: "pixel", yanchor: 1, y0: -3, y1: 2 };
  const part = (share: number, fillcolor: string): JsonObject => {
    return { ...place, x0: 0, x1: share, fillcolor, line: { width: 0 } };
  };
  const done = Math.round((1000 * step) / Math.max(1, totalSteps)) / 1000;
  return [part(1, GRID), part(Math.min(1, done), shade)];
}

/** What a finished run shows: the curves, and the kept weights' AUC by task and domain beside `references`. */
export function runChart(history: History, references?: readonly AucReference[]): Chart {
  const kept = keptEvaluation(history);
  const title = sentence([lossTitle(history), kept === undefined ? null : aucTitle(kept, keptNote(history))]);
  const bars: PanelRow[] = kept === undefined ? [] : [{ height: 220, panels: [barsPanel(kept, references)] }];
  return {
    title,
    figure: compose({ title, rows: [curves(history), ...bars] }),
    table: latestTable(history, references),
  };
}

/** The evaluation of the weights that were kept: at the best step, else the last. */
export function keptEvaluation(history: History): EvaluationPoint | undefined {
  return history.evaluations.find((point) => point.step === history.bestStep) ?? history.evaluations.at(-1);
}

function curves(history: History): PanelRow {
  return { height: 250, panels: [coloured(lossPanel(history), history), aucPanel(history)] };
}

/** The loss panel in the colours of the tasks, its legend left to the AUC panel where that has one. */
function coloured(panel: Panel, history: History): Panel {
  const tasks = history.evaluations.at(-1)?.evaluation.tasks ?? [];
  const towers = tasks.map((task) => task.tower);
  const names = taskLossNames(history.points);
  return {
    ...panel,
    traces: panel.traces.map((trace) => {
      const lossName = names.find((name) => plotText(name) === trace["legendgroup"]);
      const tower = lossName === undefined ? null : towerOfLoss(lossName, towers);
      if (lossName === undefined)
        return { ...trace, name: trace["name"] === "total" ? "total loss" : (trace["name"] ?? null) };
      if (tower === null) return trace;
      const shade = colour(towers.indexOf(tower), towers.length);
      return { ...trace, legendgroup: plotText(tower), showlegend: false, line: { color: shade, width: 1.5 } };
    }),
  };
}

function aucPanel(history: History): Panel {
  const last = history.evaluations.at(-1)?.evaluation;
  if (last === undefined) return { ...nothingPanel("not evaluated yet"), title: "AUC" };
  const names = domainNames(last);
  const few = names.length <= DASHES.length;
  const lines = last.tasks.flatMap((task, t) => {
    const shade = colour(t, last.tasks.length);
    return [
      ...names.map((name, domain) => domainLine(history.evaluations, task, domain, name, shade, few)),
      overallLine(history.evaluations, task, shade),
    ];
  });
  const key = few ? names.map(dashKey) : names.length === 0 ? [] : [thinKey(names.length)];
  return {
    title: "AUC on the hold-out",
    traces: [...lines, ...key],
    xaxis: { title: { text: "step", standoff: 6 }, rangemode: "tozero" },
    yaxis: { tickformat: ".3~f" },
    left: 48,
  };
}

function overallLine(evaluations: readonly EvaluationPoint[], task: TaskEvaluation, shade: string): PlotlyTrace {
  const values = aucSeries(evaluations, task.tower, (at) => at.overall);
  const look = {
    name: label(taskName(task)),
    legendgroup: plotText(task.tower),
    showlegend: true,
    line: { color: shade, width: 3 },
  };
  return { ...line(evaluations, values, hoverName(taskName(task), "all rows")), ...look };
}

function domainLine(
  evaluations: readonly EvaluationPoint[],
  task: TaskEvaluation,
  domain: number,
  name: string,
  shade: string,
  few: boolean,
): PlotlyTrace {
  const values = aucSeries(evaluations, task.tower, (at) => at.domains[domain]);
  return {
    ...line(evaluations, values, hoverName(taskName(task), name)),
    mode: "lines",
    name: label(`${taskName(task)}, ${name}`),
    legendgroup: plotText(task.tower),
    showlegend: false,
    line: few
      ? { color: faded(shade, 0.85), width: 1.5, dash: DASHES[domain] as string }
      : { color: faded(shade, 0.4), width: 0.75 },
  };
}

/** A legend entry of its own: what a dash means, whatever the colour. */
function dashKey(name: string, domain: number): PlotlyTrace {
  return keyEntry(label(name), { color: INK, width: 1.5, dash: DASHES[domain] as string });
}

function thinKey(domains: number): PlotlyTrace {
  return keyEntry(`each of ${count(domains, "domain")}`, { color: INK, width: 0.75 });
}

function keyEntry(name: string, look: PlotlyTrace): PlotlyTrace {
  return {
    type: "scatter",
    mode: "lines",
    name,
    showlegend: true,
    x: [null],
    y: [null],
    line: look,
    hoverinfo: "skip",
  };
}

function barsPanel(kept: EvaluationPoint, references: readonly AucReference[] | undefined): Panel {
  const panel = aucBarsPanel(kept.evaluation, references, false);
  const marked = panel.traces.find((trace) => trace["legendgroup"] === "reference");
  return {
    ...panel,
    title: `AUC by task and domain at step ${kept.step.toLocaleString("en-US")} (${count(kept.evaluation.rows, "row")})`,
    traces: panel.traces.map((trace) => (trace === marked ? { ...trace, showlegend: true } : trace)),
  };
}

function state({ step, totalSteps, rowsPerSecond, secondsLeft, history, done }: Progress): string {
  const speed = `${Math.round(rowsPerSecond).toLocaleString("en-US")} rows/s`;
  if (done) {
    const steps =
      step < totalSteps ? `${step.toLocaleString("en-US")} of ${count(totalSteps, "step")}` : count(step, "step");
    const seconds = history.points.at(-1)?.seconds;
    return `Trained ${steps}${seconds === undefined ? "" : ` in ${duration(seconds)}, ${speed}`}`;
  }
  return `Step ${step.toLocaleString("en-US")} of ${totalSteps.toLocaleString("en-US")}, ${speed}, ${duration(secondsLeft)} left`;
}

function failedState({ step, totalSteps }: Progress, failure: string): string {
  const told = shorten(failure.split("\n", 1)[0] ?? "", 160);
  return `Failed after ${step.toLocaleString("en-US")} of ${count(totalSteps, "step")}: ${told}`;
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "unknown time";
  if (seconds < 9.5) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function lastAuc({ evaluations }: History): string | null {
  const last = evaluations.at(-1);
  return last === undefined ? null : aucTitle(last);
}

/** Said where the kept weights are not the last ones. */
function keptNote({ bestStep, evaluations }: History): string {
  return bestStep === null || bestStep === evaluations.at(-1)?.step ? "" : " (weights kept)";
}

function latestTable(history: History, references?: readonly AucReference[]): Table {
  const kept = keptEvaluation(history);
  if (kept === undefined)
    return { caption: "Not evaluated yet", columns: [{ name: "task" }, { name: "AUC" }], rows: [] };
  const table = aucTable(kept.evaluation, references);
  return { ...table, caption: `Evaluation at step ${kept.step.toLocaleString("en-US")} by task and domain` };
}
