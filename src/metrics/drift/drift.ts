/**
 * Drift: distances between the distributions of two samples, with what two random samples of these sizes have, so that
 * small samples are not taken for drift.
 */
import { chiSquareTail, chiSquareTailQuantile } from "../distributions/index.js";
import { holm } from "../intervals/holm.js";
import { jensenShannon, populationStability } from "./histograms.js";

/** Rows of two samples, by bin. */
export interface BinnedSamples {
  /** Of the first sample. */
  readonly training: readonly number[];
  /** Of the second sample. */
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
  /** The floor of `jensenShannon`. */
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
