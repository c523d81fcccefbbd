/** The shapes of score curves, and of results by task and domain. */
import type { Estimate } from "./intervals/normal.js";

/** Exact counts of the rows whose score is at least a threshold. */
export interface CurvePoint {
  /** A score of the data: rows with equal scores are counted together. */
  readonly threshold: number;
  readonly rows: number;
  readonly positives: number;
}

/** A bin of scores. The first and the last bin hold all rows beyond their edges. */
export interface ScoreBin {
  /** Lower edge in log-odds, `ln(p / (1 − p))`. */
  readonly from: number;
  readonly to: number;
  readonly positives: number;
  readonly negatives: number;
}

/** The curves of one task on some rows. */
export interface ScoreCurve {
  readonly rows: number;
  readonly positives: number;
  /**
   * Points of the curves, by descending threshold; the last has all rows. Of many distinct scores some are selected,
   * so that straight lines between them follow the curve; each has its exact counts. Empty if `gap` is set.
   */
  readonly points: readonly CurvePoint[];
  /** The mean precision over the positive rows: Σ of precision × gain of recall over all thresholds. */
  readonly averagePrecision: Estimate | null;
  /** Histogram by class, the same bins for every class; present over all rows. */
  readonly bins?: readonly ScoreBin[];
  /** The median score of the positive rows; `null` without such rows. */
  readonly positiveMedian: number | null;
  readonly negativeMedian: number | null;
  /** The reason for missing curves, such as "no positive rows"; `null` if they exist. */
  readonly gap: string | null;
}

/** What is measured of a task, over all rows and in each domain. `T`: towers. */
export interface TaskCells<Cell, T extends string = string> {
  readonly tower: T;
  readonly label: string;
  /** The label whose positive rows the cells cover (`clk` for purchases within clicks); `null`: all rows. */
  readonly within: string | null;
  /** Over all rows, or the rows of the task's space if it has one. */
  readonly overall: Cell;
  /** One per domain, in order; empty without domains. */
  readonly domains: readonly Cell[];
}

/** A task's curves. */
export type TaskCurves = TaskCells<ScoreCurve>;
