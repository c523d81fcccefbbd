/** Confidence intervals of a study's differences, and how many seeds or rows a verdict would need. */
import {
  chiSquarePoints,
  chiSquareQuantile,
  normalQuantile,
  normalTails,
  studentQuantile,
} from "../../../core/metrics/distributions.js";
import type { Ends } from "../../../core/metrics/intervals/normal.js";
import { getOrMake } from "../../../core/util/growing.js";
import { errors, floors, seedCounts, variantCounts } from "./floor-table.js";
import { offsetPart, offsetShareOf, type SeedNoise, seedsMargins, skewFactor } from "./group-noise.js";

/** The joint confidence of all of a study's statements. */
export interface Confidence {
  readonly level: number;
  readonly comparisons: number;
  /**
   * Groups of statements that share the model's runs: one per task (and domain). Each gets an equal part of 1 − level.
   */
  readonly groups: number;
}

/** An interval's half-width in standard errors: for seeds (Student's t) and for rows (normal). */
export interface Reach {
  readonly seeds: number;
  readonly rows: number;
}

const reaches = new Map<string, Reach>();

/** The reach of an interval for a number of seeds. @param worth degrees of freedom per seed after the first */
function reachOf(seeds: number, { level, comparisons, groups }: Confidence, worth: number): Reach {
  const tails = (1 - level) / comparisons;
  return getOrMake(reaches, `${seeds} ${level} ${comparisons} ${groups} ${worth}`, () => ({
    seeds: guarded(studentQuantile(tails, (seeds - 1) * worth), comparisons / groups, seeds, groups),
    rows: rowsReach(tails),
  }));
}

/**
 * A reach with the margin that {@link seedsMargins} adds for skewed noise and the model's offset, at their chance
 * values.
 */
function guarded(reach: number, variants: number, seeds: number, groups: number): number {
  const share = offsetShareOf(seeds, seeds, groups);
  const ofOwn = reach / (1 - share * offsetPart(variants));
  const wide = variants === 1 ? ofOwn : Math.max(ofOwn, reach + share / 2);
  return wide * (1 + 0.1 * skewFactor(groups) * Math.sqrt(6 / (variants * seeds)));
}

const rowsReaches = new Map<number, number>();

/** Caches {@link normalQuantile}, whose search takes longer than the rest of an interval. */
function rowsReach(tails: number): number {
  return getOrMake(rowsReaches, tails, () => normalQuantile(tails));
}

export interface IntervalNoise {
  readonly seeds: SeedNoise;
  /** Variance of the mean over many seeds due to the choice of rows. */
  readonly rowsVariance: number;
}

/**
 * Reaches to √(t² s²/n + z² r²) on either side. Each part is scaled as it would be alone. Adding the variances first,
 * with Satterthwaite's degrees of freedom, misses the level by far with few seeds, since two seeds may agree by chance.
 * This rule keeps the level for every ratio of the parts; see docs/ablations.md.
 */
export function intervalOf(mean: number, { seeds, rowsVariance }: IntervalNoise, confidence: Confidence): Ends {
  const error = (1 - confidence.level) / confidence.groups;
  const comparisons = confidence.comparisons / confidence.groups;
  const bySeeds = seedsMargins(seeds, comparisons, error, floorOf(seeds.seeds, comparisons, error), confidence.groups);
  const byRows = rowsReach(error / comparisons) * Math.sqrt(rowsVariance);
  return { low: mean - Math.hypot(bySeeds.below, byRows), high: mean + Math.hypot(bySeeds.above, byRows) };
}

export interface NoiseLevel {
  /** The standard deviation of one seed's difference around the mean over seeds. */
  readonly seed: number;
  /** The standard deviation of the mean over many seeds, between sets of evaluation rows. */
  readonly rows: number;
  /** Degrees of freedom of `seed` per seed after the first; more than 1 if other comparisons inform it. Default: 1. */
  readonly worth?: number;
}

const usualPower = 0.8;
export const mostSeeds = 1000;

/** Number of points of the sum over the estimated variance: more do not change the sixth digit. */
const points = 100;

/** Power of `seeds` seeds. Exact for normal noise: the estimated variance is chi-square, independent of the mean. */
export function powerOf(effect: number, noise: NoiseLevel, seeds: number, confidence: Confidence): number {
  return probabilityOver(noise, seeds, confidence, (half, spread) => {
    return spread === 0 ? Number(effect !== 0) : beyond(effect, spread, half);
  });
}

/** Power of an interval over `seeds` seeds to show a difference below `matters` if it is `effect`. */
function equivalencePower(effect: number, matters: number, noise: NoiseLevel, seeds: number, confidence: Confidence) {
  if (effect >= matters) return 0;
  return probabilityOver(noise, seeds, confidence, (half, spread) => {
    if (half >= matters) return 0;
    return spread === 0 ? 1 : 1 - beyond(effect, spread, matters - half);
  });
}

/**
 * The mean of a probability over the estimates of the variance.
 * @param of takes an interval's half-width and its true spread
 */
function probabilityOver(
  { seed, rows, worth = 1 }: NoiseLevel,
  seeds: number,
  confidence: Confidence,
  of: (half: number, spread: number) => number,
): number {
  if (seeds < 2) return 0;
  const [seedPart, rowsPart] = [seed ** 2 / seeds, rows ** 2];
  const reach = reachOf(seeds, confidence, worth);
  const probability = (share: number): number =>
    of(Math.sqrt(reach.seeds ** 2 * seedPart * share + reach.rows ** 2 * rowsPart), Math.sqrt(seedPart + rowsPart));
  if (seedPart === 0) return probability(0);
  const df = (seeds - 1) * worth;
  // Integrates over the logarithm of chi-square, between quantiles that leave 2e-9 out.
  const estimates = getOrMake(variancesByDf, df, () => chiSquarePoints(df, points, 1e-9, 1 - 1e-9));
  return Math.min(
    1,
    estimates.reduce((sum, { share, weight }) => sum + weight * probability(share), 0),
  );
}

const variancesByDf = new Map<number, ReturnType<typeof chiSquarePoints>>();

function beyond(mean: number, spread: number, limit: number): number {
  const above = (z: number): number => (z > 0 ? normalTails(z) / 2 : 1 - normalTails(-z) / 2);
  return above((limit - mean) / spread) + above((limit + mean) / spread);
}

/**
 * The smallest number of seeds that settles a true difference of `effect` with 80% probability; `null`: too many.
 * @param matters a difference below this also settles it, if the study shows that it is; `null`: only a difference does
 */
export function seedsFor(
  effect: number,
  noise: NoiseLevel,
  confidence: Confidence,
  matters: number | null = null,
): number | null {
  const enough = (seeds: number): boolean =>
    (effect > 0 && powerOf(effect, noise, seeds, confidence) >= usualPower) ||
    (matters !== null && equivalencePower(effect, matters, noise, seeds, confidence) >= usualPower);
  if (!enough(mostSeeds)) return null;
  let [low, high] = [1, mostSeeds];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The factor by which evaluation rows must grow for a verdict, for any number of seeds; 1: enough rows. */
export function rowsFactor(
  effect: number,
  noise: NoiseLevel,
  { level, comparisons }: Confidence,
  matters: number | null = null,
): number {
  const factor = (distance: number, tails: number): number => {
    if (distance <= 0) return Number.POSITIVE_INFINITY;
    const needed = normalQuantile(tails) + normalQuantile(2 * (1 - usualPower));
    return Math.max(1, ((needed * noise.rows) / distance) ** 2);
  };
  const tails = (1 - level) / comparisons;
  const difference = factor(Math.abs(effect), tails);
  return matters === null ? difference : Math.min(difference, factor(matters - Math.abs(effect), tails));
}

export function detectable(noise: NoiseLevel, seeds: number, confidence: Confidence): number | null {
  if (seeds < 2) return null;
  let [low, high] = [0, 1e-6];
  while (powerOf(high, noise, seeds, confidence) < usualPower) high *= 2;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (powerOf(middle, noise, seeds, confidence) < usualPower) low = middle;
    else high = middle;
  }
  return high;
}

/** The 95% interval of a standard deviation. */
export function deviationInterval(deviation: number, df: number): readonly [number, number] {
  const at = (share: number): number => deviation * Math.sqrt(df / chiSquareQuantile(share, df));
  return [at(0.975), at(0.025)];
}

/** The largest entry of the table around a place; 1 with one variant, since nothing is moderated. */
export function floorOf(seeds: number, variants: number, error: number): number {
  if (variants < 2) return 1;
  const around = [seedCounts, variantCounts, errors].map((values, axis) =>
    neighbours(values, [seeds, variants, error][axis]!),
  );
  const [bySeeds, byVariants, byError] = around as [number[], number[], number[]];
  return Math.max(...bySeeds.flatMap((s) => byVariants.flatMap((v) => byError.map((e) => floors[s]![v]![e]!))));
}

function neighbours(values: readonly number[], value: number): number[] {
  const above = values.findIndex((each) => each >= value);
  if (above <= 0) return [above < 0 ? values.length - 1 : 0];
  return values[above] === value ? [above] : [above - 1, above];
}
