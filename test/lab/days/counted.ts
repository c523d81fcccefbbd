/** Day-by-day models that only count, in place of trainings, so that hundreds of logs take seconds. */

import { everyRow } from "../../../src/core/util/numbers.js";
import { type DriftingOptions, driftingLog } from "../../../src/index.js";
import type { ByDay } from "../../../src/lab/days/ageing.js";
import { type DayPlace, dayEstimate, influenced } from "../../../src/lab/days/cells.js";
import type { DayMetric } from "../../../src/lab/days/facts.js";
import type { DayEstimate } from "../../../src/lab/days/over-days.js";

export interface CountedDays {
  readonly fresh: ByDay;
  /** By age, from 1. */
  readonly aged: readonly ByDay[];
}

/** The models of a day are the click rates by scene and item of the `window` days before; ages up to `ages`. */
export async function countedDays(
  options: DriftingOptions & { readonly rowsPerDay: number },
  { start, window, ages }: { readonly start: number; readonly window: number; readonly ages: number },
  metric: DayMetric = "auc",
): Promise<CountedDays> {
  const { days, rowsPerDay, items = 60 } = options;
  const { table } = driftingLog(options);
  const columns = await table.read(table.names);
  const column = (name: string): Int32Array => {
    return Int32Array.from((columns.get(name) as { readonly values: ArrayLike<number> }).values);
  };
  const [users, item, scene, clicks] = ["user_id", "item_id", "scene", "clk"].map(column) as Int32Array[];
  const keys = item!.map((each, row) => scene![row]! * items + each);
  const scoresOf = (model: number, day: number): Float32Array => {
    const sums = new Map<number, [clicks: number, rows: number]>();
    for (let row = (model - window) * rowsPerDay; row < model * rowsPerDay; row++) {
      const of = sums.get(keys[row]!) ?? [0, 0];
      sums.set(keys[row]!, [of[0] + clicks![row]!, of[1] + 1]);
    }
    return Float32Array.from({ length: rowsPerDay }, (_, at) => {
      const [positives, rows] = sums.get(keys[day * rowsPerDay + at]!) ?? [0, 0];
      return (positives + 3) / (rows + 10);
    });
  };
  const placeOf = (day: number): DayPlace => {
    const part = (all: Int32Array): Int32Array => all.slice(day * rowsPerDay, (day + 1) * rowsPerDay);
    const labels = Float32Array.from(part(clicks!));
    const { users: userCount = 500 } = options;
    const units = {
      day,
      users: { of: part(users!), count: userCount },
      items: { of: part(item!), count: items },
    };
    const positives = labels.reduce((sum, label) => sum + label, 0);
    return { rows: everyRow(rowsPerDay), positives, labels, users: units.users.of, units };
  };
  const estimates = (age: number): ByDay => {
    const all = new Map<number, DayEstimate>();
    for (let day = start + age; day < days; day++) {
      const place = placeOf(day);
      const estimate = influenced([scoresOf(day - age, day)], 0, place, metric);
      if (estimate !== null) all.set(day, dayEstimate(estimate, place));
    }
    return all;
  };
  return { fresh: estimates(0), aged: Array.from({ length: ages }, (_, at) => estimates(at + 1)) };
}
