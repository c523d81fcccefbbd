/** Types of metrics, evaluations and their intervals, by task and domain. */
import type { TaskCells, TaskCurves } from "./curve-types.js";
import type { Interval } from "./intervals/bootstrap.js";

/**
 * Metrics with intervals and comparisons. In an interface, because compiler errors would show the name of a type alias
 * instead of the metrics.
 */
export interface MetricNames {
  readonly any:
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
}

/** The metrics with intervals and comparisons. */
export type MetricName = MetricNames["any"];

/** Metrics with their intervals; metrics that the tasks do not have are missing. */
export type MetricIntervals = Readonly<Partial<Record<MetricName, Interval>>>;

/** Metrics of one task on some rows. `null`: not defined (no rows, or one class only). */
export interface TaskMetrics {
  readonly rows: number;
  readonly positives: number;
  /** AUC as the rank statistic, exact; ties count half. */
  readonly auc: number | null;
  /** Unweighted mean of the exact AUC of each user with both classes; present if a user column is known. */
  readonly groupedAuc?: number | null;
  /** Number of users with both classes, which `groupedAuc` covers. */
  readonly groups?: number;
  /** Mean negative log likelihood, in nats (classification tasks). */
  readonly logLoss: number | null;
  /** Log loss divided by the entropy of the rate of positives: below 1 if the model predicts better than that rate. */
  readonly normalizedEntropy: number | null;
  /** Mean prediction divided by the observed rate; 1 is calibrated. */
  readonly calibration: number | null;
  /** Mean |predicted − observed| over 15 bins of equal numbers of rows, weighted by rows; 0 is calibrated. */
  readonly expectedCalibrationError: number | null;
  /** Share of rows whose class is the most probable one; of two, 0.5 counts as positive. */
  readonly accuracy: number | null;
  /** Mean absolute error of values, or of the probability of the positive class; `null` for more than two classes. */
  readonly meanAbsoluteError: number | null;
  /** Mean squared error of values, or of the probability of the positive class (its Brier score). */
  readonly meanSquaredError: number | null;
  readonly rootMeanSquaredError: number | null;
  /** The metrics that the tower configures, by TorchEasyRec's names (`auc`, `grouped_auc` …). */
  readonly configured: Readonly<Record<string, number | null>>;
  /** Bootstrap intervals, present if requested. */
  readonly intervals?: MetricIntervals;
}

/** The AUC of a logistic regression on the same features and rows: what a model must exceed. */
export interface AucFloor {
  /** Over all rows, or the rows of the task's space; `null`: not defined. */
  readonly overall: number | null;
  readonly domains: readonly (number | null)[];
  /**
   * The penalty added to the sum of the log losses: ½‖w‖²/C, as in scikit-learn's `LogisticRegression(C)`; missing in
   * older evaluations.
   */
  readonly penalty?: string;
  /** The number of training rows that it was fitted on; missing in older evaluations. */
  readonly rows?: number;
  /** The number of all training rows. */
  readonly of?: number;
}

/** One task's metrics over all rows and by domain; also over all rows if the task has a space. `T`: towers. */
export interface TaskEvaluation<T extends string = string> extends TaskCells<TaskMetrics, T> {
  /** Over all rows, as TorchEasyRec reports it; equal to `overall` if `within` is null. */
  readonly allRows: TaskMetrics;
  /** The floor of its AUC; missing for tasks that are not binary, and for runs without training rows. */
  readonly floor?: AucFloor;
}

/** How intervals were computed. */
export interface IntervalMethod {
  /** Share of draws inside an interval, such as 0.95. */
  readonly level: number;
  readonly draws: number;
  readonly seed: number;
  /** The column whose values were drawn, each with all its rows; `null`: rows were drawn. */
  readonly user: string | null;
  /** Larger cells drew from a seeded sample of this size; `null`: all cells drew from all their rows. */
  readonly sampledRows: number | null;
}

/** The width of a bucket of time. */
export type TimeWidth = "hour" | "day" | "week" | "month" | "quarter" | "year";

/** What the rows of an evaluation are grouped by, instead of their domains. */
export interface EvaluationGroups {
  /** Values of a column, bins of its numbers, buckets of time, or numbers of training rows with the same value. */
  readonly kind: "values" | "bins" | "times" | "trainingRows";
  readonly width: TimeWidth | null;
  readonly names: readonly string[];
  /**
   * The domains by which each group is split: the groups of the first domain, then those of the second; `null`: not
   * split.
   */
  readonly domains: readonly string[] | null;
}

/** Which groups of a task differ from their common level. */
export interface ApartGroups {
  /**
   * What groups are compared with: 1 for the calibration, else the median of the groups, weighted by rows; with
   * domains, of each domain. One bad group would move a mean, so that good groups seem better than usual; and AUC over
   * all rows also counts pairs of rows from two groups.
   */
  readonly levels: readonly (number | null)[];
  /** By cell: whether it is apart from its level. */
  readonly isApart: readonly boolean[];
}

/** The metrics of every task on evaluation rows. */
export interface Evaluation {
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly tasks: readonly TaskEvaluation[];
  /** The column whose values replace the domains (`evaluate(data, { by })`); if missing, the cells are domains. */
  readonly by?: string | null;
  readonly groups?: EvaluationGroups | null;
  /** Groups beyond noise, by metric and task; present if `by` is set. */
  readonly apart?: Readonly<Partial<Record<MetricName, readonly ApartGroups[]>>>;
  /** The column that identifies the user of each row, if known; `groupedAuc` groups by its values. */
  readonly user?: string | null;
  readonly intervalMethod?: IntervalMethod | null;
  /** ROC, precision, gains and distributions of scores of the binary tasks, present if requested; never saved. */
  readonly curves?: readonly TaskCurves[];
  /** Notes for the reader: rows without a user, rare values that were pooled. */
  readonly notes?: readonly string[];
}
