/** How a metric changes over a setting's values: differences from the model's value, and a line through the means. */
import { normalQuantile, studentQuantile } from "../../core/metrics/distributions.js";
import type { Ends } from "../../core/metrics/intervals/normal.js";
import { mean } from "../../core/util/numbers.js";
import { type BySeed, groupNoise, residualVariance } from "./statistics/group-noise.js";
import { intervalOf } from "./statistics/power.js";
import { differenceNoise } from "./statistics/verdict.js";

/** The metric at each trained value, with the same seeds at all of them. */
export interface LevelRuns {
  /** Ascending. */
  readonly levels: readonly number[];
  readonly modelValue: number;
  /** [levels][seeds] */
  readonly values: readonly (readonly number[])[];
  /** [draws][levels][seeds], on bootstrap draws of rows (or users). */
  readonly draws: readonly (readonly (readonly number[])[])[];
}

/** A trained value: its metric minus that of the model's value. All intervals of a response hold together. */
export interface ResponsePoint {
  readonly value: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Whether no other trained value is shown to be better. */
  readonly mayBeBest: boolean;
}

/** The slope of the straight line through the means of the trained values. */
export interface ResponseTrend {
  /** The change of the metric per doubling of the setting if all values are above 0, else per 1. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly byDoubling: boolean;
}

/** The best of the trained values. */
export interface BestLevel {
  readonly value: number;
  /** The smallest and the largest trained value that may be the best. */
  readonly low: number;
  readonly high: number;
  /** Whether it is the smallest or the largest trained value, so that values beyond it may be better. */
  readonly atEdge: boolean;
}

/** The results of the runs at a setting's values. */
export interface ResponseFit {
  readonly seeds: number;
  readonly points: readonly ResponsePoint[];
  /** Whether a value is shown to differ from the model's. */
  readonly varies: boolean;
  /** The largest difference from the model's value, in either direction, that the intervals allow. */
  readonly bound: number;
  readonly trend: ResponseTrend;
  /** `null` unless it varies. */
  readonly best: BestLevel | null;
}

/** How a task's metric changes with one setting, as differences from the model. */
export interface StudyResponse extends ResponseFit {
  readonly path: string;
  readonly modelValue: number;
  readonly tower: string;
  readonly domain: number | null;
  /** Settings over whose trained values the metric is averaged; empty if the others have the model's values. */
  readonly averaged: readonly string[];
}

export interface LevelDifference extends Ends {
  readonly mean: number;
}

/** The difference of the model's value from itself. */
export const noDifference: LevelDifference = { mean: 0, low: 0, high: 0 };

/** @param error probability that an interval or the trend misses, half each @param differences by level, if known */
export function fitResponse(
  runs: LevelRuns,
  error: number,
  higherIsBetter: boolean,
  differences: readonly LevelDifference[] = differencesOf(runs, error / 2),
): ResponseFit {
  const ends = runs.levels.map((value, level) => ({ value, ...differences[level]! }));
  const up = higherIsBetter ? 1 : -1;
  const [inner, outer] = higherIsBetter ? (["low", "high"] as const) : (["high", "low"] as const);
  const limit = Math.max(...ends.map((point) => up * point[inner]));
  const points = ends.map((point) => ({ ...point, mayBeBest: up * point[outer] >= limit }));
  const varies = points.some(({ low, high }) => low > 0 || high < 0);
  return {
    seeds: runs.values[0]!.length,
    points,
    varies,
    bound: Math.max(...points.map(({ low, high }) => Math.max(-low, high))),
    trend: trendOf(runs, error / 2),
    best: varies ? bestOf(points, up) : null,
  };
}

function bestOf(points: readonly ResponsePoint[], up: number): BestLevel {
  const able = points.filter(({ mayBeBest }) => mayBeBest);
  const { value } = able.reduce((most, point) => (up * point.mean > up * most.mean ? point : most));
  const atEdge = value === points[0]!.value || value === points.at(-1)!.value;
  return { value, low: able[0]!.value, high: able.at(-1)!.value, atEdge };
}

/** Differences from the model's value, with the intervals of a study's variants. */
function differencesOf({ levels, modelValue, values, draws }: LevelRuns, error: number): LevelDifference[] {
  const base = levels.indexOf(modelValue);
  const bySeed = (level: number): BySeed => new Map(values[level]!.map((value, seed) => [seed, value]));
  const others = levels.flatMap((_, level) => (level === base ? [] : [level]));
  const seeds = groupNoise({ model: bySeed(base), variants: others.map(bySeed) });
  const confidence = { level: 1 - error, comparisons: others.length, groups: 1 };
  return levels.map((value, level) => {
    if (value === modelValue) return noDifference;
    const paired = {
      values: values[level]!.map((value, seed) => value - values[base]![seed]!),
      draws: values[level]!.map((_, seed) => draws.map((draw) => draw[level]![seed]! - draw[base]![seed]!)),
    };
    const { mean: middle, rowsVariance } = differenceNoise(paired);
    return { mean: middle, ...intervalOf(middle, { seeds: seeds[others.indexOf(level)]!, rowsVariance }, confidence) };
  });
}

/** The noise is that of the slopes by seed, or that of single runs around the levels' means if it is larger. */
function trendOf({ levels, values, draws }: LevelRuns, error: number): ResponseTrend {
  const byDoubling = levels[0]! > 0;
  const places = levels.map((value) => (byDoubling ? Math.log2(value) : value));
  const centre = mean(places);
  const width = places.reduce((sum, place) => sum + (place - centre) ** 2, 0);
  const slopes = (table: readonly (readonly number[])[]): number[] =>
    table[0]!.map((_, seed) => places.reduce((sum, x, at) => sum + ((x - centre) / width) * table[at]![seed]!, 0));
  const slopesOfDraws = draws.map(slopes);
  const bySeed = slopes(values);
  const noise = differenceNoise({
    values: bySeed,
    draws: bySeed.map((_, seed) => slopesOfDraws.map((all) => all[seed]!)),
  });
  const between = { variance: noise.seedVariance!, df: bySeed.length - 1 };
  const single = residualVariance(values);
  const seeds = single.variance / width > between.variance ? { ...single, variance: single.variance / width } : between;
  const half = Math.hypot(
    studentQuantile(error, seeds.df) * Math.sqrt(seeds.variance / bySeed.length),
    normalQuantile(error) * Math.sqrt(noise.rowsVariance),
  );
  return { slope: noise.mean, low: noise.mean - half, high: noise.mean + half, byDoubling };
}
