/** The view of saved runs. */
import { studentQuantile } from "../../../core/metrics/distributions.js";
import type { Evaluation, TaskEvaluation } from "../../../core/metrics/types.js";
import type { History } from "../../../core/train/loop/recorder.js";
import { getOrMake } from "../../../core/util/growing.js";
import { mean, sampleVariance } from "../../../core/util/numbers.js";
import { count, fixed } from "../../../core/util/text.js";
import { chart, type Panel, panelRows } from "../compose.js";
import { lossEnds } from "../history.js";
import { type OverlaidCurve, overlayPanel } from "../overlay.js";
import { firstTasks, highest, inTitle, markup, sentence, tidy } from "../theme.js";
import { type Chart, type ColumnList, col, type Sheet, sheetFrom, taskName } from "../view.js";

/** A saved run in an index. */
export interface IndexedRun {
  /** The folder, relative to that of the index. */
  readonly name: string;
  /**
   * When it was written, as ISO date and time in UTC; `null` if it cannot be read, as are the following but the
   * problem.
   */
  readonly saved: string | null;
  readonly history: History | null;
  /** The evaluation of its weights; `null` also if they were not evaluated. */
  readonly evaluation: Evaluation | null;
  /** Differences from the first run's config, such as `model_config.pepnet.epnet_gamma: 2 → 4`. */
  readonly differences: readonly string[] | null;
  /** The digest of the training rows, shortened; `null`: not recorded. */
  readonly data: string | null;
  /** A hash of what its model and rows compute, whatever the seed; `null` if it cannot be read. */
  readonly model: string | null;
  /** Why it cannot be read; `null`: it can. */
  readonly problem: string | null;
}

/** Runs of one model, which differ in their seeds, are next to each other. */
export function indexedRunsSheet(caption: string, runs: readonly IndexedRun[]): Sheet {
  const models = [...new Set(runs.map(({ model }) => model))];
  const ordered = models.flatMap((model) => runs.filter((run) => run.model === model));
  return sheetFrom(caption, ordered, [
    col.text("run", ({ name }) => name),
    models.length < runs.length && col.text("model", ({ model }) => model && `model ${models.indexOf(model) + 1}`),
    col.measured(col.text(["saved", "saved (UTC)"], ({ saved }) => saved)),
    col.count("steps", ({ history }) => history?.points.at(-1)?.step),
    ...indexedTasks(runs).flatMap((task) => taskColumns(task, runs)),
    col.number("loss", ({ history }) => history && lossEnds(history.points)?.last.loss, 4),
    col.text(["differences", "differs from the first in"], ({ differences }) => {
      return differences && (differences.join("; ") || "nothing");
    }),
    col.text(["data", "data hash"], ({ data }) => data),
    runs.some(({ problem }) => problem !== null) && col.text(["problem", "cannot be read"], ({ problem }) => problem),
  ]);
}

function indexedTasks(runs: readonly IndexedRun[]): TaskEvaluation[] {
  const all = runs.flatMap(({ evaluation }) => evaluation?.tasks ?? []);
  return all.filter((task, at) => all.findIndex(({ tower }) => tower === task.tower) === at);
}

function taskColumns(task: TaskEvaluation, runs: readonly IndexedRun[]): ColumnList<IndexedRun> {
  const overall = ({ evaluation }: IndexedRun) =>
    evaluation?.tasks.find(({ tower }) => tower === task.tower)?.overall ?? null;
  const [name, key] = [taskName(task), `auc_${task.tower}`];
  const interval = (run: IndexedRun) => overall(run)?.intervals?.auc;
  const means = modelMeans(task.tower, runs);
  const meanOf = ({ model }: IndexedRun) => means.get(model);
  return [
    col.number([key, `${name} AUC`], (run) => overall(run)?.auc, 4),
    runs.some(interval) && col.ends(interval, 4, key, (end) => `${name} ${end}`),
    means.size > 0 && [
      col.number([`${key}_model`, `${name} AUC, mean of its model`], (run) => meanOf(run)?.value, 4),
      ...col.ends(meanOf, 4, `${key}_model`, (end) => `model ${end}`),
    ],
  ];
}

/** Of models with several runs, with a 95% interval over other trainings (Student's t). */
function modelMeans(tower: string, runs: readonly IndexedRun[]) {
  const byModel = new Map<string | null, number[]>();
  for (const run of runs) {
    const auc = run.model === null ? null : aucOf(run, tower);
    if (auc !== null) getOrMake(byModel, run.model, () => []).push(auc);
  }
  const several = [...byModel].filter(([, aucs]) => aucs.length > 1);
  return new Map(
    several.map(([model, aucs]) => {
      const value = mean(aucs);
      const half = studentQuantile(0.05, aucs.length - 1) * Math.sqrt(sampleVariance(aucs) / aucs.length);
      return [model, { value, low: value - half, high: value + half, runs: aucs.length }];
    }),
  );
}

function aucOf({ evaluation }: IndexedRun, tower: string): number | null {
  return tidy(evaluation?.tasks.find((task) => task.tower === tower)?.overall.auc);
}

const AXES = { width: 560, height: 220 } as const;

export function indexedRunsChart(runs: readonly IndexedRun[]): Chart {
  const title = indexTitle(runs);
  const panels = indexedTasks(runs).map((task) => taskPanel(task, runs));
  return chart({
    title,
    rows: panelRows(panels, { across: 1, height: AXES.height, empty: "no run was evaluated" }),
    sheet: indexedRunsSheet(title, runs),
  });
}

function taskPanel(task: TaskEvaluation, runs: readonly IndexedRun[]): Panel {
  const curves = runs.flatMap(({ name, history }): OverlaidCurve[] => {
    const points = (history?.evaluations ?? []).flatMap(({ step, evaluation }) => {
      const auc = evaluation.tasks.find(({ tower }) => tower === task.tower)?.overall.auc;
      return auc === undefined ? [] : [{ step, auc: tidy(auc) }];
    });
    if (points.length === 0) return [];
    const hover = markup`${name}<br>step %{x:,}: AUC %{y:.4f}`;
    return [{ name, x: points.map(({ step }) => step), y: points.map(({ auc }) => auc), hover }];
  });
  return overlayPanel(`AUC of ${taskName(task)}`, "AUC", curves, AXES);
}

function indexTitle(runs: readonly IndexedRun[]): string {
  const names = runs.map(({ name }) => name);
  const best = indexedTasks(runs).flatMap((task) => {
    const means = modelMeans(task.tower, runs);
    const values = runs.flatMap((run) => {
      const auc = aucOf(run, task.tower);
      return auc === null ? [] : [{ name: run.name, auc, model: means.get(run.model) ?? null }];
    });
    const top = highest(values, ({ auc, model }) => model?.value ?? auc);
    if (top === undefined) return [];
    const { name, auc, model } = top;
    const value = model === null ? fixed(auc) : `${fixed(model.value)} (${fixed(model.low)} to ${fixed(model.high)})`;
    const where = `${inTitle(name, names)}${model === null ? "" : ` and others of its model, mean of ${model.runs}`}`;
    return [`${inTitle(taskName(task))} ${value} in ${where}`];
  });
  const [first, ...others] = firstTasks(best);
  const damaged = runs.filter(({ problem }) => problem !== null).length;
  return sentence([
    `${count(runs.length, "saved run")}: ${best.length === 0 ? "none was evaluated" : `highest AUC of ${first}`}`,
    ...others,
    best.length === 0 ? null : "of the weights kept",
    damaged === 0 ? null : `${damaged} cannot be read`,
  ]);
}
