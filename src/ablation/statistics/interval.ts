/**
 * The interval of a mean paired difference, corrected for the number of comparisons (Bonferroni, so that interval and
 * verdict never contradict each other): all intervals of a study cover together with the level's probability.
 */
import { normalQuantile, studentQuantile } from "./distributions.js";
import type { DifferenceNoise } from "./noise.js";

/** The joint confidence of a study's statements. */
export interface Confidence {
  /** Such as 0.95. */
  readonly level: number;
  /** Number of statements: each gets an equal part of 1 − level. */
  readonly comparisons: number;
}

/** Half-width in standard errors: for seeds (Student's t) and for rows (normal). */
export interface Reach {
  readonly seeds: number;
  readonly rows: number;
}

const reaches = new Map<string, Reach>();

/** The reach of an interval for a number of seeds. */
export function reachOf(seeds: number, { level, comparisons }: Confidence): Reach {
  const key = `${seeds} ${level} ${comparisons}`;
  const tails = (1 - level) / comparisons;
  const reach = reaches.get(key) ?? { seeds: studentQuantile(tails, seeds - 1), rows: normalQuantile(tails) };
  reaches.set(key, reach);
  return reach;
}

/**
 * Half the interval's width: √(t² s²/n + z² r²). Each part is scaled as it would be alone. Adding the variances first,
 * with Satterthwaite's degrees of freedom, misses the level by far with few seeds, since two seeds may agree by chance.
 * This rule keeps the level for every ratio of the parts; see docs/ablations.md.
 */
export function halfWidth(noise: DifferenceNoise, confidence: Confidence): number | null {
  if (noise.seedVariance === null) return null;
  const reach = reachOf(noise.seeds, confidence);
  return Math.sqrt(reach.seeds ** 2 * (noise.seedVariance / noise.seeds) + reach.rows ** 2 * noise.rowsVariance);
}
