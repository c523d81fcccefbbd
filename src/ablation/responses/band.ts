import { chiSquareQuantile } from "../../metrics/distributions/index.js";
import { random } from "../../util/random.js";
import { sampleVariance } from "../../util/sums.js";
import { dot, type Place, type SmoothFit } from "./smooth.js";

/** The curve at a place: the metric minus the model's. */
export interface BandPoint {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface PlaceValues {
  /** [places][seeds] */
  readonly values: readonly (readonly number[])[];
  /** [draws][places][seeds] */
  readonly draws: readonly (readonly (readonly number[])[])[];
}

export interface FittedShape {
  readonly degree: number;
  readonly seeds: number;
  readonly flat: boolean;
  readonly bound: number;
}

export function fittedShape(
  { degree }: SmoothFit,
  values: PlaceValues["values"],
  band: readonly BandPoint[],
): FittedShape {
  return { degree, seeds: values[0]!.length, flat: isFlat(band), bound: boundIn(band) };
}

/** @param draws `[draws][places][seeds]` @param error probability that the band misses the curve anywhere */
export function bandOver(
  fit: SmoothFit,
  grid: readonly Place[],
  draws: PlaceValues["draws"],
  error: number,
): BandPoint[] {
  const rises = grid.map(fit.rise);
  const directions = rises.map(fit.direction);
  const critical = bandQuantile(directions, fit.df, error);
  const others = draws.length < 2 ? [] : draws.map(fit.refit);
  return rises.map((rise, at): BandPoint => {
    const middle = dot(rise, fit.coefficients);
    const rows = others.length === 0 ? 0 : Math.sqrt(sampleVariance(others.map((each) => dot(rise, each))));
    const half = critical * Math.hypot(...directions[at]!, rows);
    return { mean: middle, low: middle - half, high: middle + half };
  });
}

function isFlat(points: readonly BandPoint[]): boolean {
  return points.every(({ low, high }) => low <= 0 && high >= 0);
}

function boundIn(points: readonly BandPoint[]): number {
  return Math.max(...points.map(({ low, high }) => Math.max(-low, high)));
}

/** The place where the curve is best, and the places that may be the best: those whose band is not below another's. */
export function bestIn<Point extends BandPoint>(
  points: readonly Point[],
  higherIsBetter: boolean,
): { readonly best: Point; readonly able: readonly Point[] } {
  const up = higherIsBetter ? 1 : -1;
  const best = points.reduce((most, point) => (up * point.mean > up * most.mean ? point : most));
  const [inner, outer] = higherIsBetter ? (["low", "high"] as const) : (["high", "low"] as const);
  const limit = Math.max(...points.map((point) => up * point[inner]));
  return { best, able: points.filter((point) => up * point[outer] >= limit) };
}

const simulations = 4000;
/** By the curve's shape: all tasks and domains of a study share it. */
const quantiles = new Map<string, number>();

function bandQuantile(directions: readonly (readonly number[])[], df: number, error: number): number {
  const units = directions.flatMap((direction) => {
    const length = Math.hypot(...direction);
    return length === 0 ? [] : [direction.map((part) => part / length)];
  });
  if (units.length === 0) return 0;
  const key = JSON.stringify([units.map((unit) => unit.map((part) => Number(part.toFixed(6)))), df, error]);
  const quantile = quantiles.get(key) ?? simulatedQuantile(units, df, error);
  quantiles.set(key, quantile);
  return quantile;
}

function simulatedQuantile(units: readonly (readonly number[])[], df: number, error: number): number {
  const source = random(1).fork("response band");
  // Variances at evenly spaced probabilities have less noise than random ones.
  const scales = Float64Array.from({ length: 200 }, (_, at) => Math.sqrt(chiSquareQuantile((at + 0.5) / 200, df) / df));
  const largest = Float64Array.from({ length: simulations }, (_, at) => {
    const z = units[0]!.map(() => source.normal());
    let most = 0;
    for (const unit of units) most = Math.max(most, Math.abs(unit.reduce((sum, part, k) => sum + part * z[k]!, 0)));
    return most / scales[at % scales.length]!;
  }).sort();
  return largest[Math.min(simulations - 1, Math.ceil((1 - error) * simulations))]!;
}
