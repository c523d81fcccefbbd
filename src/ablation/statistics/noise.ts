/**
 * The noise of a paired difference, in its two parts. The seed decides initial weights, dropout and batches; and the
 * evaluation rows are users who happened to be drawn. The difference of seed s on rows E is modelled as
 * δ + seed(s) + rows(E) + both(s, E), variances of components as in a crossed random-effects analysis.
 */
import { mean } from "../../util/sums.js";

/** Paired differences of one comparison, one a seed. */
export interface PairedDifferences {
  /** `[seeds]`: variant less model, of one seed each. */
  readonly values: readonly number[];
  /** [seeds][draws]: the same on rows (or users) drawn again with replacement; every seed sees the same draws. */
  readonly draws: readonly (readonly number[])[];
}

/** Mean difference and the variances of its parts. */
export interface DifferenceNoise {
  /** Seeds that both the variant and the model have. */
  readonly seeds: number;
  /** Mean of the paired differences over those seeds. */
  readonly mean: number;
  /** Variance of one seed's difference on these rows, n − 1 in the denominator; `null` with one seed. */
  readonly seedVariance: number | null;
  /** Variance that other rows would bring to the mean over any number of seeds. */
  readonly rowsVariance: number;
}

/**
 * Splits the noise. The bootstrap variance of a single seed's difference holds what rows do to all seeds alike and what
 * they do to that seed alone; the latter is in the seeds' own variance already. So the rows' part is the mean
 * covariance, over the draws, of two different seeds' differences (none below 0). With one seed it is the variance.
 */
export function differenceNoise({ values, draws }: PairedDifferences): DifferenceNoise {
  const seeds = values.length;
  const centre = mean(values);
  const seedVariance = seeds < 2 ? null : varianceOf(values);
  const whole = definedDraws(draws);
  const single = whole.map((drawn) => varianceOf(drawn));
  if (seeds < 2) return { seeds, mean: centre, seedVariance, rowsVariance: single[0] ?? 0 };
  const sums = (whole[0] ?? []).map((_, draw) => whole.reduce((sum, drawn) => sum + drawn[draw]!, 0));
  const covariances = varianceOf(sums) - single.reduce((sum, variance) => sum + variance, 0);
  return { seeds, mean: centre, seedVariance, rowsVariance: Math.max(0, covariances / (seeds * (seeds - 1))) };
}

/** The draws on which every seed's difference is defined: a small domain may lose a class. */
function definedDraws(draws: readonly (readonly number[])[]): number[][] {
  const kept = (draws[0] ?? []).flatMap((_, draw) => (draws.every((of) => Number.isFinite(of[draw])) ? [draw] : []));
  return draws.map((of) => kept.map((draw) => of[draw]!));
}

function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
