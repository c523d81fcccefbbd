/**
 * The history of a training: losses and evaluations by step.
 */
import type { Evaluation } from "../../metrics/index.js";

/** One logged step; losses are means over the rows of the steps since the previous point. */
export interface HistoryPoint {
  /** Number of optimiser steps. */
  readonly step: number;
  /** Completed epochs, such as 0.25. */
  readonly epoch: number;
  /** Number of training rows so far. */
  readonly rows: number;
  /** Since training began. */
  readonly seconds: number;
  /** Rows per second since the previous point, without evaluations. */
  readonly rowsPerSecond: number;
  /** Sum of the weighted task losses. */
  readonly loss: number;
  /** By `{loss kind}_{tower}`. */
  readonly taskLosses: Readonly<Record<string, number>>;
  /** The largest norm of the dense gradients since the previous point (measured at every tenth step); else `null`. */
  readonly gradientNorm?: number | null;
}

/** One evaluation during training. */
export interface EvaluationPoint {
  /** Number of optimiser steps. */
  readonly step: number;
  /** Completed epochs, such as 0.25. */
  readonly epoch: number;
  /** On the validation rows, with the weights of that step. */
  readonly evaluation: Evaluation;
}

/** The curves of a run. */
export interface History {
  /** About 200 points, evenly over the steps. */
  readonly points: readonly HistoryPoint[];
  /** In the order of steps. */
  readonly evaluations: readonly EvaluationPoint[];
  /** The step whose weights were kept, if early stopping chose one. */
  readonly bestStep: number | null;
}

/** The progress report during training. */
export interface Progress {
  /** Number of optimiser steps. */
  readonly step: number;
  /** Number of steps of the whole training. */
  readonly totalSteps: number;
  /** Completed epochs, such as 0.25. */
  readonly epoch: number;
  /** Rows per second over the last steps, without evaluations. */
  readonly rowsPerSecond: number;
  /** Estimated seconds until the end. */
  readonly secondsLeft: number;
  /** The history so far. */
  readonly history: History;
  /** Whether this is the last report. */
  readonly done: boolean;
}
