import type { EncodedData } from "../../data/encoded/index.js";
import type { TowerSpec } from "../../spec/index.js";

/** By sorting, or by a sketch in bounded memory. */
export type AucMethod = "exact" | "streaming";

/** Options of intervals. */
export interface IntervalOptions {
  /** Number of bootstrap draws. Default: 300. */
  readonly draws?: number;
  /** Seed of the draws. Default: 1. */
  readonly seed?: number;
  /** Share of draws inside an interval. Default: 0.95. */
  readonly level?: number;
}

export type MeasuredColumns = Pick<EncodedData, "rows" | "features" | "labels" | "domains">;

export interface MeasureRequest {
  readonly towers: readonly TowerSpec[];
  readonly domainNames: readonly string[];
  readonly columns: MeasuredColumns;
  /** By tower, [rows, numClass]. */
  readonly probabilities: readonly Float32Array[];
  /** By tower: [rows] of a numeric label's predictions beside probabilities; `null`: they are the probabilities. */
  readonly values: readonly (Float32Array | null)[];
  readonly batchSize: number;
  readonly auc: AucMethod;
  readonly users: UserColumn | null;
  readonly intervals: IntervalOptions | null;
  readonly curves?: boolean;
}

/** A column that identifies the user of a row. */
export interface UserColumn {
  readonly name: string;
  /** `[rows]`: 0 … users − 1; negative if the user is not known. */
  readonly codes: Int32Array;
}

/** The bootstrap unit of each row: its user, or the row if its user is unknown. @param rows default: all */
export function drawnUsers({ codes }: UserColumn, rows?: Int32Array): Int32Array {
  const chosen = rows === undefined ? codes : Int32Array.from(rows, (row) => codes[row]!);
  return chosen.map((code, at) => (code < 0 ? -1 - at : code));
}
