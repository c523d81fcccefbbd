import { chiSquareQuantile } from "../metrics/distributions.js";
import { random } from "../util/random.js";
import { mean, sampleVariance } from "../util/turns.js";
import { degreeFor, dot, fitSmooth, type Place, type SmoothFit } from "./smooth.js";

/** The curve at a place: the metric minus the model's. */
export interface BandPoint {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Values at places: one per seed. */
export interface PlaceValues {
  /** [places][seeds] */
  readonly values: readonly (readonly number[])[];
  /** [draws][places][seeds] */
  readonly draws: readonly (readonly (readonly number[])[])[];
}

/** What a fitted curve and a fitted surface share. */
export interface FittedShape {
  readonly degree: number;
  readonly seeds: number;
  readonly flat: boolean;
  readonly bound: number;
}

/** @param draws `[draws][places][seeds]` @param error probability that the band misses the curve anywhere */
function bandOver(fit: SmoothFit, grid: readonly Place[], draws: PlaceValues["draws"], error: number): BandPoint[] {
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

interface ShapeRuns extends PlaceValues {
  /** [places][settings] */
  readonly places: readonly Place[];
  readonly modelPlace: Place;
}

interface Shape {
  readonly fitted: FittedShape;
  /** By place of the grid, the last setting fastest. */
  readonly points: readonly (BandPoint & { readonly values: Place })[];
  /** By place of the runs: their mean less the model's. */
  readonly trained: readonly number[];
  readonly log: readonly boolean[];
}

/**
 * A curve or surface with its band; `null` if the places do not determine it.
 * @param size values of each setting @param error probability that the band misses it anywhere
 */
export function fitShape(runs: ShapeRuns, size: number, error: number): Shape | null {
  const { places, modelPlace, values } = runs;
  const levels = modelPlace.map((_, axis) => places.map((place) => place[axis]!));
  const axes = levels.map(axisScale);
  const scaled = (place: Place): number[] => place.map((value, axis) => axes[axis]!.scaled(value));
  const fitted = (degree: number) => fitSmooth(places.map(scaled), values, scaled(modelPlace), degree);
  const fewest = Math.min(...levels.map((each) => new Set(each).size));
  const fit = fitted(degreeFor(fewest)) ?? (axes.length > 1 ? fitted(2) : null);
  if (fit === null) return null;
  let grid: number[][] = [[]];
  for (const axis of axes) grid = grid.flatMap((place) => axis.grid(size).map((value) => [...place, value]));
  const band = bandOver(fit, grid, runs.draws, error);
  const base = mean(values[places.findIndex((place) => place.every((value, axis) => value === modelPlace[axis]))]!);
  return {
    fitted: {
      degree: fit.degree,
      seeds: values[0]!.length,
      flat: band.every(({ low, high }) => low <= 0 && high >= 0),
      bound: Math.max(...band.map(({ low, high }) => Math.max(-low, high))),
    },
    points: band.map((point, at) => ({
      values: grid[at]!.map((value, axis) => axes[axis]!.unscaled(value)),
      ...point,
    })),
    trained: values.map((bySeed) => mean(bySeed) - base),
    log: axes.map(({ log }) => log),
  };
}

export interface ResponsePoint extends BandPoint {
  readonly value: number;
}

/** The runs of one value of a setting. */
export interface TrainedLevel {
  readonly value: number;
  readonly mean: number;
}

/** The best value of a setting within the trained range. */
export interface BestLevel {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A response curve with its band. */
export interface ResponseFit extends FittedShape {
  readonly points: readonly ResponsePoint[];
  readonly trained: readonly TrainedLevel[];
  readonly log: boolean;
  /** Where the curve is best; `null` if it is flat: any value may be the best. */
  readonly best: BestLevel | null;
}

/** How a task's metric changes with one setting, as differences from the model. */
export interface StudyResponse extends ResponseFit {
  readonly path: string;
  readonly modelValue: number;
  readonly tower: string;
  readonly domain: number | null;
}

/** Fits the curve; `null` if its values do not determine it. @param error probability that the band misses it anywhere */
export function fitResponse(
  { levels, modelValue, ...runs }: PlaceValues & { readonly levels: readonly number[]; readonly modelValue: number },
  error: number,
  higherIsBetter: boolean,
): ResponseFit | null {
  const shape = fitShape({ places: levels.map((level) => [level]), modelPlace: [modelValue], ...runs }, 41, error);
  if (shape === null) return null;
  const points = shape.points.map(({ values, ...point }): ResponsePoint => ({ value: values[0]!, ...point }));
  const { best, able } = bestIn(points, higherIsBetter);
  return {
    ...shape.fitted,
    points,
    trained: levels.map((value, at) => ({ value, mean: shape.trained[at]! })),
    log: shape.log[0]!,
    best: shape.fitted.flat ? null : { value: best.value, low: able[0]!.value, high: able.at(-1)!.value },
  };
}

interface AxisScale {
  readonly log: boolean;
  scaled(value: number): number;
  unscaled(place: number): number;
  grid(size: number): number[];
}

function axisScale(values: readonly number[]): AxisScale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const log = low > 0;
  const [scaled, unscaled] = log ? [Math.log, Math.exp] : [(value: number) => value, (place: number) => place];
  const [from, to] = [scaled(low), scaled(high)];
  return {
    log,
    scaled,
    unscaled,
    grid: (size) => Array.from({ length: size }, (_, at) => from + ((to - from) * at) / (size - 1)),
  };
}
