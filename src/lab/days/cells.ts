/** AUC and log loss of each model on each day, by task and domain, with the share of each user in their errors. */

import type { Periods } from "../../core/data/periods.js";
import { aucInfluence, type Influenced, influenceInterval } from "../../core/metrics/influence.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { pointLogLoss } from "../../core/metrics/intervals/drawn-cell.js";
import type { TowerSpec } from "../../core/spec/model.js";
import { cellRows, type MeasuredColumns, type UserColumn } from "../../core/train/measure/task-rows.js";
import { countPositives } from "../../core/util/turns.js";
import type { DayEstimate } from "./over-days.js";
import type { DayScores } from "./train-days.js";

/** A metric that is compared over days. */
export type DayMetric = "auc" | "logLoss";

/** The rows of one day in one task and place, and who is in them. */
export interface DayPlace {
  readonly day: number;
  /** Row numbers within the day. */
  readonly rows: Int32Array;
  readonly positives: number;
  readonly labels: Float32Array;
  /** `[rows of the day]`: the user's number on all days; negative: a row of an unknown user. */
  readonly users: Int32Array;
}

/** The rows of a task on a day: [all rows, each domain]. */
export function dayPlaces(
  tower: TowerSpec,
  day: number,
  columns: MeasuredColumns,
  domains: number,
  users: Int32Array,
): DayPlace[] {
  const labels = columns.labels.get(tower.label)!;
  return cellRows(tower, columns, domains).map((rows) => {
    return { day, rows, positives: countPositives(labels, rows), labels, users };
  });
}

/** The users of each period's rows: numbers that are the same on all days, negative for rows of unknown users. */
export function usersByDay({ rows }: Periods, users: UserColumn | null): Int32Array[] {
  return rows.map((numbers) =>
    numbers.map((row) => {
      const code = users === null ? -1 : users.codes[row]!;
      return code < 0 ? -1 - row : code;
    }),
  );
}

/** The error of a metric on some rows, row by row; `null` if it is not defined. */
export function influenced(scores: DayScores, task: number, place: DayPlace, metric: DayMetric): Influenced | null {
  const values = scores?.[task];
  const { rows, labels } = place;
  if (values === undefined || rows.length === 0) return null;
  if (metric === "auc") return aucInfluence(values, labels, rows);
  const losses = Float64Array.from(rows, (row) => pointLogLoss(values[row]!, labels[row]!));
  const value = losses.reduce((sum, loss) => sum + loss, 0) / rows.length;
  if (!Number.isFinite(value)) return null;
  const influence = new Float64Array(labels.length);
  rows.forEach((row, at) => {
    influence[row] = (losses[at]! - value) / rows.length;
  });
  return { value, influence };
}

/** By user. */
export function dayEstimate({ value, influence }: Influenced, { day, rows, users }: DayPlace): DayEstimate {
  const numbers = new Map<number, number>();
  const placeOf = rows.map((row) => {
    const user = users[row]!;
    const number = numbers.get(user) ?? numbers.size;
    numbers.set(user, number);
    return number;
  });
  const sums = new Float64Array(numbers.size);
  rows.forEach((row, at) => {
    sums[placeOf[at]!]! += influence[row]!;
  });
  return { day, value, users: Int32Array.from(numbers.keys()), sums };
}

/** With its interval over the users of the day. */
export function dayInterval(estimate: Influenced | null, { users }: DayPlace): Interval {
  return influenceInterval(estimate, users);
}
