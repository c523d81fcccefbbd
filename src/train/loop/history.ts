/** What training leaves behind, step by step. */
import type { Evaluation } from "../../metrics/index.js";

/** One logged step: losses are means over the steps since the point before. */
export interface HistoryPoint {
  /** Optimiser steps taken. */
  readonly step: number;
  /** Fraction of epochs done, such as 0.25. */
  readonly epoch: number;
  /** Rows trained on so far. */
  readonly rows: number;
  /** Since training began. */
  readonly seconds: number;
  /** Since the point before, evaluations left out. */
  readonly rowsPerSecond: number;
  /** Sum of the weighted task losses. */
  readonly loss: number;
  /** By `{loss kind}_{tower}`. */
  readonly taskLosses: Readonly<Record<string, number>>;
  /** Largest norm of the dense gradients that was measured since the point before (every tenth step is); else `null`. */
  readonly gradientNorm?: number | null;
}

/** One evaluation during training. */
export interface EvaluationPoint {
  /** Optimiser steps taken. */
  readonly step: number;
  /** Fraction of epochs done, such as 0.25. */
  readonly epoch: number;
  /** On the validation rows, with the weights of that step. */
  readonly evaluation: Evaluation;
}

/** The curves of a run. */
export interface History {
  /** About 200, evenly over the steps. */
  readonly points: readonly HistoryPoint[];
  /** In the order of steps. */
  readonly evaluations: readonly EvaluationPoint[];
  /** Step whose weights were kept, where early stopping chose one. */
  readonly bestStep: number | null;
}

/** What is told while training runs. */
export interface Progress {
  /** Optimiser steps taken. */
  readonly step: number;
  /** Steps of the whole training. */
  readonly totalSteps: number;
  /** Fraction of epochs done, such as 0.25. */
  readonly epoch: number;
  /** Over the last steps, evaluations left out. */
  readonly rowsPerSecond: number;
  /** Until the end, at this speed. */
  readonly secondsLeft: number;
  /** Everything so far. */
  readonly history: History;
  /** Nothing comes after this. */
  readonly done: boolean;
}
