/** Intervals of shares. */

/** A share with its interval. */
export interface ObservedShare {
  /** The share of positive rows. */
  readonly observed: number;
  /** Lower end of its interval. */
  readonly low: number;
  /** Upper end of its interval. */
  readonly high: number;
}

/**
 * Wilson's score interval of a share (Wilson 1927): also valid for rare positives and for none, unlike other
 * intervals.
 */
export function wilson(positives: number, rows: number, z: number): ObservedShare {
  const observed = positives / rows;
  const widening = z ** 2 / rows;
  const center = (observed + widening / 2) / (1 + widening);
  const reach = (z * Math.sqrt((observed * (1 - observed)) / rows + widening / (4 * rows))) / (1 + widening);
  return {
    observed,
    low: positives === 0 ? 0 : center - reach,
    high: positives === rows ? 1 : center + reach,
  };
}
