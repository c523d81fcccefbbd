/** Distances between two histograms of the same bins. */
import { sum } from "../../util/sums.js";

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
