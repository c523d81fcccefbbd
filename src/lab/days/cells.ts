/** AUC and log loss of each model on each day, by task and domain, with the share of each user in their errors. */

import type { Periods } from "../../core/data/periods.js";
import { aucInfluence, type Influenced, influenceInterval } from "../../core/metrics/influence.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { pointLogLoss } from "../../core/metrics/intervals/drawn-cell.js";
import type { TowerSpec } from "../../core/spec/model.js";
import { cellRows, type MeasuredColumns } from "../../core/train/measure/task-rows.js";
import { pickRows } from "../../core/util/growing.js";
import { countPositives } from "../../core/util/turns.js";
import type { DayEstimate, DayUnits } from "./over-days.js";
import type { DayScores } from "./train-days.js";

/** A metric that is compared over days. */
export type DayMetric = "auc" | "logLoss";

/** Who is in the rows of each period: numbers that are the same on all days. */
export interface UnitsByDay {
  /** [rows of the period]; negative: a row of an unknown user. */
  readonly users: readonly Int32Array[];
  /** `null`: no column has the role of the item. */
  readonly items: readonly Int32Array[] | null;
}

/** The rows of one day in one task and place. */
export interface DayPlace {
  /** Row numbers within the day. */
  readonly rows: Int32Array;
  readonly positives: number;
  readonly labels: Float32Array;
  /** [rows of the day] */
  readonly users: Int32Array;
  /** Of `rows`. */
  readonly units: DayUnits;
}

/** The rows of a task on a day: [all rows, each domain]. */
export function dayPlaces(
  tower: TowerSpec,
  day: number,
  columns: MeasuredColumns,
  domains: number,
  units: UnitsByDay,
): DayPlace[] {
  const labels = columns.labels.get(tower.label)!;
  const users = units.users[day]!;
  const items = units.items?.[day] ?? null;
  return cellRows(tower, columns, domains).map((rows) => {
    const picked = { day, users: pickRows(users, rows), items: items && pickRows(items, rows) };
    return { rows, positives: countPositives(labels, rows), labels, users, units: picked };
  });
}

/** The codes of each period's rows; rows without a value are of a unit of their own. */
export function codesByDay({ rows }: Periods, codes: Int32Array | null): Int32Array[] {
  return rows.map((numbers) =>
    numbers.map((row) => {
      const code = codes === null ? -1 : codes[row]!;
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

export function dayEstimate({ value, influence }: Influenced, { rows, units }: DayPlace): DayEstimate {
  return { units, value, influence: Float64Array.from(rows, (row) => influence[row]!) };
}

/** With its interval over the users of the day. */
export function dayInterval(estimate: Influenced | null, { users }: DayPlace): Interval {
  return influenceInterval(estimate, users);
}
