import {
  chiSquarePoints,
  chiSquareQuantile,
  normalQuantile,
  normalTails,
  studentQuantile,
} from "../../metrics/distributions.js";
import { errors, floors, seedCounts, variantCounts } from "./floor-table.js";
import { type SeedNoise, seedsHalfWidth } from "./group-noise.js";

/** The joint confidence of a study's statements. */
export interface Confidence {
  readonly level: number;
  readonly comparisons: number;
  /** Groups of statements that share the model's runs: one per task (and domain). Each gets an equal part of 1 − level. */
  readonly groups: number;
}

/** Half-width in standard errors: for seeds (Student's t) and for rows (normal). */
export interface Reach {
  readonly seeds: number;
  readonly rows: number;
}

const reaches = new Map<string, Reach>();

/** The reach of an interval for a number of seeds. @param worth degrees of freedom per seed after the first */
function reachOf(seeds: number, { level, comparisons }: Confidence, worth = 1): Reach {
  const key = `${seeds} ${level} ${comparisons} ${worth}`;
  const tails = (1 - level) / comparisons;
  const reach = reaches.get(key) ?? {
    seeds: studentQuantile(tails, (seeds - 1) * worth),
    rows: rowsReach(tails),
  };
  reaches.set(key, reach);
  return reach;
}

const rowsReaches = new Map<number, number>();

/** {@link normalQuantile}, whose search takes longer than all else about an interval. */
function rowsReach(tails: number): number {
  const reach = rowsReaches.get(tails) ?? normalQuantile(tails);
  rowsReaches.set(tails, reach);
  return reach;
}

export interface IntervalNoise {
  readonly seeds: SeedNoise;
  /** Variance of the mean over many seeds due to the choice of rows. */
  readonly rowsVariance: number;
}

/**
 * Half the interval's width: √(t² s²/n + z² r²). Each part is scaled as it would be alone. Adding the variances first,
 * with Satterthwaite's degrees of freedom, misses the level by far with few seeds, since two seeds may agree by chance.
 * This rule keeps the level for every ratio of the parts; see docs/ablations.md.
 *
 * @param sides 1: for a one-sided test at the same error
 */
export function halfWidth({ seeds, rowsVariance }: IntervalNoise, confidence: Confidence, sides: 1 | 2 = 2): number {
  const error = ((1 - confidence.level) / confidence.groups) * (2 / sides);
  const comparisons = confidence.comparisons / confidence.groups;
  const floor = floorOf(seeds.seeds, comparisons, error);
  const bySeeds = seedsHalfWidth(seeds, comparisons, error, floor);
  return Math.sqrt(bySeeds ** 2 + rowsReach(error / comparisons) ** 2 * rowsVariance);
}

export interface NoiseLevel {
  /** Of one seed's difference around the mean over seeds. */
  readonly seed: number;
  /** Of the mean over many seeds, between sets of evaluation rows. */
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
  if (seeds < 2) return 0;
  const worth = noise.worth ?? 1;
  const df = (seeds - 1) * worth;
  const seedPart = noise.seed ** 2 / seeds;
  const rowsPart = noise.rows ** 2;
  const spread = Math.sqrt(seedPart + rowsPart);
  if (spread === 0) return effect === 0 ? 0 : 1;
  const reach = reachOf(seeds, confidence, worth);
  const rejected = (share: number): number =>
    beyond(effect, spread, Math.sqrt(reach.seeds ** 2 * seedPart * share + reach.rows ** 2 * rowsPart));
  if (seedPart === 0) return rejected(0);
  return Math.min(
    1,
    variances(df).reduce((sum, { share, weight }) => sum + weight * rejected(share), 0),
  );
}

const variancesByDf = new Map<number, ReturnType<typeof chiSquarePoints>>();

/** Over the logarithm of chi-square, between quantiles that leave 2e-9 out. */
function variances(df: number): ReturnType<typeof chiSquarePoints> {
  const estimates = variancesByDf.get(df) ?? chiSquarePoints(df, points, 1e-9, 1 - 1e-9);
  variancesByDf.set(df, estimates);
  return estimates;
}

function beyond(mean: number, spread: number, limit: number): number {
  const above = (z: number): number => (z > 0 ? normalTails(z) / 2 : 1 - normalTails(-z) / 2);
  return above((limit - mean) / spread) + above((limit + mean) / spread);
}

export interface SettleOptions {
  /** A difference below this also settles it, if the study shows that it is; `null`: only a difference does. */
  readonly matters?: number | null;
  readonly power?: number;
}

/** Power of the one-sided tests over `seeds` seeds to show a difference below `matters` if it is `effect`. */
function equivalencePower(
  effect: number,
  matters: number,
  noise: NoiseLevel,
  seeds: number,
  { level, ...confidence }: Confidence,
): number {
  if (seeds < 2 || effect >= matters) return 0;
  const worth = noise.worth ?? 1;
  const [seedPart, rowsPart] = [noise.seed ** 2 / seeds, noise.rows ** 2];
  const spread = Math.sqrt(seedPart + rowsPart);
  const reach = reachOf(seeds, { ...confidence, level: 1 - 2 * (1 - level) }, worth);
  const probability = (share: number): number => {
    const room = matters - Math.sqrt(reach.seeds ** 2 * seedPart * share + reach.rows ** 2 * rowsPart);
    if (room <= 0) return 0;
    return spread === 0 ? 1 : 1 - beyond(effect, spread, room);
  };
  if (seedPart === 0) return probability(0);
  return variances((seeds - 1) * worth).reduce((sum, { share, weight }) => sum + weight * probability(share), 0);
}

/** The smallest number of seeds that settles a true difference of `effect` with the requested power; `null`: too many. */
export function seedsFor(
  effect: number,
  noise: NoiseLevel,
  confidence: Confidence,
  { matters = null, power = usualPower }: SettleOptions = {},
): number | null {
  const enough = (seeds: number): boolean =>
    (effect > 0 && powerOf(effect, noise, seeds, confidence) >= power) ||
    (matters !== null && equivalencePower(effect, matters, noise, seeds, confidence) >= power);
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
  { matters = null, power = usualPower }: SettleOptions = {},
): number {
  const factor = (distance: number, tails: number): number => {
    if (distance <= 0) return Number.POSITIVE_INFINITY;
    const needed = normalQuantile(tails) + normalQuantile(2 * (1 - power));
    return Math.max(1, ((needed * noise.rows) / distance) ** 2);
  };
  const tails = (1 - level) / comparisons;
  const difference = factor(Math.abs(effect), tails);
  return matters === null ? difference : Math.min(difference, factor(matters - Math.abs(effect), 2 * tails));
}

export function detectable(
  noise: NoiseLevel,
  seeds: number,
  confidence: Confidence,
  power: number = usualPower,
): number | null {
  if (seeds < 2) return null;
  let [low, high] = [0, 1e-6];
  while (powerOf(high, noise, seeds, confidence) < power) high *= 2;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (powerOf(middle, noise, seeds, confidence) < power) low = middle;
    else high = middle;
  }
  return high;
}

export function deviationInterval(deviation: number, df: number, level = 0.95): readonly [number, number] {
  const at = (share: number): number => deviation * Math.sqrt(df / chiSquareQuantile(share, df));
  return [at((1 + level) / 2), at((1 - level) / 2)];
}

/** The largest of the table's entries around the place; 1 with one variant, since there is nothing to moderate. */
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
