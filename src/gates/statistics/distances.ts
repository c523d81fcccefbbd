import { jensenShannon } from "../../metrics/drift/index.js";
import { sum } from "../../util/sums.js";
import type { DomainDistances } from "../types.js";
import { fineBins, type Gathered } from "./accumulate.js";

/** @param slotOf [rows], the slot of each row @param bins of the compared histograms, over [0, gamma] */
export function domainDistances(
  gathered: Gathered,
  slotOf: Int32Array,
  domainCount: number,
  units: number,
  gamma: number,
  bins: number,
): DomainDistances {
  const slots = gathered.slots.slice(0, domainCount);
  const means = unitMeans(gathered, domainCount, units, gamma).map((mean) => mean ?? new Float64Array(units));
  const histograms = unitHistograms(gathered, slotOf, domainCount, units, bins);
  const pairs = (measure: (a: number, b: number) => number): (number | null)[][] =>
    slots.map((a, i) => slots.map((b, j) => (a.values === 0 || b.values === 0 ? null : measure(i, j))));
  return {
    cosine: pairs((a, b) => cosine(means[a]!, means[b]!)),
    jensenShannon: pairs((a, b) => (a === b ? 0 : unitDistance(histograms[a]!, histograms[b]!, units, bins))),
    meanDistance: pairs((a, b) => rootMeanSquare(means[a]!, means[b]!)),
  };
}

/** Counts by domain, [units, bins]: of all units together, values of one unit would hide those of another. */
function unitHistograms(
  { bins: fine }: Gathered,
  slotOf: Int32Array,
  domainCount: number,
  units: number,
  bins: number,
): Float64Array[] {
  const histograms = Array.from({ length: domainCount }, () => new Float64Array(units * bins));
  for (let row = 0; row < slotOf.length; row++) {
    const histogram = histograms[slotOf[row]!];
    if (histogram === undefined) continue;
    for (let unit = 0; unit < units; unit++) {
      const at = unit * bins + Math.floor((fine[row * units + unit]! * bins) / fineBins);
      histogram[at] = histogram[at]! + 1;
    }
  }
  return histograms;
}

function unitDistance(a: Float64Array, b: Float64Array, units: number, bins: number): number {
  let sum = 0;
  for (let unit = 0; unit < units; unit++) {
    const [start, end] = [unit * bins, (unit + 1) * bins];
    sum += divergence(a.subarray(start, end), b.subarray(start, end));
  }
  return Math.sqrt(Math.max(0, sum / units));
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

export function cosine(a: Float64Array, b: Float64Array): number {
  let [product, one, other] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    product += a[at]! * b[at]!;
    one += a[at]! ** 2;
    other += b[at]! ** 2;
  }
  return product / Math.sqrt(one * other);
}

/** Jensen–Shannon, in bits, less what two samples of one distribution have; 0 alike, about 1 with nothing in common. */
export function divergence(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let occupied = 0;
  for (let bin = 0; bin < a.length; bin++) if (a[bin]! + b[bin]! > 0) occupied++;
  return jensenShannon(a, b) - ((occupied - 1) / (8 * Math.LN2)) * (1 / sum(a) + 1 / sum(b));
}

function rootMeanSquare(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0) / a.length);
}
