/** What a measurement of predictions is asked: plain data, so that it can be sent to a thread. */
import type { EncodedData } from "../../data/encoded/index.js";
import type { TowerSpec } from "../../spec/index.js";
import type { UserColumn } from "./users.js";

/** By a sort, or by a sketch in bounded memory. */
export type AucMethod = "exact" | "streaming";

/** How intervals are made. */
export interface IntervalOptions {
  /** Bootstrap draws. Default: 300. */
  readonly draws?: number;
  /** Default: 1. */
  readonly seed?: number;
  /** Share of draws inside an interval. Default: 0.95. */
  readonly level?: number;
}

/** The columns of a data set that metrics read. */
export type MeasuredColumns = Pick<EncodedData, "rows" | "features" | "labels" | "domains">;

/** What there is to measure; plain data. */
export interface MeasureRequest {
  readonly towers: readonly TowerSpec[];
  /** One a domain; empty where the model has none. */
  readonly domainNames: readonly string[];
  readonly columns: MeasuredColumns;
  /** By tower, [rows, numClass]. */
  readonly probabilities: readonly Float32Array[];
  readonly auc: AucMethod;
  /** Whose row each is; `null`: no user column. */
  readonly users: UserColumn | null;
  /** `null`: none. */
  readonly intervals: IntervalOptions | null;
}
