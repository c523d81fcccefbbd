import { chiSquareDensity, chiSquareQuantile, normalQuantile, normalTails } from "../../metrics/distributions/index.js";
import { type Confidence, reachOf } from "./interval.js";

export interface NoiseLevel {
  /** Of one seed's difference around the mean over seeds. */
  readonly seed: number;
  /** Of the mean over many seeds, between sets of evaluation rows. */
  readonly rows: number;
  /** Degrees of freedom of `seed` per seed after the first; more than 1 if other comparisons inform it. Default: 1. */
  readonly worth?: number;
}

export const usualPower = 0.8;
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

interface EstimatedVariance {
  readonly share: number;
  readonly weight: number;
}

const variancesByDf = new Map<number, readonly EstimatedVariance[]>();

/** Over the logarithm of chi-square, between quantiles that leave 2e-9 out. */
function variances(df: number): readonly EstimatedVariance[] {
  const estimates = variancesByDf.get(df) ?? makeVariances(df);
  variancesByDf.set(df, estimates);
  return estimates;
}

function makeVariances(df: number): EstimatedVariance[] {
  const [from, to] = [Math.log(chiSquareQuantile(1e-9, df)), Math.log(chiSquareQuantile(1 - 1e-9, df))];
  const width = (to - from) / points;
  return Array.from({ length: points }, (_, point) => {
    const x = Math.exp(from + (point + 0.5) * width);
    return { share: x / df, weight: chiSquareDensity(x, df) * x * width };
  });
}

/** P(|N(mean, spread²)| > limit). */
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
export function equivalencePower(
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
