/**
 * The interval of a mean paired difference, corrected for the number of comparisons (Bonferroni, so that interval and
 * verdict never contradict each other): all intervals of a study cover together with the level's probability.
 */
import { normalQuantile, studentQuantile } from "./distributions.js";
import type { DifferenceNoise } from "./noise.js";

/** How sure a study's statements are, together. */
export interface Confidence {
  /** Such as 0.95. */
  readonly level: number;
  /** Statements that the study makes: each gets an equal part of 1 − level. */
  readonly comparisons: number;
}

/** How many standard errors an interval reaches: of the seeds' part (Student's t), and of the rows' (normal). */
export interface Reach {
  readonly seeds: number;
  readonly rows: number;
}

const reaches = new Map<string, Reach>();

/** The reach of an interval over so many seeds. */
export function reachOf(seeds: number, { level, comparisons }: Confidence): Reach {
  const key = `${seeds} ${level} ${comparisons}`;
  const tails = (1 - level) / comparisons;
  const reach = reaches.get(key) ?? { seeds: studentQuantile(tails, seeds - 1), rows: normalQuantile(tails) };
  reaches.set(key, reach);
  return reach;
}

/**
 * Half the interval's width: √(t² s²/n + z² r²). Each part reaches as far as it would alone. To join variances first, and
 * to give the sum degrees of freedom (Satterthwaite), errs far beyond the level where seeds are few: two seeds may agree
 * by chance. This rule stays within it for every ratio of the parts; docs/ablations.md has the numbers.
 */
export function halfWidth(noise: DifferenceNoise, confidence: Confidence): number | null {
  if (noise.seedVariance === null) return null;
  const reach = reachOf(noise.seeds, confidence);
  return Math.sqrt(reach.seeds ** 2 * (noise.seedVariance / noise.seeds) + reach.rows ** 2 * noise.rowsVariance);
}
