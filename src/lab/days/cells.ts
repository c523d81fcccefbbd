/** AUC and log loss of each model on each day, by task and domain, with the share of each user in their errors. */

import type { Periods } from "../../core/data/periods.js";
import { aucInfluence, type Influenced, influenceInterval, meanInfluence } from "../../core/metrics/influence.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { pointLogLoss } from "../../core/metrics/intervals/drawn-cell.js";
import type { TowerSpec } from "../../core/spec/model.js";
import { cellRows, type MeasuredColumns, taskSpaceName } from "../../core/train/measure/task-rows.js";
import { pickRows } from "../../core/util/growing.js";
import { countPositives, everyRow } from "../../core/util/numbers.js";
import type { DayMetric, DayTask } from "./facts.js";
import type { DayEstimate, DayUnits, RowUnits } from "./over-days.js";
import type { DayScores } from "./train-days.js";

/** A binary task of the results. */
export function dayTask(tower: TowerSpec): DayTask {
  return { tower: tower.name, label: tower.label, within: taskSpaceName(tower) };
}

/** Users or items of the rows of each period. */
export interface UnitsByDay {
  readonly byDay: readonly Int32Array[];
  readonly count: number;
}

/** The rows of one day in one task and place. */
export interface DayPlace {
  /** Row numbers within the day. */
  readonly rows: Int32Array;
  readonly positives: number;
  readonly labels: Float32Array;
  /** [rows of the day]: numbers of users. */
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
  { users: people, items }: { readonly users: UnitsByDay; readonly items: UnitsByDay | null },
): DayPlace[] {
  const labels = columns.labels.get(tower.label)!;
  const users = people.byDay[day]!;
  return cellRows(tower, columns, domains).map((rows) => {
    const picked = (all: UnitsByDay): RowUnits => ({ of: pickRows(all.byDay[day]!, rows), count: all.count });
    const units = { day, users: picked(people), items: items && picked(items) };
    return { rows, positives: countPositives(labels, rows), labels, users, units };
  });
}

/** Some rows of a place. */
export function takePlace(place: DayPlace, takes: (row: number) => boolean): DayPlace {
  const at = everyRow(place.rows.length).filter((each) => takes(place.rows[each]!));
  const picked = ({ of, count }: RowUnits): RowUnits => ({ of: pickRows(of, at), count });
  const { day, users, items } = place.units;
  const rows = pickRows(place.rows, at);
  const units = { day, users: picked(users), items: items && picked(items) };
  return { ...place, rows, positives: countPositives(place.labels, rows), units };
}

/** Rows without a value are separate units. @param codes [rows of the log], negative: without a value */
export function unitsByDay({ rows }: Periods, codes: Int32Array | null): UnitsByDay {
  let count = 0;
  for (const code of codes ?? []) count = Math.max(count, code + 1);
  const byDay = rows.map((numbers) =>
    numbers.map((row) => {
      const code = codes === null ? -1 : codes[row]!;
      return code < 0 ? count++ : code;
    }),
  );
  return { byDay, count };
}

/** The error of a metric on some rows, row by row; `null` if it is not defined. */
export function influenced(
  scores: DayScores,
  task: number,
  place: Pick<DayPlace, "rows" | "labels">,
  metric: DayMetric,
): Influenced | null {
  const values = scores?.[task];
  const { rows, labels } = place;
  if (values === undefined || rows.length === 0) return null;
  if (metric === "auc") return aucInfluence(values, labels, rows);
  const losses = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at++) losses[at] = pointLogLoss(values[rows[at]!]!, labels[rows[at]!]!);
  return meanInfluence(losses, rows);
}

export function dayEstimate({ value, influence }: Influenced, { units }: DayPlace): DayEstimate {
  return { units, value, influence };
}

/** The metric with its interval over the users of the day. */
export function dayInterval(estimate: Influenced | null, { users }: DayPlace): Interval {
  return influenceInterval(estimate, users);
}
