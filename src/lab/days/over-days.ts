/** Means over days with their noise: of users, who return on several days, and of days, which differ. */

import { studentQuantile } from "../../core/metrics/distributions.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";

/** An estimate on the rows of one day, with each user's share in its error (the infinitesimal jackknife). */
export interface DayEstimate {
  readonly day: number;
  readonly value: number;
  /** The users of the day, numbers that are the same on all days. */
  readonly users: Int32Array;
  /** By user of the day: the sum of the influence of the user's rows. */
  readonly sums: Float64Array;
}

/** With fewer days, how much days differ is a guess. */
export const fewestDays = 3;

/** `a − b` of one day, whose users are the same. */
export function dayDifference(a: DayEstimate, b: DayEstimate): DayEstimate {
  return { ...a, value: a.value - b.value, sums: a.sums.map((sum, user) => sum - b.sums[user]!) };
}

/**
 * Means of several series of days, and the covariance of their errors over other users and other days (two-way
 * clustered; Cameron, Gelbach and Miller 2011).
 */
export class DayMeans {
  readonly means: readonly number[];
  readonly counts: readonly number[];
  readonly #users: Float64Array;
  readonly #days: Float64Array;
  readonly #both: Float64Array;

  constructor(series: readonly (readonly DayEstimate[])[]) {
    const size = series.length;
    this.counts = series.map((each) => each.length);
    this.means = series.map((each) => each.reduce((sum, { value }) => sum + value, 0) / each.length);
    const byUser = new Map<number, Float64Array>();
    const byDay = new Map<number, { readonly errors: Float64Array; readonly users: Map<number, Float64Array> }>();
    for (const [at, estimates] of series.entries()) {
      for (const { day, value, users, sums } of estimates) {
        const ofDay = byDay.get(day) ?? { errors: new Float64Array(size), users: new Map() };
        byDay.set(day, ofDay);
        ofDay.errors[at] = (value - this.means[at]!) / estimates.length;
        for (let user = 0; user < users.length; user++) {
          if (sums[user] === 0) continue;
          const part = sums[user]! / estimates.length;
          add(byUser, users[user]!, size, at, part);
          add(ofDay.users, users[user]!, size, at, part);
        }
      }
    }
    const scale = byDay.size > 1 ? byDay.size / (byDay.size - 1) : Number.NaN;
    this.#users = products(byUser.values(), size);
    this.#days = products(
      [...byDay.values()].map(({ errors }) => errors),
      size,
    ).map((each) => each * scale);
    this.#both = products(
      [...byDay.values()].flatMap(({ users }) => [...users.values()]),
      size,
    );
  }

  /** The weighted sum of the means, with its variance. */
  contrast(weights: readonly number[]): { readonly value: number; readonly variance: number } {
    const value = weights.reduce((sum, weight, at) => sum + (weight === 0 ? 0 : weight * this.means[at]!), 0);
    const [users, days, both] = [this.#users, this.#days, this.#both].map((all) => quadratic(all, weights)) as [
      number,
      number,
      number,
    ];
    return { value, variance: Math.max(users + Math.max(0, days - both), days) };
  }
}

function add(all: Map<number, Float64Array>, key: number, size: number, at: number, part: number): void {
  let sums = all.get(key);
  if (sums === undefined) {
    sums = new Float64Array(size);
    all.set(key, sums);
  }
  sums[at]! += part;
}

/** [size, size]: Σ v vᵀ */
function products(vectors: Iterable<Float64Array>, size: number): Float64Array {
  const sums = new Float64Array(size * size);
  for (const vector of vectors) {
    for (let i = 0; i < size; i++) {
      if (vector[i] === 0) continue;
      for (let j = 0; j < size; j++) sums[i * size + j]! += vector[i]! * vector[j]!;
    }
  }
  return sums;
}

function quadratic(matrix: Float64Array, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    for (let j = 0; j < weights.length; j++) {
      if (weights[j] !== 0) sum += weights[i]! * weights[j]! * matrix[i * weights.length + j]!;
    }
  }
  return sum;
}

/** The mean over days; without ends where days are fewer than {@link fewestDays}. @param tests that hold together */
export function meanOverDays(estimates: readonly DayEstimate[], tests = 1, level = 0.95): Interval {
  if (estimates.length === 0) return { value: null, low: null, high: null };
  const means = new DayMeans([estimates]);
  const { value, variance } = means.contrast([1]);
  if (estimates.length < fewestDays) return { value, low: null, high: null };
  const reach = studentQuantile((1 - level) / tests, estimates.length - 1) * Math.sqrt(variance);
  return { value, low: value - reach, high: value + reach };
}
