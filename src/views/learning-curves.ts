import { type LearningCurves, learningCurves, type TaskLearningCurves } from "../metrics/learning-curves.js";
import type { History } from "../train/loop/recorder.js";
import { count, fixed, grouped, snakeCase } from "../util/text.js";
import { panelRows } from "./axes.js";
import { chart, type Panel } from "./compose.js";
import {
  ALL_ROWS,
  type AucReference,
  byTaskAndDomain,
  capital,
  drawnDomains,
  findReference,
  metricText,
  namesByDomain,
  placeColumns,
  taskName,
} from "./names.js";
import { type OverlaidCurve, overlayPanel } from "./overlay.js";
import { MAX_COLOURS, markup, sentence, tidy } from "./theme.js";
import { type Chart, col, type Sheet, sheetFrom } from "./view.js";

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

function namedPanel(curves: LearningCurves, task: TaskLearningCurves, reference?: AucReference): Panel {
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
  return overlayPanel(taskName(task), metric, [...domains, all], { ...CURVES, coloured: MAX_COLOURS, level });
}

export function aucPanels(history: History): Panel[] {
  const curves = learningCurves(history, "auc");
  return curves.tasks.map((task) => ({ ...namedPanel(curves, task), title: `AUC of ${taskName(task)}` }));
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
  return sentence([`${name} at step ${grouped(step)}${note}: ${values.join(", ")}`, range ?? null]);
}
