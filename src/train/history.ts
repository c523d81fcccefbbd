/** What training leaves behind, step by step. */
import type { Evaluation } from "../metrics/types.js";

/** One logged step: losses are means over the steps since the point before. */
export interface HistoryPoint {
  readonly step: number;
  /** Fraction of epochs done, such as 0.25. */
  readonly epoch: number;
  /** Rows trained on so far. */
  readonly rows: number;
  /** Since training began. */
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly loss: number;
  /** By `{loss kind}_{tower}`. */
  readonly taskLosses: Readonly<Record<string, number>>;
  /** Largest norm of the dense gradients that was measured since the point before (every tenth step is); else `null`. */
  readonly gradientNorm?: number | null;
}

/** One evaluation during training. */
export interface EvaluationPoint {
  readonly step: number;
  readonly epoch: number;
  readonly evaluation: Evaluation;
}

/** The curves of a run. */
export interface History {
  readonly points: readonly HistoryPoint[];
  readonly evaluations: readonly EvaluationPoint[];
  /** Step whose weights were kept, where early stopping chose one. */
  readonly bestStep: number | null;
}

/** What is told while training runs. */
export interface Progress {
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly rowsPerSecond: number;
  readonly secondsLeft: number;
  readonly history: History;
  readonly done: boolean;
}
