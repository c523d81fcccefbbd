/** Results of an evaluation, by task and domain. */
import type { Interval } from "./intervals/bootstrap.js";

/** The metrics that intervals and comparisons are made of. */
export type MetricName =
  | "auc"
  | "groupedAuc"
  | "logLoss"
  | "normalizedEntropy"
  | "calibration"
  | "expectedCalibrationError"
  | "accuracy"
  | "meanAbsoluteError"
  | "meanSquaredError"
  | "rootMeanSquaredError";

/** Metrics with their intervals; those that the tasks do not have are not there. */
export type MetricIntervals = Readonly<Partial<Record<MetricName, Interval>>>;

/** Metrics of one task on some rows. `null`: not defined there (no rows, or one class only). */
export interface TaskMetrics {
  /** Rows that the metrics are over. */
  readonly rows: number;
  /** Rows with a positive label (binary tasks). */
  readonly positives: number;
  /** AUC: the rank statistic, ties count half; exact unless `aucErrorBound` says otherwise. */
  readonly auc: number | null;
  /** There where `auc` was streamed: how far it is from the exact value at most. */
  readonly aucErrorBound?: number;
  /** Unweighted mean of the exact AUC of each user with both classes; there where a user column is known. */
  readonly groupedAuc?: number | null;
  /** Users with both classes: those that `groupedAuc` is over. */
  readonly groups?: number;
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
  /** Square root of `meanSquaredError`. */
  readonly rootMeanSquaredError: number | null;
  /** The metrics that the tower asks for, by TorchEasyRec's names (`auc`, `grouped_auc` …). */
  readonly configured: Readonly<Record<string, number | null>>;
  /** Bootstrap intervals, there where they were asked for. */
  readonly intervals?: MetricIntervals;
}

/** One task's metrics over all rows, by domain, and over all rows where the task has a space of its own. */
export interface TaskEvaluation {
  /** Name of the task's tower. */
  readonly tower: string;
  /** The label that the task predicts. */
  readonly label: string;
  /** Label whose positive rows the metrics are over (`clk` for purchases within clicks); `null`: all rows. */
  readonly within: string | null;
  /** Over all rows, of the task's space where it has one. */
  readonly overall: TaskMetrics;
  /** One per domain, in order; empty where the model has no domains. */
  readonly domains: readonly TaskMetrics[];
  /** Over all rows, as TorchEasyRec reports it; equal to `overall` where `within` is null. */
  readonly allRows: TaskMetrics;
}

/** How intervals were made. */
export interface IntervalMethod {
  /** Share of draws inside an interval, such as 0.95. */
  readonly level: number;
  /** Bootstrap draws. */
  readonly draws: number;
  /** Of the draws. */
  readonly seed: number;
  /** The column whose values were drawn, each with all of its rows; `null`: rows were drawn. */
  readonly user: string | null;
  /** Cells of more rows than this drew from a seeded sample of so many; `null`: all cells drew from all of theirs. */
  readonly sampledRows: number | null;
}

/** Means over the tasks that have a metric; not defined where one of theirs is not. */
export interface TaskMeans {
  /** Over all rows. */
  readonly overall: MetricIntervals;
  /** One per domain, in order. */
  readonly domains: readonly MetricIntervals[];
}

/** An evaluation. */
export interface Evaluation {
  /** Rows that were predicted. */
  readonly rows: number;
  /** For people, in order; empty where the model has no domains. */
  readonly domainNames: readonly string[];
  /** In the order of the model's towers. */
  readonly tasks: readonly TaskEvaluation[];
  /** The column whose values stand in the place of domains (`evaluate(data, { by })`); none: they are the domains. */
  readonly by?: string | null;
  /** The column that says whose row each is, where it is known: `groupedAuc` is over its values. */
  readonly user?: string | null;
  /** How the intervals were made, there where they were asked for. */
  readonly intervalMethod?: IntervalMethod | null;
  /** Means over tasks with their intervals, there where they were asked for and there are several tasks. */
  readonly taskMeans?: TaskMeans | null;
  /** What a reader has to know: rows without a user, rare values that were pooled. */
  readonly notes?: readonly string[];
}
