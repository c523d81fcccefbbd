/** Means over days with their noise: of users and items, who return on several days, and of days, which differ. */
import { studentQuantile } from "../../core/metrics/distributions.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { getOrMake } from "../../core/util/growing.js";
import { dot } from "../../core/util/numbers.js";

/** Users or items of rows. */
export interface RowUnits {
  /** [rows]: 0 … count − 1, the same numbers on all days. */
  readonly of: Int32Array;
  readonly count: number;
}

/** The users and items in the rows of a day. */
export interface DayUnits {
  readonly day: number;
  readonly users: RowUnits;
  /** `null`: no column has the role of the item. */
  readonly items: RowUnits | null;
}

/** An estimate on the rows of one day, with each row's share in its error (the infinitesimal jackknife). */
export interface DayEstimate {
  readonly units: DayUnits;
  readonly value: number;
  /** [rows] */
  readonly influence: Float64Array;
}

/** With fewer days, the variation between days is a guess. */
export const fewestDays = 3;

/** `a − b`, on the same rows of one day. */
export function dayDifference(a: DayEstimate, b: DayEstimate): DayEstimate {
  return { ...a, value: a.value - b.value, influence: a.influence.map((part, row) => part - b.influence[row]!) };
}

/**
 * Means of several series of days, and the covariance of their errors over other users, other items and other days
 * (clustered several ways; Cameron, Gelbach and Miller 2011). Items carry the noise of what models learned about them,
 * and of their drift, from day to day.
 */
export class DayMeans {
  readonly means: readonly number[];
  readonly counts: readonly number[];
  readonly #noise: {
    readonly users: UnitNoise;
    /** `null`: no column has the role of the item. */
    readonly items: UnitNoise | null;
    readonly days: UnitNoise;
    /** [size, size] */
    readonly rows: Float64Array;
    readonly usersByDay: Float64Array;
  };

  constructor(series: readonly (readonly DayEstimate[])[]) {
    const size = series.length;
    this.counts = series.map(({ length }) => length);
    this.means = series.map((each) => each.reduce((sum, { value }) => sum + value, 0) / each.length);
    const parts = dayParts(series);
    const [first] = series.find((each) => each.length > 0) ?? [];
    const byUser = new Clusters(size, first?.units.users.count ?? 0);
    const byUserOfDay = new Clusters(size, first?.units.users.count ?? 0);
    const byItem = first?.units.items == null ? null : new Clusters(size, first.units.items.count);
    const [rows, usersByDay] = [new Float64Array(size * size), new Float64Array(size * size)];
    const errors: Float64Array[] = [];
    for (const part of parts.values()) {
      const { users, items } = part[0]!.estimate.units;
      const error = new Float64Array(size);
      for (const { at, estimate } of part) error[at] = (estimate.value - this.means[at]!) / this.counts[at]!;
      errors.push(error);
      for (const { at, estimate } of part) {
        byUserOfDay.add(users.of, at, estimate.influence, 1 / this.counts[at]!);
        byItem?.add(items!.of, at, estimate.influence, 1 / this.counts[at]!);
        for (const other of part) {
          const product = dot(estimate.influence, other.estimate.influence);
          rows[at * size + other.at]! += product / this.counts[at]! / this.counts[other.at]!;
        }
      }
      byUserOfDay.moveTo(usersByDay, byUser);
    }
    const days = new Float64Array(size * size);
    for (const error of errors) addProduct(days, error);
    const scale = parts.size > 1 ? parts.size / (parts.size - 1) : Number.NaN;
    this.#noise = {
      users: byUser.noise(),
      items: byItem?.noise() ?? null,
      days: { matrix: days.map((each) => each * scale), units: parts.size },
      rows,
      usersByDay,
    };
  }

  /** The weighted sum of the means. */
  contrast(weights: readonly number[]): DayContrast {
    const value = weights.reduce((sum, weight, at) => sum + (weight === 0 ? 0 : weight * this.means[at]!), 0);
    const of = (matrix: Float64Array): number => quadratic(matrix, weights);
    const { users, rows, items, days, usersByDay } = this.#noise;
    const parts = [
      { variance: Math.max(of(users.matrix), of(rows)), df: users.units - 1 },
      { variance: items === null ? 0 : Math.max(0, of(items.matrix) - of(rows)), df: (items?.units ?? 2) - 1 },
      { variance: Math.max(0, of(days.matrix) - of(usersByDay)), df: days.units - 1 },
    ];
    const variance = parts.reduce((sum, part) => sum + part.variance, 0);
    const squares = parts.reduce((sum, part) => sum + part.variance ** 2 / Math.max(1, part.df), 0);
    return { value, variance, df: squares > 0 ? Math.max(1, variance ** 2 / squares) : Number.POSITIVE_INFINITY };
  }
}

/** A weighted sum of means, its variance, and the degrees of freedom of that (Satterthwaite 1946). */
export interface DayContrast {
  readonly value: number;
  readonly variance: number;
  readonly df: number;
}

/** The sums of squares of units' shares, [size, size], and their number. */
interface UnitNoise {
  readonly matrix: Float64Array;
  readonly units: number;
}

interface SeriesPart {
  /** The place of the series. */
  readonly at: number;
  readonly estimate: DayEstimate;
}

function dayParts(series: readonly (readonly DayEstimate[])[]): Map<number, SeriesPart[]> {
  const parts = new Map<number, SeriesPart[]>();
  for (const [at, estimates] of series.entries()) {
    for (const estimate of estimates) {
      const { day } = estimate.units;
      getOrMake(parts, day, () => [] as SeriesPart[]).push({ at, estimate });
    }
  }
  return parts;
}

/** Sums of vectors by unit. */
class Clusters {
  /** [units, size] */
  readonly #sums: Float64Array;
  readonly #isTouched: Uint8Array;
  #touched: number[] = [];

  constructor(
    private readonly size: number,
    units: number,
  ) {
    this.#sums = new Float64Array(units * size);
    this.#isTouched = new Uint8Array(units);
  }

  /** Adds `scale` times the values of rows to one place of their units' vectors. */
  add(units: Int32Array, place: number, values: Float64Array, scale: number): void {
    for (let row = 0; row < units.length; row++) {
      const unit = units[row]!;
      this.#touch(unit);
      this.#sums[unit * this.size + place]! += values[row]! * scale;
    }
  }

  /** Σ v vᵀ, and the number of units. */
  noise(): UnitNoise {
    const units = this.#touched.length;
    const matrix = new Float64Array(this.size * this.size);
    this.moveTo(matrix);
    return { matrix, units };
  }

  /** Adds Σ v vᵀ to the matrix and each v to `all`, and starts again. */
  moveTo(matrix: Float64Array, all?: Clusters): void {
    for (const unit of this.#touched) {
      const from = unit * this.size;
      addProduct(matrix, this.#sums, from);
      if (all !== undefined) {
        all.#touch(unit);
        for (let at = from; at < from + this.size; at++) all.#sums[at]! += this.#sums[at]!;
      }
      this.#sums.fill(0, from, from + this.size);
      this.#isTouched[unit] = 0;
    }
    this.#touched = [];
  }

  #touch(unit: number): void {
    if (this.#isTouched[unit] === 1) return;
    this.#isTouched[unit] = 1;
    this.#touched.push(unit);
  }
}

/** Adds v vᵀ to a square matrix, of the vector that begins at `from`. */
function addProduct(matrix: Float64Array, vectors: Float64Array, from = 0): void {
  const size = Math.sqrt(matrix.length);
  for (let i = 0; i < size; i++) {
    const value = vectors[from + i]!;
    if (value === 0) continue;
    for (let j = 0; j < size; j++) matrix[i * size + j]! += value * vectors[from + j]!;
  }
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

/** The mean over days; without ends if there are fewer days than {@link fewestDays}. @param tests that hold together */
export function meanOverDays(estimates: readonly DayEstimate[], tests = 1, level = 0.95): Interval {
  if (estimates.length === 0) return { value: null, low: null, high: null };
  const { value, variance, df } = new DayMeans([estimates]).contrast([1]);
  if (estimates.length < fewestDays) return { value, low: null, high: null };
  const reach = studentQuantile((1 - level) / tests, df) * Math.sqrt(variance);
  return { value, low: value - reach, high: value + reach };
}
