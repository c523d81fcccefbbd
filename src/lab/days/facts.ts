/** The results of a day-by-day run as plain data, as charts, tables and sentences read them. */
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import type { DayVariant } from "./plan.js";
import type { TrainingSteps } from "./train-days.js";

/** A metric that is compared over days. */
export type DayMetric = "auc" | "logLoss";

/** A task whose metrics are measured. `T`: towers. */
export interface DayTask<T extends string = string> {
  readonly tower: T;
  readonly label: string;
  /** The label whose positive rows it is measured on; `null`: all rows. */
  readonly within: string | null;
}

/** A day of the log. */
export interface LogDay {
  readonly name: string;
  readonly rows: number;
  /** Whether models predict it; otherwise they only train on it. */
  readonly isMeasured: boolean;
  /** The share of ids that no earlier day had, by feature of ids; `null` without ids. */
  readonly newIds: Readonly<Record<string, number | null>>;
}

/** The metrics of one variant on one day, in one task and domain. */
export interface DayCell {
  readonly task: DayTask;
  /** −1: all rows. */
  readonly domain: number;
  /** The index of the day. */
  readonly day: number;
  readonly variant: string;
  readonly rows: number;
  readonly positives: number;
  /** Over the day's users (or rows). */
  readonly auc: Interval;
  readonly logLoss: Interval;
  /** The reason for a missing or unusual value, such as `one class`; `null`: none. */
  readonly note: string | null;
}

/** What an interval shows about two variants. */
export interface DayComparisonSays {
  readonly verdict: "better" | "worse" | "as good" | "not better" | "not worse" | "undecided" | "undefined";
  readonly says: string;
}

/** Two variants over all measured days. */
export interface DayComparison extends Interval, DayComparisonSays {
  readonly task: DayTask;
  readonly domain: number;
  readonly metric: DayMetric;
  readonly variant: string;
  readonly than: string;
  /** The number of days that both have. */
  readonly days: number;
}

/** The loss of models with age in one task and domain. */
export interface DayAgeing {
  readonly task: DayTask;
  readonly domain: number;
  readonly metric: DayMetric;
  /** In days, or other periods. */
  readonly age: number;
  readonly days: number;
  /** Of age 0 minus this age; for log loss the other way, so that a loss is positive. */
  readonly loss: Interval;
}

/** The half-life of the AUC lost to ageing, in days or other periods. */
export interface DayHalfLife extends Interval {
  readonly task: DayTask;
  readonly domain: number;
}

/** A day-by-day run as plain data. */
export interface DayReport {
  /** What periods are called: `day`, or `period`. */
  readonly unit: string;
  readonly days: readonly LogDay[];
  readonly variants: readonly DayVariant[];
  readonly tasks: readonly DayTask[];
  readonly domainNames: readonly string[];
  /** The column whose users intervals are over; `null`: rows. */
  readonly user: string | null;
  /** The column whose items intervals over days are over too; `null`: none. */
  readonly item: string | null;
  readonly matters: number;
  readonly cells: readonly DayCell[];
  readonly comparisons: readonly DayComparison[];
  readonly ageing: readonly DayAgeing[];
  readonly halfLives: readonly DayHalfLife[];
  /** The variant whose models age; `null`: none. */
  readonly aged: string | null;
  readonly trainings: readonly TrainingSteps[];
  /** The conclusions, one sentence each. */
  readonly sentences: readonly string[];
  readonly interrupted: boolean;
}
