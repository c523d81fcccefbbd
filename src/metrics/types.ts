/** Results of an evaluation, by task and domain. */

/** Metrics of one task on some rows. `null`: not defined there (no rows, or one class only). */
export interface TaskMetrics {
  readonly rows: number;
  /** Rows with a positive label (binary tasks). */
  readonly positives: number;
  /** AUC: the rank statistic, ties count half; exact unless `aucErrorBound` says otherwise. */
  readonly auc: number | null;
  /** There where `auc` was streamed: how far it is from the exact value at most. */
  readonly aucErrorBound?: number;
  /** Mean negative log likelihood, in nats (tasks of classes). */
  readonly logLoss: number | null;
  /** Log loss divided by the entropy of the rate of positives: below 1 where the model knows more than that rate. */
  readonly normalizedEntropy: number | null;
  /** Mean prediction divided by the observed rate; 1 is calibrated. */
  readonly calibration: number | null;
  /** Mean |predicted − observed| over 15 bins of as many rows each, weighted by rows; 0 is calibrated. */
  readonly expectedCalibrationError: number | null;
  /** Share of rows whose class is the one predicted: the more probable of two (0.5 counts as positive), or of several. */
  readonly accuracy: number | null;
  /** Of values, or of the probability of the positive class; `null` where there are several classes. */
  readonly meanAbsoluteError: number | null;
  /** Of values, or of the probability of the positive class (its Brier score). */
  readonly meanSquaredError: number | null;
  readonly rootMeanSquaredError: number | null;
  /** The metrics that the tower asks for, by TorchEasyRec's names (`auc`, `grouped_auc` …). */
  readonly configured: Readonly<Record<string, number | null>>;
}

/** One task's metrics over all rows, by domain, and over all rows where the task has a space of its own. */
export interface TaskEvaluation {
  readonly tower: string;
  readonly label: string;
  /** Label whose positive rows the metrics are over (`clk` for purchases within clicks); `null`: all rows. */
  readonly within: string | null;
  readonly overall: TaskMetrics;
  /** One per domain, in order; empty where the model has no domains. */
  readonly domains: readonly TaskMetrics[];
  /** Over all rows, as TorchEasyRec reports it; equal to `overall` where `within` is null. */
  readonly allRows: TaskMetrics;
}

/** An evaluation. */
export interface Evaluation {
  readonly rows: number;
  /** For people, in order; empty where the model has no domains. */
  readonly domainNames: readonly string[];
  readonly tasks: readonly TaskEvaluation[];
}
