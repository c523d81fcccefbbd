/** A response curve: how a metric changes with one setting, with a band that holds everywhere at once. */
import { random } from "../../util/random.js";
import { mean, sampleVariance } from "../../util/sums.js";
import { chiSquareQuantile } from "../statistics/distributions.js";
import { fitSmooth, type SmoothFit } from "./smooth.js";

/** A place on a response curve; differences are from the model's value of the setting. */
export interface ResponsePoint {
  /** The setting's value. */
  readonly value: number;
  /** The curve there: the metric minus the model's. */
  readonly mean: number;
  /** Lower end of the simultaneous band. */
  readonly low: number;
  /** Upper end of the simultaneous band. */
  readonly high: number;
}

/** What the runs of one value of a setting measured. */
export interface TrainedLevel {
  /** The setting's value. */
  readonly value: number;
  /** Mean of the metric over the seeds, minus the model's. */
  readonly mean: number;
}

/** The best value of a setting within the trained range. */
export interface BestLevel {
  /** Where the curve is best. */
  readonly value: number;
  /** The lowest value that may be the best. */
  readonly low: number;
  /** The highest value that may be the best. */
  readonly high: number;
}

/** The runs of an axis: a metric by level and seed, and the same on bootstrap draws of the evaluation rows. */
export interface ResponseRuns {
  /** Ascending. */
  readonly levels: readonly number[];
  readonly modelValue: number;
  /** [levels][seeds] */
  readonly values: readonly (readonly number[])[];
  /** [draws][levels][seeds] */
  readonly draws: readonly (readonly (readonly number[])[])[];
}

/** A fitted response. */
export interface ResponseFit {
  /** The curve and its band, in the order of values. */
  readonly points: readonly ResponsePoint[];
  /** Ascending. */
  readonly trained: readonly TrainedLevel[];
  /** Whether the curve is over the logarithm of the setting. */
  readonly log: boolean;
  /** Degree of the polynomial. */
  readonly degree: number;
  /** Number of seeds. */
  readonly seeds: number;
  /** Where the curve is best. */
  readonly best: BestLevel;
  /** Whether the band contains 0 everywhere: no value is shown to differ from the model's. */
  readonly flat: boolean;
  /** No value in the range differs from the model's by more than this. */
  readonly bound: number;
}

/** How a task's metric changes with one setting, as differences from the model. */
export interface StudyResponse extends ResponseFit {
  /** The setting, such as `epnet.gamma`. */
  readonly path: string;
  /** Its value in the model. */
  readonly modelValue: number;
  /** The task's tower. */
  readonly tower: string;
  /** Index of the domain; `null`: all rows. */
  readonly domain: number | null;
}

const gridSize = 41;

/** Fits the curve. @param error probability that the band misses the curve anywhere */
export function fitResponse(runs: ResponseRuns, error: number, higherIsBetter: boolean): ResponseFit {
  const { levels, modelValue, values } = runs;
  const log = levels[0]! > 0;
  const [scaled, unscaled] = log ? [Math.log, Math.exp] : [(x: number) => x, (x: number) => x];
  const fit = fitSmooth(levels.map(scaled), values, scaled(modelValue));
  const [from, to] = [scaled(levels[0]!), scaled(levels.at(-1)!)];
  const grid = Array.from({ length: gridSize }, (_, at) => from + ((to - from) * at) / (gridSize - 1));
  const critical = bandQuantile(grid.map(fit.direction), fit.df, error);
  const rows = rowsDeviation(fit, runs.draws, grid);
  const points = grid.map((x, at): ResponsePoint => {
    const { mean: rise, deviation } = fit.at(x);
    const half = critical * Math.hypot(deviation, rows[at]!);
    return { value: unscaled(x), mean: rise, low: rise - half, high: rise + half };
  });
  const base = mean(values[levels.indexOf(modelValue)]!);
  return {
    points,
    trained: levels.map((value, at) => ({ value, mean: mean(values[at]!) - base })),
    log,
    degree: fit.degree,
    seeds: values[0]!.length,
    best: bestOf(points, higherIsBetter),
    flat: points.every(({ low, high }) => low <= 0 && high >= 0),
    bound: Math.max(...points.map(({ low, high }) => Math.max(-low, high))),
  };
}

/** A value may be the best unless its band is below another's. */
function bestOf(points: readonly ResponsePoint[], higherIsBetter: boolean): ResponseFit["best"] {
  const up = higherIsBetter ? 1 : -1;
  const best = points.reduce((most, point) => (up * point.mean > up * most.mean ? point : most));
  const [inner, outer] = higherIsBetter ? (["low", "high"] as const) : (["high", "low"] as const);
  const limit = Math.max(...points.map((point) => up * point[inner]));
  const able = points.filter((point) => up * point[outer] >= limit);
  return { value: best.value, low: able[0]!.value, high: able.at(-1)!.value };
}

const simulations = 4000;
/** By the curve's shape: all tasks and domains of a study share it. */
const quantiles = new Map<string, number>();

/** The quantile of the largest |t| along the curve, by seeded simulation. */
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

/** How far other evaluation rows would move the curve, by place. */
function rowsDeviation(fit: SmoothFit, draws: ResponseRuns["draws"], grid: readonly number[]): number[] {
  if (draws.length < 2) return grid.map(() => 0);
  const curves = draws.map((values) => fit.refit(values));
  return grid.map((x) => Math.sqrt(sampleVariance(curves.map((curve) => curve(x)))));
}
