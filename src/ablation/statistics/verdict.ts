/** Verdicts: the meaning of intervals as text. */
import { count } from "../../util/text/format.js";
import { type BySeed, groupNoise, type SeedNoise } from "./family/group-noise.js";
import { type Confidence, halfWidth } from "./interval.js";
import { type DifferenceNoise, differenceNoise, type PairedDifferences } from "./noise.js";
import { mostSeeds, type NoiseLevel, rowsFactor, seedsFor } from "./power.js";

/** `undecided`: fewer than two seeds, so the noise is unknown. */
export type VerdictKind = "better" | "worse" | "no difference beyond noise" | "undecided";

/** A verdict, or what a verdict would need. */
export interface VariantVerdict {
  /** The kind of verdict. */
  readonly kind: VerdictKind;
  /**
   * Seeds with which a difference of the observed size would get a verdict with 80% probability; `null`: over 1,000.
   */
  readonly seedsNeeded: number | null;
  /** The smallest factor of evaluation rows for that, for any number of seeds; 1: enough rows. */
  readonly rowsFactor: number;
  /** The verdict as a sentence. */
  readonly text: string;
}

/** The noise of a comparison, alone and as the other comparisons of its group inform it. */
export interface ComparisonNoise extends DifferenceNoise {
  /** Variance of one seed's difference, moderated by the group's other comparisons; `null` with one seed. */
  readonly moderatedVariance: number | null;
  /** Degrees of freedom of `moderatedVariance`; `null` with one seed. */
  readonly df: number | null;
}

/** A compared pair: the mean difference with its interval. */
export interface VariantDifference {
  /** `[seeds]`: variant minus model, seed by seed. */
  readonly bySeed: readonly number[];
  /** Mean of `bySeed`. */
  readonly mean: number;
  /** Ends of the interval, corrected for the number of comparisons; `null` with one seed. */
  readonly low: number | null;
  /** Upper end of the interval; `null` with one seed. */
  readonly high: number | null;
  /** The noise behind the interval: variance over seeds and over evaluation rows. */
  readonly noise: ComparisonNoise;
  /** The verdict, and what a clearer one would need. */
  readonly verdict: VariantVerdict;
}

/** A variant's runs in a group, and their differences from the model. */
export interface ComparedRuns {
  readonly runs: BySeed;
  readonly paired: PairedDifferences;
}

/** The runs of a model and of its variants on the same rows. */
export interface ComparedGroup {
  readonly model: BySeed;
  readonly variants: readonly ComparedRuns[];
}

/** Compares the variants of a group with its model. @param higherIsBetter the metric's direction */
export function compared(
  { model, variants }: ComparedGroup,
  confidence: Confidence,
  higherIsBetter: boolean,
): VariantDifference[] {
  const seedNoise = groupNoise({ model, variants: variants.map(({ runs }) => runs) });
  return variants.map(({ paired }, at) => difference(paired, seedNoise[at] ?? null, confidence, higherIsBetter));
}

function difference(
  paired: PairedDifferences,
  seeds: SeedNoise | null,
  confidence: Confidence,
  higherIsBetter: boolean,
): VariantDifference {
  const parts = differenceNoise(paired);
  const noise = { ...parts, moderatedVariance: seeds?.variance ?? null, df: seeds?.df ?? null };
  const half = seeds === null ? null : halfWidth({ seeds, rowsVariance: parts.rowsVariance }, confidence);
  return {
    bySeed: paired.values,
    mean: noise.mean,
    low: half === null ? null : noise.mean - half,
    high: half === null ? null : noise.mean + half,
    noise,
    verdict: verdictOf(noise, half, confidence, higherIsBetter),
  };
}

/** Standard deviations of a difference's noise; `null` with one seed. */
export function noiseLevel({ seeds, moderatedVariance, df, rowsVariance }: ComparisonNoise): NoiseLevel | null {
  if (moderatedVariance === null || df === null) return null;
  return { seed: Math.sqrt(moderatedVariance), rows: Math.sqrt(rowsVariance), worth: df / (seeds - 1) };
}

/** Returns the verdict of an interval. @param half of its width; `null` with one seed */
export function verdictKind(mean: number, half: number | null, higherIsBetter: boolean): VerdictKind {
  if (half === null) return "undecided";
  if (Math.abs(mean) <= half) return "no difference beyond noise";
  return mean > 0 === higherIsBetter ? "better" : "worse";
}

function verdictOf(
  noise: ComparisonNoise,
  half: number | null,
  confidence: Confidence,
  upIsGood: boolean,
): VariantVerdict {
  const kind = verdictKind(noise.mean, half, upIsGood);
  const level = noiseLevel(noise);
  if (level === null) {
    const text = "undecided: one seed says nothing about noise; use three or more";
    return { kind, seedsNeeded: null, rowsFactor: 1, text };
  }
  if (kind !== "no difference beyond noise") return { kind, seedsNeeded: noise.seeds, rowsFactor: 1, text: kind };
  const effect = Math.abs(noise.mean);
  const seedsNeeded = seedsFor(effect, level, confidence);
  const factor = rowsFactor(effect, level, confidence);
  return { kind, seedsNeeded, rowsFactor: factor, text: `${kind}; ${remedy(seedsNeeded, factor, noise.seeds)}` };
}

function remedy(seedsNeeded: number | null, factor: number, seeds: number): string {
  // A borderline difference may already have enough power: still suggest more seeds.
  if (seedsNeeded !== null) return `about ${Math.max(seedsNeeded, seeds + 1)} seeds would settle it`;
  if (factor > mostSeeds) return "if there is one, it is too small to settle";
  if (factor > 1) return `seeds alone cannot settle it: it takes more than ${times(factor)} the evaluation rows`;
  return `it takes more than ${count(mostSeeds, "seed")} to settle`;
}

function times(factor: number): string {
  return `${factor < 10 ? factor.toFixed(1) : Math.round(factor)} times`;
}
