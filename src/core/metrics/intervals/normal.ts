/** With fewer rows of a class, or fewer users, an interval would underestimate the variation. */
export const fewestForInterval = 10;

/** P(|Z| > z), to a relative error of 1.2e-7 (Numerical Recipes, erfcc). */
export function twoSidedP(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ].reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  return Math.min(1, t * Math.exp(-x * x + series));
}

/** The p value of no difference; a difference without an error is certain. */
export function differenceP(difference: number, standardError: number): number {
  if (standardError > 0) return twoSidedP(difference / standardError);
  return difference === 0 ? 1 : 0;
}

/** The z with probability `1 − level` outside ±z: 1.96 for 0.95. */
export function criticalZ(level: number): number {
  let [low, high] = [0, 40];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (twoSidedP(middle) > 1 - level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Both ends of an interval, if it has them. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/** A number with its interval. */
export interface Estimate extends Ends {
  readonly value: number;
}

/** An interval at `level` around a value, as wide as it must be to hold together with as many others (Bonferroni). */
export function widenedFor(value: number, { low, high }: Ends, tests: number, level: number): Ends {
  const factor = criticalZ(1 - (1 - level) / tests) / criticalZ(level);
  return { low: value - (value - low) * factor, high: value + (high - value) * factor };
}

/**
 * The factor by which an interval over `count` drawn units must be wider than normal: a bootstrap's spread is too small
 * by √((n − 1) / n), and it is an estimate, which Student's t allows for (Hesterberg 2015, What Teachers Should Know
 * About the Bootstrap). The quantile of t is Cornish and Fisher's expansion, accurate to 0.1% from 10 on.
 */
export function smallSampleWidening(count: number, level: number): number {
  const z = criticalZ(level);
  const freedom = count - 1;
  const t = z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
  return (t / z) * Math.sqrt(count / freedom);
}

/**
 * Holm's step-down correction: the probability of rejecting any true null hypothesis stays below the level for any
 * dependence between the tests (Holm 1979).
 * @param pValues `null` without a test: not counted
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const tests = pValues.flatMap((p, place) => (p === null ? [] : [{ p, place }])).sort((a, b) => a.p - b.p);
  const adjusted = pValues.map((): number | null => null);
  let most = 0;
  tests.forEach(({ p, place }, rank) => {
    most = Math.max(most, Math.min(1, p * (tests.length - rank)));
    adjusted[place] = most;
  });
  return adjusted;
}

/**
 * The z of intervals that agree with Holm's verdicts: 0 is outside exactly where the corrected p is below 1 − level.
 */
export function holmZ(adjusted: readonly (number | null)[], level: number): number {
  // A rejected p is below (1 − level) / (the tests from its rank on), and these are more than those left open.
  const open = adjusted.filter((p) => p !== null && p >= 1 - level).length;
  return criticalZ(1 - (1 - level) / Math.max(1, open));
}

export interface ObservedShare {
  readonly observed: number;
  readonly low: number;
  readonly high: number;
}

/** Wilson's score interval of a share (Wilson 1927), also valid for rare positives and for none. */
export function wilson(positives: number, rows: number, z: number): ObservedShare {
  const observed = positives / rows;
  const widening = z ** 2 / rows;
  const center = (observed + widening / 2) / (1 + widening);
  const reach = (z * Math.sqrt((observed * (1 - observed)) / rows + widening / (4 * rows))) / (1 + widening);
  return {
    observed,
    low: positives === 0 ? 0 : center - reach,
    high: positives === rows ? 1 : center + reach,
  };
}

/** The standard error of an AUC over independent rows (Hanley & McNeil 1982); NaN without AUC. */
export function aucStandardError({
  auc,
  rows,
  positives,
}: {
  readonly auc: number | null;
  readonly rows: number;
  readonly positives: number;
}): number {
  if (auc === null) return Number.NaN;
  const negatives = rows - positives;
  const [above, below] = [auc / (2 - auc) - auc ** 2, (2 * auc ** 2) / (1 + auc) - auc ** 2];
  return Math.sqrt((auc * (1 - auc) + (positives - 1) * above + (negatives - 1) * below) / (positives * negatives));
}
