/** A group is the comparisons of all variants with one model on the same rows: one per task, or task and domain. */
import { sampleVariance } from "../../../util/sums.js";
import { sharedNoise } from "./correlation.js";
import { fitPrior, moderated, type SampleVariance } from "./moderated.js";
import { simultaneousQuantile } from "./simultaneous.js";
import { twoWayVariance } from "./two-way.js";

export type BySeed = ReadonlyMap<number, number>;

export interface GroupRuns {
  readonly model: BySeed;
  readonly variants: readonly BySeed[];
}

export interface SeedNoise {
  readonly seeds: number;
  readonly variance: number;
  readonly df: number;
  readonly correlation: number;
  /** Of its runs alone: the paired differences, and the table of models × seeds. */
  readonly alone: readonly SampleVariance[];
}

/** One per variant; `null` with fewer than two common seeds. */
export function groupNoise(group: GroupRuns): (SeedNoise | null)[] {
  const differences = group.variants.map((variant) => differencesTo(group.model, variant));
  const samples = differences.map((bySeed) => varianceAlone([...bySeed.values()]));
  const usable = samples.filter((sample) => sample !== null);
  const prior = fitPrior(usable);
  const shared = sharedNoise(differences);
  // Differences share the model's runs, so their variances are worth fewer degrees of freedom together.
  const pooled = usable.reduce((sum, { df }) => sum + df, 0);
  const most = pooled / (1 + (usable.length - 1) * shared.squared);
  return samples.map((sample, at) => {
    if (sample === null) return null;
    const bySeed = differences[at]!;
    const twoWay = twoWayVariance(commonTable(group, at, [...bySeed.keys()]), 1);
    return {
      seeds: bySeed.size,
      ...moderated(sample, prior, most),
      correlation: shared.correlation,
      alone: twoWay === null ? [sample] : [sample, twoWay],
    };
  });
}

/** The paired interval's share of λ, where the two-way interval has the whole. */
export const pairedShare = 0.7;

/** Half-width from the seeds alone, for `comparisons` that err together with probability `error`. */
export function seedsHalfWidth(noise: SeedNoise, comparisons: number, error: number, floor: number): number {
  const quantile = (df: number, correlation: number): number =>
    simultaneousQuantile({ error, comparisons, df, correlation });
  const half = ({ variance, df }: SampleVariance, correlation: number): number =>
    quantile(df, correlation) * Math.sqrt(variance / noise.seeds);
  const alone = noise.alone.map((sample, at) => {
    const share = at === 0 && noise.alone.length > 1 ? pairedShare : 1;
    return floor * share * half(sample, 0);
  });
  return Math.max(half(noise, noise.correlation), ...alone);
}

function differencesTo(model: BySeed, variant: BySeed): Map<number, number> {
  const pairs = [...variant].flatMap(([seed, value]): [number, number][] => {
    const base = model.get(seed);
    return base === undefined ? [] : [[seed, value - base]];
  });
  return new Map(pairs);
}

function varianceAlone(values: readonly number[]): SampleVariance | null {
  return values.length < 2 ? null : { variance: sampleVariance(values), df: values.length - 1 };
}

function commonTable({ model, variants }: GroupRuns, at: number, seeds: readonly number[]): number[][] {
  const others = variants.filter((other, place) => place !== at && seeds.every((seed) => other.has(seed)));
  return [model, variants[at]!, ...others].map((bySeed) => seeds.map((seed) => bySeed.get(seed)!));
}
