/** Ablations: variants × seeds, paired statistics, cached results. */
export type { Confidence } from "./interval.js";
export type { DifferenceNoise, PairedDifferences } from "./noise.js";
export { detectable, deviationInterval, type NoiseLevel, powerOf, rowsFactor, seedsFor } from "./power.js";
export { compared, type Difference, noiseLevel, type Verdict, type VerdictKind } from "./verdict.js";
