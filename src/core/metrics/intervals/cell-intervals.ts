/** Bootstrap intervals of a cell's metrics, from draws that all cells share. */

import { mean } from "../../util/numbers.js";
import { random } from "../../util/random.js";
import type { Work } from "../../util/turns.js";
import type { MetricIntervals, MetricName } from "../types.js";
import { type Interval, quantile } from "./bootstrap.js";
import type { DrawnCell, DrawnName } from "./drawn-cell.js";
import { criticalZ, smallSampleWidening, twoSidedP } from "./normal.js";

export interface IntervalWidth {
  /** Share of draws inside the interval. */
  readonly level: number;
  /** The smallest of the numbers of positive rows, negative rows and users. A small number widens the interval. */
  readonly fewest: number;
}

/**
 * Percentile intervals around a cell's metrics. The calibration error is a sum of distances: noise alone makes it
 * positive, and drawing rows again adds the same amount once more. So the upper end is the upper percentile minus
 * that amount, and the lower end is the upper percentile reflected at the value. The interval begins at 0 if the
 * value is within the noise of its bins.
 * @param values the metrics on the cell's original rows
 */
export function cellIntervals(
  values: Readonly<Partial<Record<MetricName, number | null>>>,
  draws: CellDraws,
  width: IntervalWidth,
): MetricIntervals {
  const intervals: Partial<Record<MetricName, Interval>> = {};
  for (const [name, metricDraws] of draws) {
    if (name === "calibrationNoise") continue;
    const interval = drawnInterval(values[name] ?? null, metricDraws, width);
    intervals[name] = name === "expectedCalibrationError" ? calibrationErrorInterval(interval, draws, width) : interval;
  }
  return intervals;
}

/** Above this number, Student's t equals the normal distribution for all levels that are used. */
const manyUnits = 200;

/** A percentile interval; without ends if the value, or more than half of the draws, are not defined. */
export function drawnInterval(value: number | null, draws: Float64Array, width: IntervalWidth): Interval {
  const sorted = draws.filter(Number.isFinite).sort();
  const isDefined = value !== null && Number.isFinite(value) && sorted.length > 0 && 2 * sorted.length >= draws.length;
  if (!isDefined) return { value, low: null, high: null };
  const tail = tailShare(width);
  const ends = { value, low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
  return width.fewest < manyUnits ? { ...ends, df: width.fewest - 1 } : ends;
}

/** The share of draws below the interval, equal to the share above it. */
function tailShare({ level, fewest }: IntervalWidth): number {
  return twoSidedP(criticalZ(level) * smallSampleWidening(fewest, level)) / 2;
}

function calibrationErrorInterval(interval: Interval, draws: CellDraws, width: IntervalWidth): Interval {
  const { value, high } = interval;
  if (value === null || high === null) return interval;
  const isNoise = value <= quantile(finiteSorted(draws, "calibrationNoise"), 1 - tailShare(width));
  const addition = mean(finiteSorted(draws, "expectedCalibrationError")) - value;
  return { value, low: isNoise ? 0 : Math.max(0, 2 * value - high), high: Math.max(value, high - addition) };
}

function finiteSorted(draws: CellDraws, name: DrawnName): Float64Array {
  return draws.get(name)!.filter(Number.isFinite).sort();
}

/** The metrics of a cell, [draws] each; NaN if a draw does not define one. */
export type CellDraws = ReadonlyMap<DrawnName, Float64Array>;

export interface DrawOptions {
  /** Number of drawn rows or users. */
  readonly units: number;
  readonly draws: number;
  readonly seed: number;
}

/** Computes the metrics of every cell on the same draws. Yields between them. */
export function* drawCells(cells: readonly DrawnCell[], { units, draws, seed }: DrawOptions): Work<CellDraws[]> {
  const cellDraws = cells.map(({ names }) => new Map(names.map((name) => [name, new Float64Array(draws)])));
  const values = new Float64Array(Math.max(0, ...cells.map(({ names }) => names.length)));
  const weights = new Uint8Array(units);
  const source = random(seed).fork("bootstrap");
  for (let draw = 0; draw < draws; draw++) {
    // Poisson bootstrap: each unit is drawn a Poisson(1) number of times, independently of the others. That the number
    // of units varies does not affect a ratio (Chamandy et al. 2012, Estimating Uncertainty for Massive Data Streams).
    for (let unit = 0; unit < weights.length; unit += 2) {
      const bits = source.uniform() * 2 ** 32;
      weights[unit] = poisson[bits & 0xffff]!;
      weights[unit + 1] = poisson[bits >>> 16]!;
    }
    for (const [at, cell] of cells.entries()) {
      cell.measure(weights, values);
      cell.names.forEach((name, place) => {
        (cellDraws[at]?.get(name) as Float64Array)[draw] = values[place]!;
      });
    }
    yield;
  }
  return cellDraws;
}

/** Poisson quantiles of the middles of 65,536 equal parts of [0, 1]. */
const poisson = poissonQuantiles(1 << 16);

function poissonQuantiles(parts: number): Uint8Array {
  let count = 0;
  let chance = Math.exp(-1);
  let upTo = chance;
  const quantiles = new Uint8Array(parts);
  for (let part = 0; part < parts; part++) {
    while ((part + 0.5) / parts > upTo) {
      chance /= ++count;
      upTo += chance;
    }
    quantiles[part] = count;
  }
  return quantiles;
}
