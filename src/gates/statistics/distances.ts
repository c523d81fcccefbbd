/**
 * Distances between the domains' gates.
 */

import type { DomainDistances } from "../types.js";
import type { Gathered } from "./accumulate.js";

/** @param gathered by domain @param units of the gate @param bins of the compared histograms */
export function domainDistances(
  gathered: Gathered,
  domainCount: number,
  units: number,
  gamma: number,
  histograms: readonly (readonly number[])[],
): DomainDistances {
  const slots = gathered.slots.slice(0, domainCount);
  const means = unitMeans(gathered, domainCount, units, gamma).map((mean) => mean ?? new Float64Array(units));
  const pairs = (measure: (a: number, b: number) => number): (number | null)[][] =>
    slots.map((a, i) => slots.map((b, j) => (a.values === 0 || b.values === 0 ? null : measure(i, j))));
  return {
    cosine: pairs((a, b) => cosine(means[a]!, means[b]!)),
    jensenShannon: pairs((a, b) => jensenShannon(histograms[a] as number[], histograms[b] as number[])),
    meanDistance: pairs((a, b) => rootMeanSquare(means[a]!, means[b]!)),
  };
}

/** Mean of each unit over the rows of the first slots, [units]; `null` for a slot without rows. */
export function unitMeans(
  { slots, unitSums }: Gathered,
  count: number,
  units: number,
  gamma: number,
): (Float64Array | null)[] {
  return slots.slice(0, count).map(({ rows }, slot) => {
    if (rows === 0) return null;
    return unitSums.slice(slot * units, (slot + 1) * units).map((sum) => sum / rows + gamma / 2);
  });
}

/** Cosine of the angle between two vectors. */
export function cosine(a: Float64Array, b: Float64Array): number {
  let [product, one, other] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    product += a[at]! * b[at]!;
    one += a[at]! ** 2;
    other += b[at]! ** 2;
  }
  return product / Math.sqrt(one * other);
}

/** Jensen–Shannon distance of two histograms: the root of the divergence in bits; 0 alike, 1 with nothing in common. */
export function jensenShannon(a: readonly number[], b: readonly number[]): number {
  const [one, other] = [a, b].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [number, number];
  let divergence = 0;
  for (let bin = 0; bin < a.length; bin++) {
    const [p, q] = [a[bin]! / one, b[bin]! / other];
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p * Math.log2(p / middle)) / 2;
    if (q > 0) divergence += (q * Math.log2(q / middle)) / 2;
  }
  return Math.sqrt(Math.max(0, divergence));
}

function rootMeanSquare(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0) / a.length);
}
