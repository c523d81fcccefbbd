import { sum } from "../util/turns.js";
import { chiSquareTail, chiSquareTailQuantile } from "./distributions.js";
import { criticalZ, differenceP, holm, wilson } from "./intervals/normal.js";

/** Rows that are added to each bin, so that an empty bin has no infinite logarithm. */
const added = 0.5;

/**
 * The population stability index: Σ (p − q) ln(p / q) over bins; 0 alike. Half a row is added to each bin.
 * @param one rows by bin
 * @param other rows by bin
 * @example
 * populationStability([50, 50], [60, 40]); // 0.04
 */
export function populationStability(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const [p, q] = [smoothed(one), smoothed(other)];
  return p.reduce((total, share, bin) => total + (share - q[bin]!) * Math.log(share / q[bin]!), 0);
}

/**
 * The Jensen–Shannon divergence in bits: 0 alike, 1 with nothing in common. Its root is a distance.
 * @param one rows by bin
 * @param other rows by bin
 * @example
 * Math.sqrt(jensenShannon([50, 50], [60, 40])); // 0.085
 */
export function jensenShannon(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const [first, second] = [sum(one), sum(other)];
  let bits = 0;
  for (let bin = 0; bin < one.length; bin++) {
    const [p, q] = [one[bin]! / first, other[bin]! / second];
    const middle = (p + q) / 2;
    if (p > 0) bits += (p * Math.log2(p / middle)) / 2;
    if (q > 0) bits += (q * Math.log2(q / middle)) / 2;
  }
  return Math.max(0, bits);
}

function smoothed(counts: ArrayLike<number>): Float64Array {
  const total = sum(counts) + added * counts.length;
  return Float64Array.from(counts, (count) => (count + added) / total);
}

/** Rows of two samples, by bin. */
export interface BinnedSamples {
  readonly training: readonly number[];
  readonly here: readonly number[];
}

/** How far a distribution moved. */
export interface Drift {
  /** Population stability index; `null`: a sample has no rows. */
  readonly psi: number | null;
  /** The index that two random samples of these sizes exceed in 5% of tables, at any column; `null` without `psi`. */
  readonly psiFloor: number | null;
  /** Jensen–Shannon distance, 0 … 1; `null`: a sample has no rows. */
  readonly jensenShannon: number | null;
  readonly jensenShannonFloor: number | null;
  /** Of no drift, corrected for the number of columns; `null`: not tested. */
  readonly adjustedPValue: number | null;
  /** Whether it is above the floor. */
  readonly isBeyondNoise: boolean;
}

/**
 * Drift of several columns. In random samples of `n` and `m` rows the index is (1/n + 1/m) times a chi-squared value
 * with one degree of freedom less than bins (Yurdakul 2018), if each bin has at least five expected rows; and so is the
 * divergence, times 8 ln 2. The floors are where Holm's correction over the columns ends.
 * @param level of all floors together
 */
export function drifts(columns: readonly BinnedSamples[], level = 0.95): Drift[] {
  const tests = columns.map(measure);
  const adjusted = holm(tests.map((test) => test?.pValue ?? null));
  const open = adjusted.filter((p) => p !== null && p > 1 - level).length;
  const tail = (1 - level) / Math.max(1, open);
  return tests.map((test, at): Drift => {
    if (test === null) return notDefined;
    const { psi, divergence, spread, freedom } = test;
    const floor = chiSquareTailQuantile(tail, freedom) * spread;
    return {
      psi,
      psiFloor: floor,
      jensenShannon: Math.sqrt(divergence),
      jensenShannonFloor: Math.sqrt(floor / (8 * Math.LN2)),
      adjustedPValue: adjusted[at]!,
      isBeyondNoise: adjusted[at] !== null && adjusted[at]! <= 1 - level,
    };
  });
}

const notDefined: Drift = {
  psi: null,
  psiFloor: null,
  jensenShannon: null,
  jensenShannonFloor: null,
  adjustedPValue: null,
  isBeyondNoise: false,
};

/** `null` if a sample has no rows. */
function measure({ training, here }: BinnedSamples) {
  const [n, m] = [training, here].map((counts) => counts.reduce((total, rows) => total + rows, 0)) as [number, number];
  if (n === 0 || m === 0) return null;
  const freedom = training.length - 1;
  const spread = 1 / n + 1 / m;
  const psi = freedom === 0 ? 0 : populationStability(training, here);
  const pValue = freedom === 0 ? null : chiSquareTail(psi / spread, freedom);
  return { psi, divergence: freedom === 0 ? 0 : jensenShannon(training, here), spread, freedom, pValue };
}

/** Rows, and how many of them are positive. */
export interface CountedRows {
  readonly rows: number;
  readonly positives: number;
}

/** The rate of one sample less that of the training rows. */
export interface RateDrift {
  readonly training: CountedRows;
  readonly here: CountedRows;
  /** Rate here less rate in training; `null`: one of them has no rows. */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Of no difference, corrected for the number of rates; `null`: not tested. */
  readonly adjustedPValue: number | null;
  readonly isBeyondNoise: boolean;
}

/** Differences of rates, here less training: Newcombe's intervals (1998), Holm's correction, independent rows. */
export function rateDrifts(pairs: readonly Pick<RateDrift, "training" | "here">[], level = 0.95): RateDrift[] {
  const adjusted = holm(pairs.map(({ training, here }) => pooledP(training, here)));
  return pairs.map(({ training, here }, at): RateDrift => {
    const p = adjusted[at]!;
    const ends = p === null ? { value: null, low: null, high: null } : newcombe(training, here, criticalZ(level));
    return { training, here, ...ends, adjustedPValue: p, isBeyondNoise: p !== null && p <= 1 - level };
  });
}

function pooledP(one: CountedRows, other: CountedRows): number | null {
  if (one.rows === 0 || other.rows === 0) return null;
  const rate = (one.positives + other.positives) / (one.rows + other.rows);
  const error = Math.sqrt(rate * (1 - rate) * (1 / one.rows + 1 / other.rows));
  return differenceP(other.positives / other.rows - one.positives / one.rows, error);
}

function newcombe(one: CountedRows, other: CountedRows, z: number): Pick<RateDrift, "value" | "low" | "high"> {
  const [a, b] = [wilson(one.positives, one.rows, z), wilson(other.positives, other.rows, z)];
  const value = b.observed - a.observed;
  return {
    value,
    low: value - Math.hypot(b.observed - b.low, a.high - a.observed),
    high: value + Math.hypot(b.high - b.observed, a.observed - a.low),
  };
}
