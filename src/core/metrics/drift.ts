/**
 * Drift between the training rows and others: the population stability index, and differences of rates, with their
 * tests.
 */

import { sum } from "../util/numbers.js";
import { fisherTail, fisherTailQuantile, studentTails } from "./distributions.js";
import { independentNoise, type RateNoise, rateInterval, type UserNoise } from "./intervals/clusters.js";
import { holm } from "./intervals/normal.js";

/** Rows that are added to each bin, so that an empty bin has no infinite logarithm. */
const added = 0.5;

/**
 * The population stability index: Σ (p − q) ln(p / q) over bins; 0 alike. Half a row is added to each bin.
 * @param one rows by bin
 * @param other rows by bin
 * @param rowsPerUser half a user's rows are added instead
 * @example populationStability([50, 50], [60, 40]); // 0.04
 */
export function populationStability(one: ArrayLike<number>, other: ArrayLike<number>, rowsPerUser = 1): number {
  const [p, q] = [smoothed(one, added * rowsPerUser), smoothed(other, added * rowsPerUser)];
  return p.reduce((total, share, bin) => total + (share - q[bin]!) * Math.log(share / q[bin]!), 0);
}

function smoothed(counts: ArrayLike<number>, more: number): Float64Array {
  const total = sum(counts) + more * counts.length;
  return Float64Array.from(counts, (count) => (count + more) / total);
}

export interface BinnedSamples {
  readonly training: readonly number[];
  readonly here: readonly number[];
  /** Missing: rows are independent; `null`: too few users. */
  readonly noise?: UserNoise | null | undefined;
  readonly rowsPerUser?: number | undefined;
}

/** How far a distribution moved. */
export interface Drift {
  /** Population stability index; `null`: a sample has no rows. */
  readonly psi: number | null;
  /** The `psi` that chance exceeds at any column or rate in 5% of tables; `null`: no `psi`, or too few users. */
  readonly psiFloor: number | null;
  /** P value of the hypothesis of no drift, corrected for the number of columns and rates; `null`: not tested. */
  readonly adjustedPValue: number | null;
  /** Whether the drift is beyond chance. */
  readonly isBeyondNoise: boolean;
}

/** Rows, and how many of them are positive. */
export interface CountedRows {
  readonly rows: number;
  readonly positives: number;
}

/** The rate of a sample minus that of the training rows. */
export interface RateDrift extends Pick<Drift, "adjustedPValue" | "isBeyondNoise"> {
  readonly training: CountedRows;
  readonly here: CountedRows;
  /** The rate here minus that in training; `null` if one of them has no rows. */
  readonly value: number | null;
  /** Lower end of its interval; `null` if one of them has no rows, or too few users. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface RatePair extends Pick<RateDrift, "training" | "here"> {
  readonly noise?: RateNoise | null;
}

/**
 * Drift of columns, and differences of rates with Newcombe's intervals (1998). In random samples of `n` and `m` rows
 * the index is (1/n + 1/m) times a chi-squared value with one degree of freedom less than bins (Yurdakul 2018), if each
 * bin has at least five expected rows. With users, it has Rao and Scott's correction. The floors follow from Holm's
 * correction over all columns and rates.
 * @param level of all floors together
 */
export function driftTests(
  columns: readonly BinnedSamples[],
  pairs: readonly RatePair[],
  level = 0.95,
): { readonly columns: Drift[]; readonly rates: RateDrift[] } {
  const tests = columns.map(measure);
  const adjusted = holm([...tests.map((test) => test?.pValue ?? null), ...pairs.map(rateP)]);
  const open = adjusted.filter((p) => p !== null && p > 1 - level).length;
  const tail = (1 - level) / Math.max(1, open);
  const verdict = (at: number) => {
    const p = adjusted[at]!;
    return { adjustedPValue: p, isBeyondNoise: p !== null && p <= 1 - level };
  };
  return {
    columns: tests.map((test, at): Drift => {
      if (test === null) return notDefined;
      const { psi, noise } = test;
      const floor =
        noise && fisherTailQuantile(tail, noise.freedom, noise.freedom * noise.df) * noise.scale * noise.freedom;
      return { psi, psiFloor: floor, ...verdict(at) };
    }),
    rates: pairs.map((pair, at): RateDrift => {
      const { training, here } = pair;
      return { training, here, ...newcombe(pair, 1 - level), ...verdict(tests.length + at) };
    }),
  };
}

const notDefined: Drift = {
  psi: null,
  psiFloor: null,
  adjustedPValue: null,
  isBeyondNoise: false,
};

/** `null` if a sample has no rows. */
function measure({ training, here, noise: userNoise, rowsPerUser }: BinnedSamples) {
  const [n, m] = [sum(training), sum(here)];
  if (n === 0 || m === 0) return null;
  const noise =
    userNoise === undefined ? { ...independentNoise, scale: 1 / n + 1 / m, freedom: training.length - 1 } : userNoise;
  if (training.length === 1) return { psi: 0, noise, pValue: null };
  const psi = populationStability(training, here, rowsPerUser);
  const pValue = noise && fisherTail(psi / (noise.scale * noise.freedom), noise.freedom, noise.freedom * noise.df);
  return { psi, noise, pValue };
}

function rateP({ training: one, here: other, noise = independentNoise }: RatePair): number | null {
  if (one.rows === 0 || other.rows === 0 || noise === null) return null;
  const rate = (one.positives + other.positives) / (one.rows + other.rows);
  const variance = rate * (1 - rate) * (1 / one.rows + 1 / other.rows) * noise.designEffect;
  const value = other.positives / other.rows - one.positives / one.rows;
  return variance === 0 ? 1 : studentTails(value / Math.sqrt(variance), noise.df);
}

function newcombe({ training: one, here: other, noise = independentNoise }: RatePair, tails: number) {
  if (one.rows === 0 || other.rows === 0) return { value: null, low: null, high: null };
  const value = other.positives / other.rows - one.positives / one.rows;
  if (noise === null) return { value, low: null, high: null };
  const [a, b] = [one, other].map(({ positives, rows }) => rateInterval(positives / rows, rows, tails, noise));
  return {
    value,
    low: value - Math.hypot(b!.observed - b!.low, a!.high - a!.observed),
    high: value + Math.hypot(b!.high - b!.observed, a!.observed - a!.low),
  };
}
