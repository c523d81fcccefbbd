/** The interval of a mean paired difference; all intervals of a study cover together with the level's probability. */
import { normalQuantile, studentQuantile } from "../../metrics/distributions/index.js";
import { floorOf } from "./family/floor.js";
import { type SeedNoise, seedsHalfWidth } from "./family/group-noise.js";

/** The joint confidence of a study's statements. */
export interface Confidence {
  /** Such as 0.95. */
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
export function reachOf(seeds: number, { level, comparisons }: Confidence, worth = 1): Reach {
  const key = `${seeds} ${level} ${comparisons} ${worth}`;
  const tails = (1 - level) / comparisons;
  const reach = reaches.get(key) ?? {
    seeds: studentQuantile(tails, (seeds - 1) * worth),
    rows: normalQuantile(tails),
  };
  reaches.set(key, reach);
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
  return Math.sqrt(bySeeds ** 2 + normalQuantile(error / comparisons) ** 2 * rowsVariance);
}
