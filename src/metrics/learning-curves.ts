import type { TaskCells } from "./curve-types.js";
import type { Evaluation, MetricName } from "./types.js";

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

/** The source of learning curves: a run's history. */
export interface Evaluated {
  /** In the order of steps; `epoch` counts completed epochs, such as 0.25. */
  readonly evaluations: readonly { readonly step: number; readonly epoch: number; readonly evaluation: Evaluation }[];
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
