/** A group is the comparisons of all variants with one model on the same rows: one per task, or task and domain. */

import { chiSquarePoints, normalCdf, studentQuantile } from "../../metrics/distributions.js";
import { mean, sampleVariance } from "../../util/turns.js";

export interface SharedNoise {
  /** Of the correlation; from 0 to 0.7. */
  readonly correlation: number;
  /** Of its square, without what chance adds; at least 1/4, the value for equally noisy models. */
  readonly squared: number;
}

const least = 0.25;
const most = 0.7;

/** @param differences by comparison: the difference by seed */
function sharedNoise(differences: readonly ReadonlyMap<number, number>[]): SharedNoise {
  const values: number[] = [];
  const squares: number[] = [];
  for (const [at, first] of differences.entries()) {
    for (const second of differences.slice(0, at)) {
      const seeds = [...first.keys()].filter((seed) => second.has(seed));
      if (seeds.length < 3) continue;
      const value = pearson(
        seeds.map((seed) => first.get(seed)!),
        seeds.map((seed) => second.get(seed)!),
      );
      const chance = 1 / (seeds.length - 1);
      values.push(value);
      squares.push((value ** 2 - chance) / (1 - chance));
    }
  }
  if (values.length === 0) return { correlation: 0, squared: least };
  return {
    correlation: Math.min(most, Math.max(0, mean(values))),
    squared: Math.min(1, Math.max(least, mean(squares))),
  };
}

function pearson(a: readonly number[], b: readonly number[]): number {
  const [centreA, centreB] = [mean(a), mean(b)];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (const [at, value] of a.entries()) {
    const [x, y] = [value - centreA, b[at]! - centreB];
    both += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  const scale = Math.sqrt(squaresA * squaresB);
  return scale === 0 ? 0 : both / scale;
}

export interface SampleVariance {
  readonly variance: number;
  readonly df: number;
}

/** What the group says about a variance before its own runs are seen: `variance`, worth `df` degrees of freedom. */
export type VariancePrior = SampleVariance;

const none: VariancePrior = { variance: 0, df: 0 };

/** Fits the prior by the first two moments of the logarithms; infinite `df`: the variances differ only by chance. */
function fitPrior(samples: readonly SampleVariance[]): VariancePrior {
  const usable = samples.filter(({ variance, df }) => variance > 0 && df > 0);
  if (usable.length < 2) return none;
  const logs = usable.map(({ variance, df }) => Math.log(variance) - digamma(df / 2) + Math.log(df / 2));
  const centre = mean(logs);
  const spread = logs.reduce((sum, log) => sum + (log - centre) ** 2, 0) / (logs.length - 1);
  const excess = spread - mean(usable.map(({ df }) => trigamma(df / 2)));
  if (excess <= 0) {
    const weight = usable.reduce((sum, { df }) => sum + df, 0);
    const pooled = usable.reduce((sum, { variance, df }) => sum + variance * df, 0) / weight;
    return { variance: pooled, df: Number.POSITIVE_INFINITY };
  }
  const df = 2 * trigammaInverse(excess);
  return { variance: Math.exp(centre + digamma(df / 2) - Math.log(df / 2)), df };
}

/** The variance of one comparison given its runs and the group. @param most total degrees of freedom at most */
export function moderated(sample: SampleVariance, prior: VariancePrior, most: number): SampleVariance {
  const priorDf = Math.max(0, Math.min(prior.df, most - sample.df));
  const df = priorDf + sample.df;
  return { variance: (priorDf * prior.variance + sample.df * sample.variance) / df, df };
}

/**
 * The quantile of the largest |t| of several comparisons with one model (Dunnett, 1955). The comparisons share the
 * model's runs, so they err together, and the quantile is below Bonferroni's. By numeric integration over the shared
 * part and over the variance.
 */

export interface Simultaneous {
  readonly error: number;
  readonly comparisons: number;
  readonly df: number;
  readonly correlation: number;
}

const quantiles = new Map<string, number>();

/** The critical value. Degrees of freedom and correlation are rounded, so that few values are computed. */
export function simultaneousQuantile({ error, comparisons, df, correlation }: Simultaneous): number {
  const [nearDf, near] = [roundedDf(df), Math.max(0, Math.round(correlation * 20) / 20)];
  const key = `${error} ${comparisons} ${nearDf} ${near}`;
  const before = quantiles.get(key);
  if (before !== undefined) return before;
  const value = solved(error, comparisons, nearDf, near);
  quantiles.set(key, value);
  return value;
}

function roundedDf(df: number): number {
  if (df < 10) return Math.max(1, Math.round(df * 4) / 4);
  return df < 30 ? Math.round(df * 2) / 2 : Math.min(200, Math.round(df / 5) * 5);
}

function solved(error: number, comparisons: number, df: number, correlation: number): number {
  const bonferroni = studentQuantile(error / comparisons, df);
  if (comparisons === 1) return bonferroni;
  const scales = variancePoints(df);
  const inside = (limit: number): number =>
    scales.reduce((sum, { scale, weight }) => sum + weight * allWithin(limit * scale, comparisons, correlation), 0);
  const excess = (limit: number): number => Math.log(Math.max(1 - inside(limit), Number.MIN_VALUE) / error);
  const single = studentQuantile(error, df);
  const [atSingle, atBonferroni] = [excess(single), excess(bonferroni)];
  if (atSingle <= 0) return single;
  return atBonferroni >= 0 ? bonferroni : falsePosition(excess, [single, atSingle], [bonferroni, atBonferroni]);
}

/** Where a falling function is 0, to 1e-10, between two points on either side of it (the Illinois method). */
function falsePosition(value: (x: number) => number, low: [number, number], high: [number, number]): number {
  let last: [number, number] | null = null;
  for (let step = 0; step < 60; step++) {
    const x = (low[0] * high[1] - high[0] * low[1]) / (high[1] - low[1]);
    const y = value(x);
    const [end, other] = y > 0 ? [low, high] : [high, low];
    if (y === 0 || Math.abs(x - end[0]) < 1e-10 * x) return x;
    if (end === last) other[1] /= 2;
    [end[0], end[1], last] = [x, y, end];
  }
  return high[0];
}

const variances = 32;

function variancePoints(df: number): { scale: number; weight: number }[] {
  const points = chiSquarePoints(df, variances, 1e-6, 1 - 1e-8);
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  return points.map(({ share, weight }) => ({ scale: Math.sqrt(share), weight: weight / total }));
}

const step = 0.25;

/** The shared part of normals, from 0 to 6, with its weight on both sides of 0: what is integrated is even. */
const sharedParts = Array.from({ length: 25 }, (_, at) => {
  const z = at * step;
  return { z, weight: ((at === 0 ? 1 : 2) * Math.exp((-z * z) / 2) * step) / Math.sqrt(2 * Math.PI) };
});
const nothingShared = [{ z: 0, weight: sharedParts.reduce((sum, { weight }) => sum + weight, 0) }];

/** P(all |z| ≤ limit) of equally correlated normals, over their shared part. */
function allWithin(limit: number, comparisons: number, correlation: number): number {
  const [shared, rest] = [Math.sqrt(correlation), Math.sqrt(1 - correlation)];
  let sum = 0;
  for (const { z, weight } of correlation === 0 ? nothingShared : sharedParts) {
    const within = normalCdf((shared * z + limit) / rest) - normalCdf((shared * z - limit) / rest);
    sum += weight * within ** comparisons;
  }
  return sum;
}

export type BySeed = ReadonlyMap<number, number>;

export interface GroupRuns {
  readonly model: BySeed;
  readonly variants: readonly BySeed[];
}

export interface SeedNoise {
  readonly seeds: number;
  readonly variance: number;
  readonly df: number;
  readonly correlation: number;
  /** Of its runs alone: the paired differences, and the table of models × seeds. */
  readonly alone: readonly SampleVariance[];
}

/** One per variant; `null` with fewer than two common seeds. */
export function groupNoise(group: GroupRuns): (SeedNoise | null)[] {
  const differences = group.variants.map((variant) => differencesTo(group.model, variant));
  const samples = differences.map((bySeed): SampleVariance | null => {
    return bySeed.size < 2 ? null : { variance: sampleVariance([...bySeed.values()]), df: bySeed.size - 1 };
  });
  const usable = samples.filter((sample) => sample !== null);
  const prior = fitPrior(usable);
  const shared = sharedNoise(differences);
  // Differences share the model's runs, so their variances are worth fewer degrees of freedom together.
  const pooled = usable.reduce((sum, { df }) => sum + df, 0);
  const most = pooled / (1 + (usable.length - 1) * shared.squared);
  return samples.map((sample, at) => {
    if (sample === null) return null;
    const bySeed = differences[at]!;
    const twoWay = twoWayVariance(commonTable(group, at, [...bySeed.keys()]), 1);
    return {
      seeds: bySeed.size,
      ...moderated(sample, prior, most),
      correlation: shared.correlation,
      alone: twoWay === null ? [sample] : [sample, twoWay],
    };
  });
}

/** The paired interval's share of λ, where the two-way interval has the whole. */
export const pairedShare = 0.7;

/** Half-width from the seeds alone, for `comparisons` that err together with probability `error`. */
export function seedsHalfWidth(noise: SeedNoise, comparisons: number, error: number, floor: number): number {
  const quantile = (df: number, correlation: number): number =>
    simultaneousQuantile({ error, comparisons, df, correlation });
  const half = ({ variance, df }: SampleVariance, correlation: number): number =>
    quantile(df, correlation) * Math.sqrt(variance / noise.seeds);
  const alone = noise.alone.map((sample, at) => {
    const share = at === 0 && noise.alone.length > 1 ? pairedShare : 1;
    return floor * share * half(sample, 0);
  });
  return Math.max(half(noise, noise.correlation), ...alone);
}

function differencesTo(model: BySeed, variant: BySeed): Map<number, number> {
  const differences = new Map<number, number>();
  for (const [seed, value] of variant) {
    const base = model.get(seed);
    if (base !== undefined) differences.set(seed, value - base);
  }
  return differences;
}

function commonTable({ model, variants }: GroupRuns, at: number, seeds: readonly number[]): number[][] {
  const others = variants.filter((other, place) => place !== at && seeds.every((seed) => other.has(seed)));
  return [model, variants[at]!, ...others].map((bySeed) => seeds.map((seed) => bySeed.get(seed)!));
}

function digamma(value: number): number {
  let [x, sum] = [value, 0];
  for (; x < 6; x++) sum -= 1 / x;
  const f = 1 / (x * x);
  return sum + Math.log(x) - 0.5 / x - f * (1 / 12 - f * (1 / 120 - f * (1 / 252 - f * (1 / 240 - f / 132))));
}

function trigamma(value: number): number {
  let [x, sum] = [value, 0];
  for (; x < 6; x++) sum += 1 / (x * x);
  const f = 1 / (x * x);
  return sum + 1 / x + f / 2 + (f / x) * (1 / 6 - f * (1 / 30 - f * (1 / 42 - f / 30)));
}

/** x with trigamma(x) = `value`, by bisection; between 0.001 and 10,000. */
function trigammaInverse(value: number): number {
  let [low, high] = [1e-3, 1e4];
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high);
    if (trigamma(middle) > value) low = middle;
    else high = middle;
  }
  return low;
}

/** Of row `row` minus the first row (the model), [models][seeds]; `null` for fewer than three models or two seeds. */
function twoWayVariance(table: readonly (readonly number[])[], row: number): SampleVariance | null {
  const [model] = table;
  const seeds = model?.length ?? 0;
  if (table.length < 3 || seeds < 2) return null;
  const squares = residualSquares(table);
  const df = seeds - 1;
  const share = squares.reduce((sum, each) => sum + each, 0) / (df * (table.length - 1)) / table.length;
  const varianceOf = (at: number): number =>
    Math.max(0, (table.length / (table.length - 2)) * (squares[at]! / df - share));
  const [variant, base] = [varianceOf(row), varianceOf(0)];
  const total = variant + base;
  // Satterthwaite's rule for a sum of two.
  const effective = total === 0 ? df : (df * total ** 2) / (variant ** 2 + base ** 2);
  return { variance: total, df: Math.min(2 * df, Math.max(df, effective)) };
}

/** Of single runs around their levels' means, without what a seed does to all levels alike. @param table [levels][seeds] */
export function residualVariance(table: readonly (readonly number[])[]): SampleVariance {
  const df = (table.length - 1) * (table[0]!.length - 1);
  return { variance: residualSquares(table).reduce((sum, each) => sum + each, 0) / df, df };
}

function residualSquares(table: readonly (readonly number[])[]): number[] {
  const bySeed = table[0]!.map((_, seed) => mean(table.map((row) => row[seed]!)));
  const centre = mean(bySeed);
  return table.map((row) => {
    const level = mean(row);
    return row.reduce((sum, value, seed) => sum + (value - level - (bySeed[seed]! - centre)) ** 2, 0);
  });
}
