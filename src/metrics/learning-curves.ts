/** Learning curves: a metric of the validation rows at every evaluation of a training, by task and domain. */
import type { MetricName } from "./types.js";

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
