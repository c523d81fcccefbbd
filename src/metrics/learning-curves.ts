/** Learning curves: a metric of the validation rows at every evaluation of a training, by task and domain. */
import type { Evaluation, MetricName } from "./types.js";

/** A task's curves, a value an evaluation; `null` where the metric is not defined. */
export interface TaskLearningCurves {
  /** Name of the task's tower. */
  readonly tower: string;
  /** The label that the task predicts. */
  readonly label: string;
  /** Label whose positive rows the metric is over; `null`: all rows. */
  readonly within: string | null;
  /** `[evaluations]`: over all rows, of the task's space where it has one. */
  readonly overall: readonly (number | null)[];
  /** [domains][evaluations] */
  readonly domains: readonly (readonly (number | null)[])[];
}

/** One metric over training. */
export interface LearningCurves {
  /** What the curves show. */
  readonly metric: MetricName;
  /** For people, in order; empty where the model has no domains. */
  readonly domainNames: readonly string[];
  /** [evaluations] */
  readonly steps: readonly number[];
  /** `[evaluations]`: epochs done, such as 0.25. */
  readonly epochs: readonly number[];
  /** The step whose weights were kept, where early stopping chose one. */
  readonly bestStep: number | null;
  /** In the order of the model's towers. */
  readonly tasks: readonly TaskLearningCurves[];
}

/** What learning curves are read from: a run's history. */
export interface Evaluated {
  /** In the order of steps; `epoch` counts epochs done, such as 0.25. */
  readonly evaluations: readonly { readonly step: number; readonly epoch: number; readonly evaluation: Evaluation }[];
  /** The step whose weights were kept, where early stopping chose one. */
  readonly bestStep: number | null;
}

/** One metric at every evaluation of a training. */
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
