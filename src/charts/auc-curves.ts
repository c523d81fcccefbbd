/** AUC by task and domain over training, and the lines that other figures of a training share. */
import type { TaskEvaluation, TaskMetrics } from "../metrics/types.js";
import type { EvaluationPoint, History } from "../train/loop/history.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { learningCurvesChart } from "./learning-curves.js";
import { type AucReference, taskName } from "./tasks.js";
import { fixed } from "./text.js";

/** AUC by task and domain over steps. An AUC that is not defined (one class only) is a gap in its line. */
export function aucCurvesChart(history: History, references?: readonly AucReference[]): Chart {
  const { evaluations, bestStep } = history;
  const last = evaluations.at(-1)?.evaluation;
  return learningCurvesChart(
    {
      metric: "auc",
      domainNames: last?.domainNames ?? [],
      steps: evaluations.map(({ step }) => step),
      epochs: evaluations.map(({ epoch }) => epoch),
      bestStep,
      tasks: (last?.tasks ?? []).map(({ tower, label, within, domains }) => ({
        tower,
        label,
        within,
        overall: aucSeries(evaluations, tower, (at) => at.overall),
        domains: domains.map((_, d) => aucSeries(evaluations, tower, (at) => at.domains[d])),
      })),
    },
    references,
  );
}

/** What an evaluation says: `AUC at step 480: ctr 0.712, cvr 0.655`. */
export function aucTitle({ step, evaluation }: EvaluationPoint, note = ""): string {
  const tasks = evaluation.tasks.map((task) => `${taskName(task)} ${fixed(task.overall.auc)}`);
  return `AUC at step ${step.toLocaleString("en-US")}${note}: ${tasks.join(", ")}`;
}

/** AUC of `task` at every evaluation, over the rows that `pick` chooses. */
export function aucSeries(
  evaluations: readonly EvaluationPoint[],
  tower: string,
  pick: (task: TaskEvaluation) => TaskMetrics | undefined,
): (number | null)[] {
  return evaluations.map(({ evaluation }) => {
    const task = evaluation.tasks.find((candidate) => candidate.tower === tower);
    return task === undefined ? null : (pick(task)?.auc ?? null);
  });
}

/** A line over evaluations; markers while there are few. */
export function line(
  evaluations: readonly EvaluationPoint[],
  values: readonly (number | null)[],
  hover: string,
): PlotlyTrace {
  return {
    type: "scatter",
    mode: evaluations.length <= 30 ? "lines+markers" : "lines",
    marker: { size: 5 },
    x: evaluations.map((point) => point.step),
    y: values,
    connectgaps: false,
    hovertemplate: `${hover}<br>step %{x:,}: AUC %{y:.4f}<extra></extra>`,
  };
}
