/** Learning curves: a metric of the validation rows at every evaluation of a training, by task and domain. */
import type { Evaluation, MetricName } from "./types.js";

/** A task's curves, a value an evaluation; `null` where the metric is not defined. */
export interface TaskLearningCurves {
  readonly tower: string;
  readonly label: string;
  readonly within: string | null;
  readonly overall: readonly (number | null)[];
  /** [domains][evaluations] */
  readonly domains: readonly (readonly (number | null)[])[];
}

/** One metric over training. */
export interface LearningCurves {
  readonly metric: MetricName;
  readonly domainNames: readonly string[];
  /** [evaluations] */
  readonly steps: readonly number[];
  readonly epochs: readonly number[];
  /** The step whose weights were kept, where early stopping chose one. */
  readonly bestStep: number | null;
  readonly tasks: readonly TaskLearningCurves[];
}

/** What learning curves are read from: a run's history. */
interface Evaluated {
  readonly evaluations: readonly { readonly step: number; readonly epoch: number; readonly evaluation: Evaluation }[];
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
