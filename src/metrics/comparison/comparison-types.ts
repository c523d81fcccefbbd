/** Results of comparing two models on the same rows. */
import type { Interval } from "../intervals/bootstrap.js";
import type { IntervalMethod, MetricName } from "../types.js";

/**
 * What a difference says once it is corrected for the number of cells: the first model `won` or `lost`, it is no more
 * than `noise`, or there is a `gap` (not defined, or too few rows to say).
 */
export type Verdict = "won" | "lost" | "noise" | "gap";

/** One metric of two models on the same rows: `value` is the first less the second, with its paired interval. */
export interface Difference extends Interval {
  /** The first model's metric; `null` where it is not defined. */
  readonly first: number | null;
  /** The second model's metric; `null` where it is not defined. */
  readonly second: number | null;
  /** Two-sided, of no difference. */
  readonly pValue: number | null;
  /** Corrected by Holm for all cells of the metric. */
  readonly adjustedPValue: number | null;
  /** What the difference says, by `adjustedPValue`. */
  readonly verdict: Verdict;
  /** Why there is no verdict; `null` where there is one. */
  readonly gap: string | null;
}

/** Differences on the rows of a task and a domain. */
export interface ComparedCell {
  /** Rows that both models predicted. */
  readonly rows: number;
  /** Of them those with a positive label. */
  readonly positives: number;
  /** By metric; those that the task does not have are not there. */
  readonly metrics: Readonly<Partial<Record<MetricName, Difference>>>;
}

/** One task of two models. */
export interface TaskComparison {
  /** Name of the task's tower. */
  readonly tower: string;
  /** The label that the task predicts. */
  readonly label: string;
  /** Label whose positive rows the metrics are over; `null`: all rows. */
  readonly within: string | null;
  /** Over all rows, of the task's space where it has one. */
  readonly overall: ComparedCell;
  /** One per domain, in order. */
  readonly domains: readonly ComparedCell[];
}

/** How a comparison was made. */
export interface ComparisonMethod extends IntervalMethod {
  /** AUC: DeLong's test where rows are independent, else the paired bootstrap over users; other metrics: the latter. */
  readonly auc: "DeLong" | "bootstrap";
  /** A difference counts below this adjusted p value. */
  readonly significance: number;
}

/** Two models on the same rows. */
export interface Comparison {
  /** What the models are called, such as `this run` and `the other`. */
  readonly names: readonly [string, string];
  /** Rows that both models predicted. */
  readonly rows: number;
  /** For people, in order; empty where the models have no domains. */
  readonly domainNames: readonly string[];
  /** The tasks that were compared, in order. */
  readonly tasks: readonly TaskComparison[];
  /** Those that were compared, in order. */
  readonly metrics: readonly MetricName[];
  /** How intervals and p values were made. */
  readonly method: ComparisonMethod;
  /** What a reader has to know, each a sentence. */
  readonly notes: readonly string[];
}
