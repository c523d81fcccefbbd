/** A group is the comparisons of all variants with one model on the same rows: one per task, or task and domain. */
import { chiSquarePoints, normalCdf, studentQuantile } from "../../../core/metrics/distributions.js";
import { getOrMake } from "../../../core/util/growing.js";
import { mean, sampleVariance } from "../../../core/util/numbers.js";

/** The smallest square of a correlation, that of equally noisy models. */
const least = 0.25;
/** The largest correlation that counts. */
const most = 0.7;

/**
 * The correlation of the differences, and its square corrected for chance.
 * @param differences by comparison, then seed
 */
function sharedNoise(differences: readonly ReadonlyMap<number, number>[]) {
  const values: number[] = [];
  const squares: number[] = [];
  for (const [at, first] of differences.entries()) {
    for (const second of differences.slice(0, at)) {
      const seeds = [...first.keys()].filter((seed) => second.has(seed));
      if (seeds.length < 3) continue;
      const { both, squaresA, squaresB } = sumsOf(
        seeds.map((seed) => first.get(seed)!),
        seeds.map((seed) => second.get(seed)!),
      );
      const scale = Math.sqrt(squaresA * squaresB);
      const value = scale === 0 ? 0 : both / scale;
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

/** Sums of products and squares of deviations from the means. */
function sumsOf(a: readonly number[], b: readonly number[]) {
  const [centreA, centreB] = [mean(a), mean(b)];
  const sums = { both: 0, squaresA: 0, squaresB: 0 };
  for (const [at, value] of a.entries()) {
    const [x, y] = [value - centreA, b[at]! - centreB];
    sums.both += x * y;
    sums.squaresA += x * x;
    sums.squaresB += y * y;
  }
  return sums;
}

export interface SampleVariance {
  readonly variance: number;
  readonly df: number;
}

/**
 * The prior of a variance from the group's variances: `variance`, worth `df` degrees of freedom, which are infinite if
 * the variances differ only by chance. Fitted by the first two moments of the logarithms.
 */
export function fitPrior(samples: readonly SampleVariance[]): SampleVariance {
  const usable = samples.filter(({ variance, df }) => variance > 0 && df > 0);
  if (usable.length < 2) return { variance: 0, df: 0 };
  const logs = usable.map(({ variance, df }) => Math.log(variance) - digamma(df / 2) + Math.log(df / 2));
  const centre = mean(logs);
  const spread = logs.reduce((sum, log) => sum + (log - centre) ** 2, 0) / (logs.length - 1);
  const excess = spread - mean(usable.map(({ df }) => trigamma(df / 2)));
  if (excess <= 0) {
    const weight = usable.reduce((sum, { df }) => sum + df, 0);
    const pooled = usable.reduce((sum, { variance, df }) => sum + variance * df, 0) / weight;
    return { variance: pooled, df: Number.POSITIVE_INFINITY };
  }
  // x with trigamma(x) = `value`, by bisection; between 0.001 and 10,000.
  let [low, high] = [1e-3, 1e4];
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high);
    if (trigamma(middle) > excess) low = middle;
    else high = middle;
  }
  const df = 2 * low;
  return { variance: Math.exp(centre + digamma(df / 2) - Math.log(df / 2)), df };
}

/** The variance of one comparison, from its runs and the group's prior. @param most maximum total degrees of freedom */
export function moderated(sample: SampleVariance, prior: SampleVariance, most: number): SampleVariance {
  const priorDf = Math.max(0, Math.min(prior.df, most - sample.df));
  const df = priorDf + sample.df;
  return { variance: (priorDf * prior.variance + sample.df * sample.variance) / df, df };
}

/**
 * The quantile of the largest |t| of several comparisons with one model (Dunnett, 1955). The comparisons share the
 * model's runs, so they err together, and the quantile is below Bonferroni's. By numeric integration over the shared
 * part and over the variance.
 */

type Simultaneous = Readonly<Record<"error" | "comparisons" | "df" | "correlation", number>>;

const quantiles = new Map<string, number>();

/** The critical value. Degrees of freedom and correlation are rounded, so that few values are computed. */
export function simultaneousQuantile({ error, comparisons, df, correlation }: Simultaneous): number {
  const [nearDf, near] = [roundedDf(df), Math.max(0, Math.round(correlation * 20) / 20)];
  const key = `${error} ${comparisons} ${nearDf} ${near}`;
  return getOrMake(quantiles, key, () => solved(error, comparisons, nearDf, near));
}

function roundedDf(df: number): number {
  if (df < 10) return Math.max(1, Math.round(df * 4) / 4);
  return df < 30 ? Math.round(df * 2) / 2 : Math.min(200, Math.round(df / 5) * 5);
}

function solved(error: number, comparisons: number, df: number, correlation: number): number {
  const bonferroni = studentQuantile(error / comparisons, df);
  if (comparisons === 1) return bonferroni;
  const points = chiSquarePoints(df, variances, 1e-6, 1 - 1e-8);
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  const scales = points.map(({ share, weight }) => ({ scale: Math.sqrt(share), weight: weight / total }));
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

const step = 0.25;

/** Places of the shared part of the normals from 0 to 6, with the weight of both signs, since the integrand is even. */
const sharedParts = Array.from({ length: 25 }, (_, at) => {
  const z = at * step;
  return { z, weight: ((at === 0 ? 1 : 2) * Math.exp((-z * z) / 2) * step) / Math.sqrt(2 * Math.PI) };
});
const nothingShared = [{ z: 0, weight: sharedParts.reduce((sum, { weight }) => sum + weight, 0) }];

/** P(all |z| ≤ limit) of equally correlated normals, integrated over their shared part. */
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

/** The noise between seeds of one variant's difference from the model. */
export interface SeedNoise {
  readonly seeds: number;
  readonly modelSeeds: number;
  /** The variance of the mean difference, times `seeds`. */
  readonly variance: number;
  readonly df: number;
  readonly correlation: number;
  /** Variances from its own runs: of the paired differences, and of the table of models × seeds; without `base`. */
  readonly alone: readonly SampleVariance[];
  /** The part of `variance` that a model with extra seeds adds; `null` without extra seeds. */
  readonly base: SampleVariance | null;
  /** The change of the mean of the paired differences by extra seeds. */
  readonly shift: number;
  /** The distance of the model from the median of all models, itself included; at least the {@link offsetPart}. */
  readonly offset: number;
  /** Skewness of the group's differences beyond chance, from −1 to 1; negative if single runs fall. */
  readonly skewness: number;
}

/** Returns the noise of each variant; `null` with fewer than two common seeds. */
export function groupNoise(group: GroupRuns): (SeedNoise | null)[] {
  const extra = extraRuns(group);
  const slope = extra === null ? 1 : pairingSlope(group);
  const residuals = group.variants.map((variant) => residualsFrom(group.model, variant, slope));
  const samples = residuals.map((bySeed) => (bySeed.size < 2 ? null : sampleOf([...bySeed.values()])));
  const usable = samples.filter((sample) => sample !== null);
  const prior = fitPrior(usable);
  const shared = sharedNoise(residuals);
  // Differences share the model's runs, so together their variances have fewer degrees of freedom.
  const pooled = usable.reduce((sum, { df }) => sum + df, 0);
  const most = pooled / (1 + (usable.length - 1) * shared.squared);
  const variances = samples.map((sample) => sample && moderated(sample, prior, most));
  const means = residuals.map((bySeed) => mean([...bySeed.values()]) - (1 - slope) * mean(extra ?? [0]));
  const offset = Math.abs(median([0, ...means.filter((_, at) => samples[at] !== null)]));
  const skewness = sharedSkewness(residuals, variances);
  const part = offsetPart(usable.length);
  return samples.map((sample, at): SeedNoise | null => {
    if (sample === null) return null;
    const seeds = [...residuals[at]!.keys()];
    const table = twoWayVariances(commonTable(group, at, seeds));
    const twoWay = table && (extra === null ? sumOf(table[1]!, table[0]!) : table[1]!);
    return {
      seeds: seeds.length,
      modelSeeds: extra?.length ?? seeds.length,
      alone: twoWay === null ? [sample] : [sample, twoWay],
      ...withExtra(variances[at]!, shared.correlation, slope, extra, seeds.length),
      shift: means[at]! - mean([...residualsFrom(group.model, group.variants[at]!, 1).values()]),
      offset: Math.max(offset, part * Math.abs(means[at]!)),
      skewness,
    };
  });
}

/** Adds the variance of the mean of all the model's runs, times the variant's seeds. */
function withExtra(
  variant: SampleVariance,
  correlation: number,
  slope: number,
  extra: readonly number[] | null,
  seeds: number,
) {
  if (extra === null) return { ...variant, correlation, base: null };
  const sample = sampleOf(extra);
  const base = { ...sample, variance: ((1 - slope) ** 2 * sample.variance * seeds) / extra.length };
  const { variance, df } = sumOf(variant, base);
  // A variant whose few runs agree by chance must not borrow the model's degrees of freedom.
  return { variance, df: Math.min(df, variant.df), correlation: Math.min(most, base.variance / variance || 0), base };
}

/** The smallest number of extra seeds at which the mean of all the model's runs counts. */
const fewestExtra = 2;

/** All runs of a model with extra seeds; `null` without extra seeds. */
function extraRuns({ model, variants }: GroupRuns): readonly number[] | null {
  const extra = [...model.keys()].filter((seed) => !variants.some((variant) => variant.has(seed)));
  return extra.length < fewestExtra ? null : [...model.values()];
}

/** The share of the model's deviation with a seed that the variants repeat; a cautious estimate, from 0 to 1. */
function pairingSlope({ model, variants }: GroupRuns): number {
  const pairs = variants
    .map((variant) => [...variant].filter(([seed]) => model.has(seed)))
    .filter((all) => all.length > 2);
  const sums = pairs.map((all) => {
    const [models, values] = [all.map(([seed]) => model.get(seed)!), all.map(([, value]) => value)];
    return { ...sumsOf(models, values), df: all.length - 1 };
  });
  const total = (part: keyof (typeof sums)[number]): number => sums.reduce((sum, each) => sum + each[part], 0);
  const [both, squares] = [total("both"), total("squaresA")];
  if (squares === 0) return 0;
  const slope = both / squares;
  const rest = Math.max(0, total("squaresB") - slope * both) / Math.max(1, total("df") - 1);
  return Math.min(1, Math.max(0, slope - Math.sqrt(rest / squares)));
}

export function sampleOf(values: readonly number[]): SampleVariance {
  return { variance: sampleVariance(values), df: values.length - 1 };
}

/** The sum of two variances by Satterthwaite's rule. */
function sumOf(first: SampleVariance, second: SampleVariance): SampleVariance {
  const variance = first.variance + second.variance;
  if (variance === 0) return first;
  return { variance, df: variance ** 2 / (first.variance ** 2 / first.df + second.variance ** 2 / second.df) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Skewness up to this many standard errors of normal noise counts as chance. */
const chanceSkewness = 0.8;

/** The skewness of all comparisons, weighted by their noise: a variant's runs may lack falls that the others' show. */
function sharedSkewness(residuals: readonly BySeed[], noises: readonly (SampleVariance | null)[]): number {
  let [thirds, scales, squares] = [0, 0, 0];
  for (const [at, bySeed] of residuals.entries()) {
    const [values, n] = [[...bySeed.values()], bySeed.size];
    if (n < 3) continue;
    const centre = mean(values);
    const scale = Math.max(sampleVariance(values), noises[at]!.variance) ** 1.5;
    thirds += values.reduce((total, value) => total + (value - centre) ** 3, 0) * (n ** 2 / ((n - 1) * (n - 2)));
    scales += n * scale;
    squares += n * scale ** 2;
  }
  if (scales === 0) return 0;
  const beyond = Math.abs(thirds / scales) - chanceSkewness * Math.sqrt((6 * squares) / scales ** 2);
  return Math.sign(thirds) * Math.min(1, Math.max(0, beyond));
}

/** The share of λ that the paired interval has; the two-way interval has all of it. */
export const pairedShare = 0.7;

/**
 * If most models are on one side of the model, its few seeds may be the unusual ones: noise to one side makes the mean
 * of few runs stray further than their variance suggests. Intervals are wider by this share of the offset. With several
 * groups, each may err less often, and rarer errors are further out in a skewed tail. Chosen by simulation.
 */
export function offsetShareOf(seeds: number, modelSeeds: number, groups: number): number {
  return Math.min(0.5, 0.8 * (1 + 0.4 * Math.log2(groups)) * Math.sqrt((1 / seeds + 1 / modelSeeds) / 2));
}

/** The factor of skewness with several groups: each errs more rarely, and rare errors are further out in the tail. */
export function skewFactor(groups: number): number {
  return 1 + 0.5 * Math.log2(groups);
}

/** The share of a variant's own difference that counts as offset at least: one of few variants may be the odd one. */
export function offsetPart(variants: number): number {
  return variants === 1 ? 0.5 : 0.5 / (variants + 1);
}

/**
 * The reach of an interval below and above its mean, from the noise of the seeds alone. In each of `groups`, the
 * intervals of `comparisons` miss with the joint probability `error`.
 */
export function seedsMargins(
  noise: SeedNoise,
  comparisons: number,
  error: number,
  floor: number,
  groups: number,
): { readonly below: number; readonly above: number } {
  const { seeds, base, offset, skewness } = noise;
  const quantile = (df: number, correlation: number) => simultaneousQuantile({ error, comparisons, df, correlation });
  const half = ({ variance, df }: SampleVariance, correlation: number): number =>
    quantile(df, correlation) * Math.sqrt(variance / seeds);
  const alone = noise.alone.map((sample, at) => {
    const share = at === 0 && noise.alone.length > 1 ? pairedShare : 1;
    return floor * share * half(base === null ? sample : sumOf(sample, base), 0);
  });
  const least = Math.max(half(noise, noise.correlation), ...alone);
  const share = offsetShareOf(seeds, noise.modelSeeds, groups);
  const wide = Math.min(least + share * offset, least / (1 - share));
  const skew = skewness * skewFactor(groups);
  return { below: wide * (1 + Math.max(0, -skew)), above: wide * (1 + Math.max(0, skew)) };
}

/** The variant minus `slope` times the model, by common seed. */
function residualsFrom(model: BySeed, variant: BySeed, slope: number): Map<number, number> {
  const common = [...variant].filter(([seed]) => model.has(seed));
  return new Map(common.map(([seed, value]) => [seed, value - slope * model.get(seed)!]));
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

/**
 * Each model's variance around the effect of the seed on all models; `null` for fewer than three.
 * @param table [models][seeds]
 */
function twoWayVariances(table: readonly (readonly number[])[]): SampleVariance[] | null {
  const df = table[0]!.length - 1;
  if (table.length < 3 || df < 1) return null;
  const squares = residualSquares(table);
  const share = squares.reduce((sum, each) => sum + each, 0) / (df * (table.length - 1)) / table.length;
  return squares.map((each) => ({
    variance: Math.max(0, (table.length / (table.length - 2)) * (each / df - share)),
    df,
  }));
}

/**
 * The variance of single runs around their levels' means, without the common effect of a seed.
 * @param table [levels][seeds]
 */
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

/** With fewer siblings, how far runs stray cannot be estimated. */
const fewestSiblings = 3;
/** The limit for normal noise, 2.5 times as wide, since heavy tails and mild skew must not look like collapsed runs. */
const collapsedError = 0.05;
const collapsedWidening = 2.5;
const mostSiblingsDf = 30;

/**
 * By model: the places of runs that are far worse than their siblings (the model's other runs), that is, further below
 * their median than any run of the study would be by chance. At most 5% of studies name a run where noise is normal,
 * has heavy tails (Student's t, 5 degrees of freedom) or is mildly skewed (−1). @param models [models][runs]
 */
export function collapsedRuns(models: readonly (readonly number[])[], higherIsBetter: boolean): number[][] {
  const runs = models.reduce((sum, values) => sum + values.length, 0);
  const tail = (2 * collapsedError) / runs;
  return models.map((values, model) => {
    const up = values.map((value) => (higherIsBetter ? value : -value));
    const order = [...up.keys()].sort((a, b) => up[a]! - up[b]!);
    const others = models.filter((each, at) => at !== model && each.length > 1).map(sampleOf);
    // The largest number first, since two collapsed runs hide each other.
    for (let low = Math.ceil(up.length / 2) - 1; low > 0; low--) {
      const siblings = order.slice(low).map((at) => up[at]!);
      if (siblings.length < fewestSiblings) continue;
      const sample = sampleOf(siblings);
      const { variance, df } = moderated(sample, fitPrior([sample, ...others]), mostSiblingsDf);
      const limit = collapsedWidening * studentQuantile(tail, df) * Math.sqrt(variance * (1 + 1 / siblings.length));
      if (median(siblings) - up[order[low - 1]!]! > limit) return order.slice(0, low);
    }
    return [];
  });
}
