/** The loss of a model with each day that it is not retrained: models of equally many days, on the same rows. */
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { halfLife } from "./half-life.js";
import { type DayEstimate, DayMeans, dayDifference, fewestDays, meanOverDays } from "./over-days.js";

/** The loss of a metric at an age: positive if the older model is worse. */
export interface AgeLoss extends Interval {
  /** In periods; a model of age 0 was trained up to the period before. */
  readonly age: number;
  /** The number of periods in which it was measured. */
  readonly days: number;
}

/** Losses by age, and the half-life of AUC in periods. */
export interface CellAgeing {
  readonly losses: readonly AgeLoss[];
  /** `null` values: not defined, or losses are not beyond noise. */
  readonly halfLife: Interval;
}

/** Estimates of a cell by period. */
export type ByDay = ReadonlyMap<number, DayEstimate>;

/**
 * @param fresh estimates of models of age 0
 * @param aged by age, from 1
 * @param sign 1 if larger is better, else −1
 * @param tests cells whose intervals hold together
 */
export function cellAgeing(fresh: ByDay, aged: readonly ByDay[], sign: 1 | -1, tests: number): CellAgeing {
  const differences = aged.map((older) => pairedDays(fresh, older, sign));
  const losses = differences.map((each, at): AgeLoss => {
    return { age: at + 1, days: each.length, ...meanOverDays(each, tests) };
  });
  const oldest = losses.at(-1);
  const isMeasured = differences.every(({ length }) => length >= fewestDays);
  if (sign < 0 || oldest === undefined || (oldest.low ?? 0) <= 0 || !isMeasured)
    return { losses, halfLife: { value: null, low: null, high: null } };
  const beyondChance = [...fresh.values()].map((estimate) => ({ ...estimate, value: estimate.value - 0.5 }));
  return { losses, halfLife: halfLife(new DayMeans([...differences, beyondChance])) };
}

/** `first − second` times the sign, on the days that both have. */
export function pairedDays(first: ByDay, second: ByDay, sign: 1 | -1): DayEstimate[] {
  return [...first].flatMap(([day, estimate]) => {
    const other = second.get(day);
    if (other === undefined) return [];
    return [sign > 0 ? dayDifference(estimate, other) : dayDifference(other, estimate)];
  });
}
