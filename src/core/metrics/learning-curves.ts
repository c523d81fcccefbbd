/** Learning curves: a metric at each evaluation during training, and whether AUC fell or still rose at the end. */
import type { TaskCells } from "./curve-types.js";
import { aucStandardError, criticalZ } from "./intervals/normal.js";
import type { Evaluation, MetricName, TaskMetrics } from "./types.js";

/** A task's curves, one value per evaluation; `null` if the metric is not defined. */
export type TaskLearningCurves = TaskCells<readonly (number | null)[]>;

/** One metric over training. */
export interface LearningCurves {
  readonly metric: MetricName;
  readonly domainNames: readonly string[];
  /** [evaluations] */
  readonly steps: readonly number[];
  /** `[evaluations]`: completed epochs, such as 0.25. */
  readonly epochs: readonly number[];
  /** The step whose weights were kept, if early stopping chose one. */
  readonly bestStep: number | null;
  readonly tasks: readonly TaskLearningCurves[];
}

/** One evaluation during training. */
export interface EvaluationPoint {
  readonly step: number;
  /** Completed epochs, such as 0.25. */
  readonly epoch: number;
  readonly evaluation: Evaluation;
}

/** The source of learning curves: a run's history. */
export interface Evaluated {
  /** In the order of steps. */
  readonly evaluations: readonly EvaluationPoint[];
  /** The step whose weights were kept, if early stopping chose one. */
  readonly bestStep: number | null;
}

/** Returns one metric at every evaluation during training. */
export function learningCurves({ evaluations, bestStep }: Evaluated, metric: MetricName): LearningCurves {
  const last = evaluations.at(-1)?.evaluation;
  return {
    metric,
    domainNames: last?.domainNames ?? [],
    steps: evaluations.map(({ step }) => step),
    epochs: evaluations.map(({ epoch }) => epoch),
    bestStep,
    tasks: (last?.tasks ?? []).map(({ tower, label, within, domains }, task) => ({
      tower,
      label,
      within,
      overall: evaluations.map(({ evaluation }) => evaluation.tasks[task]?.overall[metric] ?? null),
      domains: domains.map((_, domain) =>
        evaluations.map(({ evaluation }) => evaluation.tasks[task]?.domains[domain]?.[metric] ?? null),
      ),
    })),
  };
}

/** A task's AUC at two evaluations. */
export interface AucMove {
  readonly tower: string;
  readonly from: { readonly step: number; readonly auc: number };
  readonly to: { readonly step: number; readonly auc: number };
}

/** Smaller moves do not matter, however certain. */
export const leastMove = 0.002;
/** The share of trainings on noise in which a move is reported. */
const alarms = 0.05;

/** Tasks whose AUC fell after its best evaluation, of three or more; none if early stopping kept the best weights. */
export function fallsFromBest({ evaluations, bestStep }: Evaluated): AucMove[] {
  if (evaluations.length < 3 || bestStep !== null) return [];
  return moves(evaluations.slice(0, -1), evaluations.at(-1)!, -1);
}

/**
 * The log loss of always predicting the label's rate of each domain, or of all rows without domains; `null`: one class.
 */
export function ratesLogLoss({ overall, domains }: TaskCells<TaskMetrics>): number | null {
  let [sum, rows] = [0, 0];
  for (const cell of domains.length === 0 ? [overall] : domains) {
    const rate = cell.positives / Math.max(1, cell.rows);
    rows += cell.rows;
    if (rate > 0 && rate < 1) {
      sum -= cell.positives * Math.log(rate) + (cell.rows - cell.positives) * Math.log(1 - rate);
    }
  }
  return sum === 0 ? null : sum / rows;
}

/** Tasks whose AUC still rose at the last evaluation; none if early stopping kept earlier weights. */
export function risesAtEnd({ evaluations, bestStep }: Evaluated): AucMove[] {
  const last = evaluations.at(-1);
  if (last === undefined || evaluations.length < 2 || (bestStep !== null && bestStep !== last.step)) return [];
  return moves(evaluations.slice(-2, -1), last, 1);
}

/**
 * Moves from the best of `before` to `last`. On the same rows, two models without signal differ by at most √2 standard
 * errors; the limit is corrected for the number of tasks and of evaluations to choose from (Bonferroni).
 */
function moves(before: readonly EvaluationPoint[], last: EvaluationPoint, sign: 1 | -1): AucMove[] {
  const { tasks } = last.evaluation;
  const z = criticalZ(1 - (2 * alarms) / Math.max(1, before.length * tasks.length));
  return tasks.flatMap(({ tower, overall }, task): AucMove[] => {
    const earlier = before.map(({ step, evaluation }) => ({
      step,
      auc: evaluation.tasks[task]?.overall.auc ?? Number.NaN,
    }));
    const from = earlier.reduce((a, b) => (b.auc > a.auc || Number.isNaN(a.auc) ? b : a));
    const to = { step: last.step, auc: overall.auc ?? Number.NaN };
    const isMove = sign * (to.auc - from.auc) > Math.max(leastMove, z * Math.SQRT2 * aucStandardError(overall));
    return isMove ? [{ tower, from, to }] : [];
  });
}
