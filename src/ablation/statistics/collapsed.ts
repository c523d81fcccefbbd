import { studentQuantile } from "../../metrics/distributions.js";
import { fitPrior, median, moderated, sampleOf } from "./group-noise.js";

/** Fewer siblings say too little about how far runs stray. */
const fewestSiblings = 3;
/** Of normal noise, 2.5 times as wide: heavy tails and mild skew must not look like collapsed runs. */
const error = 0.05;
const widening = 2.5;
const mostDf = 30;

/**
 * By model, the places of runs that are far worse than their siblings, the model's other runs: further below their
 * median than any run of the study strays by chance. At most 5% of studies name a run where noise is normal, has heavy
 * tails (Student's t, 5 degrees of freedom) or is mildly skewed (−1). @param models [models][runs]
 */
export function collapsedRuns(models: readonly (readonly number[])[], higherIsBetter: boolean): number[][] {
  const runs = models.reduce((sum, values) => sum + values.length, 0);
  const tail = (2 * error) / runs;
  return models.map((values, model) => {
    const up = values.map((value) => (higherIsBetter ? value : -value));
    const order = [...up.keys()].sort((a, b) => up[a]! - up[b]!);
    const others = models.filter((each, at) => at !== model && each.length > 1).map(sampleOf);
    // The most first: two collapsed runs hide each other.
    for (let low = Math.ceil(up.length / 2) - 1; low > 0; low--) {
      const siblings = order.slice(low).map((at) => up[at]!);
      if (siblings.length < fewestSiblings) continue;
      const sample = sampleOf(siblings);
      const { variance, df } = moderated(sample, fitPrior([sample, ...others]), mostDf);
      const limit = widening * studentQuantile(tail, df) * Math.sqrt(variance * (1 + 1 / siblings.length));
      if (median(siblings) - up[order[low - 1]!]! > limit) return order.slice(0, low);
    }
    return [];
  });
}
