/** The views of a training: losses, rates, AUCs and progress. */

import {
  type EvaluationPoint,
  type LearningCurves,
  learningCurves,
  type TaskLearningCurves,
} from "../../core/metrics/learning-curves.js";
import type { History, HistoryPoint, Progress } from "../../core/train/loop/recorder.js";
import type { JsonObject } from "../../core/util/json.js";
import { duration, type MarkedText, marked, rowRate } from "../../core/util/measured.js";
import { mean, weightedMean } from "../../core/util/numbers.js";
import { count, fixed, grouped, snakeCase } from "../../core/util/text.js";
import { chart, emptyPanel, type Panel, type PanelRow, panelChart, panelRows, yAxis } from "./compose.js";
import { aucRows, evaluationSheet } from "./evaluation/evaluation.js";
import { line, rule } from "./lines.js";
import { words } from "./mark.js";
import { type OverlaidCurve, overlayPanel } from "./overlay.js";
import {
  finite,
  firstTasks,
  GRID,
  INK,
  MAX_COLOURS,
  markup,
  ONE_OF_MANY,
  PLAIN,
  rounded,
  sentence,
  shorten,
  TASKS,
  tidy,
  WORSE,
} from "./theme.js";
import {
  ALL_ROWS,
  type AucReference,
  byTaskAndDomain,
  type Chart,
  type Column,
  capital,
  col,
  drawnDomains,
  findReference,
  metricText,
  namesByDomain,
  type PlotlyTrace,
  placeColumns,
  type Sheet,
  sheetFrom,
  tableSheet,
  taskName,
} from "./view.js";

/** @param isWhole with AUCs of evaluations; default: true */
export function historySheet(history: History, isWhole = true): Sheet {
  const caption = isWhole ? "Training by step" : "Losses by step (means over the steps since the row before)";
  const evaluated = isWhole ? history.evaluations : [];
  const points = new Map(history.points.map((point) => [point.step, point]));
  const evaluations = new Map(evaluated.map((point) => [point.step, point]));
  const steps = [...new Set([...points.keys(), ...evaluations.keys()])].sort((a, b) => a - b);
  const rows = steps.map((step) => ({ step, point: points.get(step), evaluated: evaluations.get(step) }));
  const tasks = history.evaluations.at(-1)?.evaluation.tasks ?? [];
  return sheetFrom(caption, rows, [
    col.count("step", ({ step }) => step),
    col.number("epoch", ({ point, evaluated }) => point?.epoch ?? evaluated?.epoch ?? 0, 3),
    col.count(["rows", null], ({ point }) => point?.rows),
    col.number(["seconds", null], ({ point }) => point?.seconds),
    col.measured(col.number(["rows_per_second", "rows/s"], ({ point }) => point?.rowsPerSecond, 0)),
    col.number("loss", ({ point }) => point?.loss, 5),
    history.points.some(({ gradientNorm }) => gradientNorm !== undefined) &&
      col.number(["gradient_norm", null], ({ point }) => point?.gradientNorm),
    taskLossNames(history.points).map((name) => col.number(name, ({ point }) => point?.taskLosses[name], 5)),
    Object.keys(history.points.at(-1)?.lossWeights ?? {}).map((name) =>
      col.number(`weight_${name}`, ({ point }) => point?.lossWeights?.[name]),
    ),
    Object.keys(history.points.at(-1)?.trainMetrics ?? {}).map((name) =>
      col.number(`train_${name}`, ({ point }) => point?.trainMetrics?.[name]),
    ),
    learningRateColumns(history),
    tasks.map(({ tower }, index) =>
      col.number([`auc_${tower}`, null], ({ evaluated }) => evaluated?.evaluation.tasks[index]?.overall.auc),
    ),
    tasks.flatMap(({ tower, overall }, index) =>
      Object.keys(overall.configured ?? {}).flatMap((name) => {
        if (name === "auc") return [];
        const value = (point: EvaluationPoint) => point.evaluation.tasks[index]?.overall.configured?.[name];
        return [col.number([`${name}_${tower}`, null], ({ evaluated }) => evaluated && value(evaluated))];
      }),
    ),
  ]);
}

/** Constant rates are only in records. */
function learningRateColumns({ points }: History): Column<{ readonly point: HistoryPoint | undefined }>[] {
  return Object.keys(points.at(-1)?.learningRates ?? {}).map((name) => {
    const rates = new Set(points.flatMap(({ learningRates }) => learningRates?.[name] ?? []));
    const heading = rates.size > 1 ? `lr ${name}` : null;
    return col.number([`lr_${name}`, heading], ({ point }) => point?.learningRates?.[name]);
  });
}

function taskLossNames(points: readonly HistoryPoint[]): string[] {
  return [...new Set(points.flatMap((point) => Object.keys(point.taskLosses)))];
}

/** An end covers a twentieth of the steps, or ten steps if that is more, but at most a quarter. */
const END = { share: 0.05, steps: 10, most: 0.25 } as const;

interface MeanLoss {
  readonly loss: number;
  readonly steps: number;
  readonly points: number;
}

/** Mean losses of the first and last steps; `noise`: the standard error of their difference, by neighbours. */
export function lossEnds(
  points: readonly HistoryPoint[],
): { readonly first: MeanLoss; readonly last: MeanLoss; readonly noise: number } | null {
  const total = points.at(-1)?.step;
  if (total === undefined) return null;
  const steps = Math.max(total * END.share, Math.min(END.steps, total * END.most));
  const parts = points.map((point, at): Part => {
    const { step, rows } = points[at - 1] ?? { step: 0, rows: 0 };
    return { loss: point.loss, steps: point.step - step, rows: point.rows - rows };
  });
  const [first, last] = [meanLoss(parts, steps), meanLoss([...parts].reverse(), steps)];
  const squares = parts.slice(1).map(({ loss }, at) => (loss - parts[at]!.loss) ** 2 / 2);
  const noise = points.length < 3 ? 0 : Math.sqrt(mean(squares) * (1 / first.points + 1 / last.points));
  return { first, last, noise };
}

type Part = Omit<MeanLoss, "points"> & { readonly rows: number };

function meanLoss(parts: readonly Part[], fewest: number): MeanLoss {
  let steps = 0;
  const chosen = parts.filter((part) => {
    const isShort = steps < fewest;
    if (isShort) steps += part.steps;
    return isShort;
  });
  const weight = ({ rows }: Part): number => rows;
  return { loss: weightedMean(chosen, weight, ({ loss }) => loss), steps, points: chosen.length };
}

function curvesRows(history: History): PanelRow[] {
  const { height } = CURVES;
  const auc = aucPanels(history);
  const rates = ratePanels(history);
  const options = { across: 2, height, empty: "no tasks" };
  if (auc.length > 1) {
    const loss = lossPanel(history, { ...AXES, height }, "Loss");
    return [{ height, panels: [loss] }, ...panelRows([...auc, ...rates], options)];
  }
  const first = auc[0] ?? emptyPanel("not evaluated yet", "AUC");
  return panelRows([lossPanel(history, CURVES, "Loss"), first, ...rates], options);
}

/** Larger spans of rates are drawn on a logarithmic axis. */
const DECADE = 10;

/** A line for the rate of each part, if any of them changes. */
function ratePanels({ points }: History): Panel[] {
  const names = Object.keys(points.at(-1)?.learningRates ?? {});
  const rates = names.map((name) => points.map(({ learningRates }) => finite(learningRates?.[name])));
  if (rates.every((values) => new Set(values.flatMap((rate) => rate ?? [])).size < 2)) return [];
  const x = points.map(({ step }) => step);
  const positive = rates.flat().flatMap((rate) => (rate === null || rate <= 0 ? [] : rate));
  const isLog = Math.max(...positive) >= DECADE * Math.min(...positive);
  const placed = (rate: number | null) => (!isLog || rate === null ? rate : rate > 0 ? Math.log10(rate) : null);
  const curves = names.map((name, at): OverlaidCurve => {
    const hover = markup`${shorten(name, 60)}<br>step %{x:,}: %{y:.3~g}`;
    return { name, x, y: rates[at]!.map(placed), hover, color: TASKS[at % TASKS.length]! };
  });
  // Plotly's default for 0.0001 is 100µ.
  const format: JsonObject = isLog ? { type: "log", dtick: 1, exponentformat: "power" } : { exponentformat: "none" };
  const panel = { ...overlayPanel("Learning rate", "", curves, CURVES), yaxis: yAxis("rate", format), left: 76 };
  if (!isLog) return [panel];
  // Names at the ends are laid out on a linear axis: all is drawn there, and then moved to the rates.
  const rateOf = (value: number | null) => (value === null ? null : Number((DECADE ** value).toPrecision(6)));
  const marks = panel.marks.map((mark) => ({ ...mark, y: (mark["y"] as readonly (number | null)[]).map(rateOf) }));
  return [{ ...panel, marks }];
}

/** The evaluation of the kept weights: at the best step, else the last. */
export function keptEvaluation({ evaluations, bestStep }: History): EvaluationPoint | undefined {
  return evaluations.find((point) => point.step === bestStep) ?? evaluations.at(-1);
}

function keptSheet(history: History, references?: readonly AucReference[]): Sheet {
  const keptPoint = keptEvaluation(history);
  if (keptPoint === undefined) {
    return tableSheet({ columns: [{ name: "task" }, { name: "AUC" }], rows: [] }, "Not evaluated yet");
  }
  const caption = `Evaluation at step ${grouped(keptPoint.step)} by task and domain`;
  return { ...evaluationSheet(keptPoint.evaluation, references), caption };
}

/** `AUC at step 480: ctr 0.712, cvr 0.655`. */
function aucTitle({ step, evaluation }: EvaluationPoint, note = ""): string {
  const tasks = evaluation.tasks.map((task) => `${taskName(task)} ${fixed(task.overall.auc)}`);
  return `AUC at step ${grouped(step)}${note}: ${firstTasks(tasks).join(", ")}`;
}

const AXES = { width: 560, height: 300 } as const;

/** Losses over steps; also works for a history with one point or none (a dry run). */
export function lossChart(history: History): Chart {
  return panelChart(lossTitle(history), lossPanel(history, AXES), AXES.height, historySheet(history, false));
}

/** Fewer points are drawn unchanged. */
const FEW_POINTS = 20;

function lossPanel(history: History, axes: { readonly width: number; readonly height: number }, title?: string): Panel {
  const { points, bestStep } = history;
  const x = points.map(({ step }) => step);
  const isSmooth = points.length >= FEW_POINTS;
  const raw = lossNames(history).map(({ value }) => points.map((point) => finite(value(point))));
  const curves = lossNames(history).map(({ name }, index): OverlaidCurve => {
    const hover = markup`${shorten(name, 60)}<br>step %{x:,}: %{y:.5f}`;
    const color = TASKS[(index - 1) % TASKS.length] ?? INK;
    const y = isSmooth ? smoothed(raw[index]!) : raw[index]!;
    return { name, x, y, hover, color, isMain: index === 0 };
  });
  const options = { ...axes, coloured: curves.length, until: bestStep ?? undefined };
  const panel = overlayPanel(title, "loss (nats per row)", curves, options);
  const faint = isSmooth ? raw.map((y) => line({ x, y, color: ONE_OF_MANY, width: 1, hover: "none" })) : [];
  return { ...panel, marks: [...faint, ...panel.marks, ...keptMarks(bestStep, raw[0]!, " weights kept")] };
}

/** The step whose weights were kept, as a line through the values. */
function keptMarks(step: number | null, values: readonly (number | null)[], name?: string): PlotlyTrace[] {
  const numbers = values.flatMap((value) => finite(value) ?? []);
  if (step === null || numbers.length === 0) return [];
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const mark = rule({ from: [step, low], to: [step, high], hover: markup`weights kept: step %{x:,}` });
  if (name === undefined) return [mark];
  return [mark, words({ x: [step], y: [high], texts: [name], place: "middle right", size: 11 })];
}

/**
 * Means over equally many points before and after, so that a slope stays; at the end only over those before, so that noise is averaged there too.
 */
export function smoothed(y: readonly (number | null)[]): (number | null)[] {
  return y.map((middle, at) => {
    const reach = Math.min(at, Math.round(y.length / 16));
    const near = y.slice(at - reach, at + reach + 1).flatMap((value) => value ?? []);
    return middle === null ? null : rounded(mean(near));
  });
}

/** The total first. If there is only one task, its loss is the total and is not drawn twice. */
function lossNames(history: History) {
  const { points } = history;
  const names = taskLossNames(points);
  const tasks = names.length === 1 && points.every((point) => point.taskLosses[names[0]!] === point.loss) ? [] : names;
  return [
    { name: "total loss", value: (point: HistoryPoint) => point.loss },
    ...tasks.map((name) => ({
      name: shortLossName(history, name),
      value: (point: HistoryPoint) => point.taskLosses[name],
    })),
  ];
}

function shortLossName({ points, evaluations }: History, name: string): string {
  const towers = evaluations.at(-1)?.evaluation.tasks.map(({ tower }) => tower) ?? [];
  const tower = towers.find((each) => name.endsWith(`_${each}`));
  const isOnly = taskLossNames(points).filter((each) => each.endsWith(`_${tower}`)).length === 1;
  return tower === undefined || !isOnly ? name : `${tower} loss`;
}

/** The number of standard errors that noise exceeds in 1% of trainings: beyond it, a loss has grown or fallen. */
export const LOSS_ERRORS = 2.33;

/** `Loss fell from 0.693 to 0.512 in 480 steps`; the ends are means, whose noise it must exceed. */
function lossTitle({ points }: History): string {
  const [ends, steps] = [lossEnds(points), points.at(-1)?.step ?? 0];
  if (ends === null) return "Loss: no steps logged yet";
  const { first, last, noise } = ends;
  if (points.length === 1) return `Loss ${fixed(last.loss)} after ${count(steps, "step")}`;
  const rise = last.loss - first.loss;
  const verb = Math.abs(rise) <= LOSS_ERRORS * noise ? "went" : rise < 0 ? "fell" : "rose";
  const isNoise = verb === "went" ? ", within its noise" : "";
  const means = last.steps === 1 ? null : `means of ${count(last.steps, "step")}`;
  const change = `Loss ${verb} from ${fixed(first.loss)} to ${fixed(last.loss)} in ${count(steps, "step")}${isNoise}`;
  return sentence([change, means]);
}

const MOST_DOMAINS = 12;

export function runChart(history: History, references?: readonly AucReference[]): Chart {
  const { bestStep, evaluations } = history;
  const keptPoint = keptEvaluation(history);
  const note = bestStep === null || bestStep === evaluations.at(-1)?.step ? "" : " (weights kept)";
  return chart({
    title: sentence([lossTitle(history), keptPoint === undefined ? null : aucTitle(keptPoint, note)]),
    rows: [...curvesRows(history), ...(keptPoint === undefined ? [] : domainRows(keptPoint, references))],
    legendBelow: true,
    sheet: keptSheet(history, references),
  });
}

function domainRows({ evaluation }: EvaluationPoint, references: readonly AucReference[] | undefined): PanelRow[] {
  const hasDomains = drawnDomains(evaluation.domainNames, evaluation.tasks).length > 0;
  return hasDomains || references?.length ? aucRows(evaluation, references, { across: 1, most: MOST_DOMAINS }) : [];
}

export interface TrainingRemarks {
  /** Why training ended early. */
  readonly failure?: string | undefined;
  /** Shown while it runs. */
  readonly advice?: string | null;
}

/** Losses and AUC while `fit` runs, with a progress bar. */
export function trainingChart(progress: Progress, { failure, advice }: TrainingRemarks = {}): Chart {
  const { history, done } = progress;
  const now = failure === undefined ? progressText(progress) : failureText(progress, failure);
  const last = history.evaluations.at(-1);
  const isRunning = !done && failure === undefined;
  const results = [lossTitle(history).replace(/^L/, "l"), last ? aucTitle(last) : null];
  const bar: JsonObject = done ? {} : { shapes: progressBar(progress, failure === undefined ? PLAIN : WORSE) };
  return chart({
    title: marked`${now}; ${sentence([isRunning ? (advice ?? null) : null, ...results])}`,
    rows: curvesRows(history),
    sheet: keptSheet(history),
    layout: { uirevision: "training", ...bar },
  });
}

function progressBar({ step, totalSteps }: Progress, shade: string): JsonObject[] {
  const place = { type: "rect", xref: "paper", yref: "paper", ysizemode: "pixel", yanchor: 1, y0: -3, y1: 2 };
  const part = (share: number, fillcolor: string): JsonObject => {
    return { ...place, x0: 0, x1: share, fillcolor, line: { width: 0 } };
  };
  const done = Math.round((1000 * step) / Math.max(1, totalSteps)) / 1000;
  return [part(1, GRID), part(Math.min(1, done), shade)];
}

function progressText({ step, totalSteps, rowsPerSecond, secondsLeft, history, done }: Progress): MarkedText {
  const speed = rowRate(rowsPerSecond);
  if (!done) return marked`Step ${grouped(step)} of ${grouped(totalSteps)}, ${speed}, ${duration(secondsLeft)} left`;
  const steps = step < totalSteps ? `${grouped(step)} of ${count(totalSteps, "step")}` : count(step, "step");
  const seconds = history.points.at(-1)?.seconds;
  return seconds === undefined ? marked`Trained ${steps}` : marked`Trained ${steps} in ${duration(seconds)}, ${speed}`;
}

function failureText({ step, totalSteps }: Progress, failure: string): string {
  const reason = shorten(failure.split("\n", 1)[0] ?? "", 160);
  return `Failed after ${grouped(step)} of ${count(totalSteps, "step")}: ${reason}`;
}

export function learningCurvesSheet({ steps, epochs, tasks, metric, domainNames }: LearningCurves): Sheet {
  const name = metricText[metric];
  const cells = byTaskAndDomain<TaskLearningCurves, TaskLearningCurves["overall"]>(tasks);
  const rows = steps.flatMap((step, at) => cells.map((cell) => ({ ...cell, step, at })));
  return sheetFrom(`${capital(name)} by task and domain at ${count(steps.length, "evaluation")}`, rows, [
    col.count("step", ({ step }) => step),
    col.number("epoch", ({ at }) => epochs[at], 3),
    placeColumns(namesByDomain(domainNames, tasks)),
    col.number([snakeCase(metric), name], ({ value, at }) => value[at], 4),
  ]);
}

/** Pixels of a panel's axes, with two side by side. */
export const CURVES = { width: 240, height: 200 } as const;

export function learningCurvesChart(curves: LearningCurves, references?: readonly AucReference[]): Chart {
  const panels = curves.tasks.map((task) => namedPanel(curves, task, findReference(references, task.tower)));
  const rows = panelRows(panels, { across: 2, height: CURVES.height, empty: "not evaluated yet" });
  return chart({ title: curvesTitle(curves), rows, sheet: learningCurvesSheet(curves) });
}

export function aucCurvesChart(history: History, references?: readonly AucReference[]): Chart {
  return learningCurvesChart(learningCurves(history, "auc"), references);
}

function namedPanel(
  curves: LearningCurves,
  task: TaskLearningCurves,
  reference?: AucReference,
  more: readonly OverlaidCurve[] = [],
): Panel {
  const metric = metricText[curves.metric];
  const best = curves.metric === "auc" ? (reference?.overall ?? null) : null;
  const one = (name: string, values: readonly (number | null)[], isMain: boolean): OverlaidCurve => {
    const hover = markup`${taskName(task)}, ${name}<br>step %{x:,}: ${metric} %{y:.4f}`;
    return { name, x: curves.steps, y: values, hover, isMain };
  };
  const domains = drawnDomains(curves.domainNames, curves.tasks).map((name, d) =>
    one(name, task.domains[d] ?? [], false),
  );
  const level = best === null ? undefined : { name: "best achievable", y: best };
  const all = one(ALL_ROWS, task.overall, true);
  const lines = [...more, ...domains, all];
  const panel = overlayPanel(taskName(task), metric, lines, { ...CURVES, coloured: MAX_COLOURS, level });
  const step = curves.bestStep === curves.steps.at(-1) ? null : curves.bestStep;
  return {
    ...panel,
    marks: [
      ...panel.marks,
      ...keptMarks(
        step,
        lines.flatMap(({ y }) => y),
      ),
    ],
  };
}

export function aucPanels(history: History): Panel[] {
  const curves = learningCurves(history, "auc");
  return curves.tasks.map((task) => {
    // 0: no value yet
    const points = history.points.filter(({ trainMetrics }) => trainMetrics?.[`auc_${task.tower}`]);
    const [x, y] = [points.map(({ step }) => step), points.map((point) => point.trainMetrics![`auc_${task.tower}`]!)];
    const hover = markup`${taskName(task)}, training batches<br>step %{x:,}: AUC %{y:.4f}`;
    const more = points.length === 0 ? [] : [{ name: "training", x, y, hover, color: PLAIN }];
    return { ...namedPanel(curves, task, undefined, more), title: `AUC of ${taskName(task)}` };
  });
}

function curvesTitle({ metric, steps, tasks, bestStep }: LearningCurves): string {
  const name = capital(metricText[metric]);
  const place = bestStep === null ? steps.length - 1 : steps.indexOf(bestStep);
  const step = steps[place];
  if (step === undefined) return `${name}: not evaluated yet`;
  const values = tasks.map((task) => `${taskName(task)} ${fixed(task.overall[place])}`);
  const spreads = tasks.flatMap((task) => {
    const levels = task.domains.flatMap((domain) => tidy(domain[place]) ?? []);
    return levels.length < 2 ? [] : [{ task, low: Math.min(...levels), high: Math.max(...levels) }];
  });
  const [widest] = spreads.sort((a, b) => b.high - b.low - (a.high - a.low));
  const range = widest && `${taskName(widest.task)} by domain from ${fixed(widest.low)} to ${fixed(widest.high)}`;
  const note = place === steps.length - 1 ? "" : " (weights kept)";
  return sentence([`${name} at step ${grouped(step)}${note}: ${firstTasks(values).join(", ")}`, range ?? null]);
}
