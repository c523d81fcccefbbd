/**
 * The noise of a paired difference, in its two parts. The seed determines initial weights, dropout and batches; the
 * evaluation rows are a random sample of users. The difference of seed s on rows E is modelled as δ + seed(s) + rows(E)
 * + both(s, E), variances of components as in a crossed random-effects analysis.
 */
import { mean, sampleVariance } from "../../util/sums.js";

export interface PairedDifferences {
  /** `[seeds]`: variant minus model, per seed. */
  readonly values: readonly number[];
  /** [seeds][draws]: the same on bootstrap draws of rows (or users); all seeds use the same draws. */
  readonly draws: readonly (readonly number[])[];
}

/** Mean difference and the variances of its parts. */
export interface DifferenceNoise {
  /** Number of seeds that the variant and the model share. */
  readonly seeds: number;
  readonly mean: number;
  /** Variance of one seed's difference on these rows, n − 1 in the denominator; `null` with one seed. */
  readonly seedVariance: number | null;
  readonly rowsVariance: number;
}

/**
 * Splits the noise. The bootstrap variance of one seed's difference contains the rows' effect on all seeds and their
 * effect on that seed alone; the variance over seeds already includes the latter. So the rows' part is the mean
 * covariance over the draws of two different seeds' differences (at least 0). With one seed it is the variance.
 */
export function differenceNoise({ values, draws }: PairedDifferences): DifferenceNoise {
  const seeds = values.length;
  const centre = mean(values);
  const seedVariance = seeds < 2 ? null : sampleVariance(values);
  const whole = definedDraws(draws);
  const single = whole.map((seedDraws) => sampleVariance(seedDraws));
  if (seeds < 2) return { seeds, mean: centre, seedVariance, rowsVariance: single[0] ?? 0 };
  const sums = (whole[0] ?? []).map((_, draw) => whole.reduce((sum, seedDraws) => sum + seedDraws[draw]!, 0));
  const covariances = sampleVariance(sums) - single.reduce((sum, variance) => sum + variance, 0);
  return { seeds, mean: centre, seedVariance, rowsVariance: Math.max(0, covariances / (seeds * (seeds - 1))) };
}

/** The draws on which every seed's difference is defined: a draw of a small domain may lack a class. */
function definedDraws(draws: readonly (readonly number[])[]): number[][] {
  const places = (draws[0] ?? []).flatMap((_, draw) => (draws.every((of) => Number.isFinite(of[draw])) ? [draw] : []));
  return draws.map((of) => places.map((draw) => of[draw]!));
}
