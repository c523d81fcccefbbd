/** The results of the launch of a domain as plain data, as charts, tables and sentences read them. */
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import type { DayTask } from "../days/facts.js";

/** The start of a new domain. */
export interface LaunchStart {
  /** `from feed`, `mean of others` or `nothing`. */
  readonly name: string;
  /**
   * `domain`: the towers and embedding rows of another domain; `mean`: their mean over all other domains; `nothing`: an
   * untrained model.
   */
  readonly kind: "domain" | "mean" | "nothing";
  /** The numbers of the other domains. */
  readonly domains: readonly number[];
}

/** The domain's metrics after a training on its first rows, in one task. `T`: towers. */
export interface LaunchCell<T extends string = string> {
  readonly task: DayTask<T>;
  readonly start: string;
  /** The number of the domain's rows that it was trained on. */
  readonly trained: number;
  readonly rows: number;
  readonly positives: number;
  /** Over other users (or rows) and other trainings. */
  readonly auc: Interval;
  readonly logLoss: Interval;
  /** The reason for a missing value, such as `one class`; `null`: none. */
  readonly note: string | null;
}

/** A start compared with the best of the other domains: the difference of their mean AUC over the curve, `than` minus `start`. */
export interface LaunchComparison<T extends string = string> extends Interval {
  readonly task: DayTask<T>;
  readonly start: string;
  /** The other domain with the highest mean AUC. */
  readonly than: string;
  /** The mean AUC of the start over all sizes. */
  readonly mean: number | null;
  readonly verdict: "worse" | "better" | "undecided" | "undefined";
  readonly says: string;
}

/** The start to choose in one task. */
export interface LaunchBest<T extends string = string> {
  readonly task: DayTask<T>;
  /** Better beyond noise than those of all other domains; `null`: none is, or there is no AUC. */
  readonly start: string | null;
}

/** The gain of training on the domain's rows over using the other domain's tower. */
export interface LaunchGain {
  readonly trained: number;
  readonly gain: Interval;
}

/** From how many rows the domain's own tower pays, if it starts from that of another domain. */
export interface LaunchPays<T extends string = string> {
  readonly task: DayTask<T>;
  readonly start: string;
  readonly gains: readonly LaunchGain[];
  /** The rows at which the gain reaches `matters`; `high` is `null` if it may lie beyond the rows. */
  readonly from: Interval;
  readonly verdict: "pays" | "does not pay" | "undecided" | "undefined";
  readonly says: string;
}

/** One training. */
export interface LaunchTraining {
  readonly name: string;
  /** 0: all rows once; else the number of the draw of users. */
  readonly draw: number;
  readonly start: string | null;
  readonly rows: number;
  readonly steps: number;
}

/** The launch of a domain as plain data. */
export interface LaunchReport {
  readonly domain: string;
  readonly starts: readonly LaunchStart[];
  /** Numbers of the domain's first rows, from 0, as far as they were trained. */
  readonly sizes: readonly number[];
  /** Rows of other domains that starts were trained on. */
  readonly baseRows: number;
  readonly measuredRows: number;
  /** `time`: the domain's first rows are the first in time; `random`: in a fixed random order. */
  readonly order: "time" | "random";
  readonly tasks: readonly DayTask[];
  /** The column whose users intervals are over; `null`: rows. */
  readonly user: string | null;
  readonly matters: number;
  /** Draws of users that were trained, from which the noise of training follows. */
  readonly draws: number;
  readonly cells: readonly LaunchCell[];
  readonly comparisons: readonly LaunchComparison[];
  readonly best: readonly LaunchBest[];
  readonly pays: readonly LaunchPays[];
  readonly trainings: readonly LaunchTraining[];
  /** The conclusions, one sentence each. */
  readonly sentences: readonly string[];
  readonly interrupted: boolean;
}
