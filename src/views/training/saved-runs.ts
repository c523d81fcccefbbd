/** Saved runs below each other: results, settings and data of each, or why it cannot be read. */

import type { Evaluation, TaskEvaluation } from "../../metrics/index.js";
import type { History } from "../../train/index.js";
import { count, fixed } from "../../util/text/format.js";
import { type OverlaidCurve, overlay } from "../marks/overlay.js";
import { taskName } from "../names.js";
import { panelRows, stepAxis, yAxis } from "../panels/axes.js";
import { chart, type Panel } from "../panels/compose.js";
import { inTitle, markup, sentence, tidy } from "../theme.js";
import { type Chart, type Column, col, makeSheet, type Sheet } from "../view.js";
import { lossEnds } from "./history.js";

/** A saved run in an index. */
export interface IndexedRun {
  /** The folder, relative to that of the index. */
  readonly name: string;
  /** When it was written, as ISO date and time in UTC; `null` if it cannot be read, as are the following but the problem. */
  readonly saved: string | null;
  /** Losses and evaluations of its training. */
  readonly history: History | null;
  /** The evaluation of its weights; `null` also if they were not evaluated. */
  readonly evaluation: Evaluation | null;
  /** Differences from the first run's config, such as `model_config.pepnet.epnet_gamma: 2 → 4`. */
  readonly differences: readonly string[] | null;
  /** The digest of the training rows, shortened; `null`: not recorded. */
  readonly data: string | null;
  /** Why it cannot be read; `null`: it can. */
  readonly problem: string | null;
}

/** One row per run. */
export function indexedRunsSheet(caption: string, runs: readonly IndexedRun[]): Sheet {
  const text = (key: string, heading: string, value: (run: IndexedRun) => string | null): Column<IndexedRun> => {
    return col.text([key, heading], value);
  };
  const isDamaged = runs.some(({ problem }) => problem !== null);
  return makeSheet<IndexedRun>(
    caption,
    [
      text("run", "run", ({ name }) => name),
      text("saved", "saved (UTC)", ({ saved }) => saved),
      col.count("steps", ({ history }) => history?.points.at(-1)?.step),
      ...indexedTasks(runs).flatMap((task) => taskColumns(task, runs)),
      col.number("loss", ({ history }) => lastLoss(history), 4),
      text(
        "differences",
        "differs from the first in",
        ({ differences }) => differences && differencesText(differences),
      ),
      text("data", "data hash", ({ data }) => data),
      ...(isDamaged ? [text("problem", "cannot be read", ({ problem }) => problem)] : []),
    ],
    runs,
  );
}

/** The towers of all runs, each once. */
export function indexedTasks(runs: readonly IndexedRun[]): TaskEvaluation[] {
  const all = runs.flatMap(({ evaluation }) => evaluation?.tasks ?? []);
  return all.filter((task, at) => all.findIndex(({ tower }) => tower === task.tower) === at);
}

/** A task's AUC over all rows, and its interval if a run has one. */
function taskColumns(task: TaskEvaluation, runs: readonly IndexedRun[]): Column<IndexedRun>[] {
  const overall = ({ evaluation }: IndexedRun) =>
    evaluation?.tasks.find(({ tower }) => tower === task.tower)?.overall ?? null;
  const name = taskName(task);
  const interval = (run: IndexedRun) => overall(run)?.intervals?.auc ?? null;
  const ends: Column<IndexedRun>[] = [
    col.number([`auc_${task.tower}_low`, `${name} low`], (run) => interval(run)?.low, 4),
    {
      ...{ key: `auc_${task.tower}_high`, heading: `${name} high`, kind: "number", digits: 4 },
      value: (run) => interval(run)?.high,
    },
  ];
  return [
    col.number([`auc_${task.tower}`, `${name} AUC`], (run) => overall(run)?.auc, 4),
    ...(runs.some((run) => interval(run) !== null) ? ends : []),
  ];
}

function lastLoss(history: History | null): number | null {
  return (history && lossEnds(history.points)?.last.loss) ?? null;
}

function differencesText(differences: readonly string[]): string {
  return differences.length === 0 ? "nothing" : differences.join("; ");
}

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
