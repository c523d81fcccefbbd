/** The AUC of saved runs during their trainings, over each other. */
import { type IndexedRun, indexedRunsSheet, indexedTasks, taskName } from "../../tables/index.js";
import { count, fixed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { type OverlaidCurve, overlay } from "../marks/index.js";
import { chart, type Panel, panelRows, stepAxis, yAxis } from "../panels/index.js";
import { inTitle, markup, sentence, tidy } from "../theme/index.js";

/** Pixels of a panel's axes. */
const AXES = { width: 560, height: 220 } as const;

/** A panel per task, with a curve per run. With more than six all are grey, and those that end farthest apart have names. */
export function indexedRunsChart(runs: readonly IndexedRun[]): Chart {
  const title = indexTitle(runs);
  const panels = indexedTasks(runs).map((task) => taskPanel(task, runs));
  return chart({
    title,
    rows: panelRows(panels, { across: 1, height: AXES.height, empty: "no run was evaluated" }),
    sheet: indexedRunsSheet(title, runs),
  });
}

function taskPanel(task: ReturnType<typeof indexedTasks>[number], runs: readonly IndexedRun[]): Panel {
  const curves = runs.flatMap(({ name, history }): OverlaidCurve[] => {
    const points = (history?.evaluations ?? []).flatMap(({ step, evaluation }) => {
      const auc = evaluation.tasks.find(({ tower }) => tower === task.tower)?.overall.auc;
      return auc === undefined ? [] : [{ step, auc: tidy(auc) }];
    });
    if (points.length === 0) return [];
    const hover = markup`${name}<br>step %{x:,}: AUC %{y:.4f}`;
    return [{ name, x: points.map(({ step }) => step), y: points.map(({ auc }) => auc), hover }];
  });
  const { marks, steps } = overlay(curves, AXES);
  return {
    title: `AUC of ${taskName(task)}`,
    marks,
    xaxis: { ...stepAxis(), ...steps },
    yaxis: yAxis("AUC", { tickformat: ".3~f" }),
  };
}

/** The number of runs, and the highest AUC of each task. */
function indexTitle(runs: readonly IndexedRun[]): string {
  const names = runs.map(({ name }) => name);
  const best = indexedTasks(runs).flatMap((task) => {
    const values = runs.flatMap(({ name, evaluation }) => {
      const auc = tidy(evaluation?.tasks.find(({ tower }) => tower === task.tower)?.overall.auc);
      return auc === null ? [] : [{ name, auc }];
    });
    if (values.length === 0) return [];
    const top = values.reduce((a, b) => (b.auc > a.auc ? b : a));
    return [`${inTitle(taskName(task))} ${fixed(top.auc)} in ${inTitle(top.name, names)}`];
  });
  const damaged = runs.filter(({ problem }) => problem !== null).length;
  return sentence([
    `${count(runs.length, "saved run")}: ${best.length === 0 ? "none was evaluated" : `highest AUC ${best.join(", ")}`}`,
    damaged === 0 ? null : `${damaged} cannot be read`,
  ]);
}
