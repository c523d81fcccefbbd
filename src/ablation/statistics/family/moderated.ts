/** Variances of a group moderated by an inverse-chi-square prior that is fitted as in limma (Smyth, 2004). */
import { mean } from "../../../util/sums.js";
import { digamma, trigamma, trigammaInverse } from "./gamma.js";

export interface SampleVariance {
  readonly variance: number;
  readonly df: number;
}

/** What the group says about a variance before its own runs are seen: `variance`, worth `df` degrees of freedom. */
export type VariancePrior = SampleVariance;

const none: VariancePrior = { variance: 0, df: 0 };

/** Fits the prior by the first two moments of the logarithms; infinite `df`: the variances differ only by chance. */
export function fitPrior(samples: readonly SampleVariance[]): VariancePrior {
  const usable = samples.filter(({ variance, df }) => variance > 0 && df > 0);
  if (usable.length < 2) return none;
  const logs = usable.map(({ variance, df }) => Math.log(variance) - digamma(df / 2) + Math.log(df / 2));
  const centre = mean(logs);
  const spread = logs.reduce((sum, log) => sum + (log - centre) ** 2, 0) / (logs.length - 1);
  const excess = spread - mean(usable.map(({ df }) => trigamma(df / 2)));
  if (excess <= 0) {
    const weight = usable.reduce((sum, { df }) => sum + df, 0);
    const pooled = usable.reduce((sum, { variance, df }) => sum + variance * df, 0) / weight;
    return { variance: pooled, df: Number.POSITIVE_INFINITY };
  }
  const df = 2 * trigammaInverse(excess);
  return { variance: Math.exp(centre + digamma(df / 2) - Math.log(df / 2)), df };
}

/** The variance of one comparison given its runs and the group. @param most total degrees of freedom at most */
export function moderated(sample: SampleVariance, prior: VariancePrior, most: number): SampleVariance {
  const priorDf = Math.max(0, Math.min(prior.df, most - sample.df));
  const df = priorDf + sample.df;
  return { variance: (priorDf * prior.variance + sample.df * sample.variance) / df, df };
}
