/** Differences of rates between two samples, with intervals, corrected for their number. */

import { holm } from "../intervals/holm.js";
import { criticalZ, differenceP } from "../intervals/normal.js";
import { wilson } from "../intervals/wilson.js";

/** Rows, and how many of them are positive. */
export interface CountedRows {
  /** Number of rows. */
  readonly rows: number;
  /** Number of positive rows. */
  readonly positives: number;
}

/** The rate of one sample less that of the training rows. */
export interface RateDrift {
  /** The training rows. */
  readonly training: CountedRows;
  /** The other rows. */
  readonly here: CountedRows;
  /** Rate here less rate in training; `null`: one of them has no rows. */
  readonly value: number | null;
  /** Lower end of the interval of `value`. */
  readonly low: number | null;
  /** Upper end of the interval of `value`. */
  readonly high: number | null;
  /** Of no difference, corrected for the number of rates; `null`: not tested. */
  readonly adjustedPValue: number | null;
  /** Whether the rates differ after the correction. */
  readonly isBeyondNoise: boolean;
}

/**
 * Differences of rates, here less training, with Newcombe's intervals (1998), which hold for rare positives too, and
 * Holm's correction over all of them. Rows are taken as independent.
 */
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
