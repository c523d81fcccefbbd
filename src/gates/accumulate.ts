/** One pass over a gate's values collects sums. */
import type { ExplainedVariance } from "./types.js";

const cells = 4096;
/** Cells at both ends, with an infinite slope, are computed exactly. */
const ends = 16;

/** At the cells' bounds: the entropy, and its slope times the width of a cell. */
const heights: Float64Array = Float64Array.from({ length: cells + 1 }, (_, i) => exact(i / cells));
const slopes: Float64Array = Float64Array.from(heights, (_, i) => Math.log((cells - i) / i) / cells);

/** −p ln p − (1 − p) ln (1 − p), in nats, to 1e-9 (a cubic between tabulated values); 0 outside of (0, 1). */
export function binaryEntropy(p: number): number {
  const at = p * cells;
  if (!(at >= ends && at < cells - ends)) return exact(p);
  const cell = at | 0;
  const t = at - cell;
  const low = heights[cell]!;
  const high = heights[cell + 1]!;
  const rise = high - low;
  const first = slopes[cell]! - rise;
  const last = rise - slopes[cell + 1]!;
  return low + t * (rise + (1 - t) * (first * (1 - t) + last * t));
}

function exact(p: number): number {
  return p > 0 && p < 1 ? -p * Math.log(p) - (1 - p) * Math.log(1 - p) : 0;
}

export const histogramBins = 50;

/** `entropy`: Σ of the binary entropies of g / gamma, in bits. `width`: Σ over rows of (Σ g)² / Σ g². */
export type Sums = Record<SumName, number>;
type SumName = "rows" | "values" | "broken" | "sum" | "squares" | "closed" | "open" | "identity" | "entropy" | "width";

/** A gate's sums by slot: one per domain, then one for rows without a domain. */
export interface Gathered {
  readonly slots: readonly Sums[];
  readonly overall: Sums;
  /** [slots, units], of g − gamma / 2, so that squares of small differences keep their digits. */
  readonly unitSums: Float64Array;
  readonly unitSquares: Float64Array;
  /** The bin of each value, {@link histogramBins} if it is not finite. [rows, units] */
  readonly bins: Uint8Array;
}

/** @param slotOf [rows], the slot of each row @param values [rows, units] */
export function gather(
  values: Float32Array,
  units: number,
  gamma: number,
  slotOf: Int32Array,
  slotCount: number,
): Gathered {
  const gathered: Gathered = {
    slots: Array.from({ length: slotCount }, emptySums),
    overall: emptySums(),
    unitSums: new Float64Array(slotCount * units),
    unitSquares: new Float64Array(slotCount * units),
    bins: new Uint8Array(values.length),
  };
  for (let row = 0; row < slotOf.length; row++) addRow(gathered, slotOf[row]!, values, row * units, units, gamma);
  return { ...gathered, overall: gathered.slots.reduce(added, emptySums()) };
}

function addRow(
  { slots, unitSums, unitSquares, bins }: Gathered,
  slot: number,
  values: Float32Array,
  start: number,
  units: number,
  gamma: number,
): void {
  const sums = slots[slot]!;
  const base = slot * units;
  const half = gamma / 2;
  let broken = 0;
  let rowSum = 0;
  let rowSquares = 0;
  let entropy = 0;
  let closed = 0;
  let open = 0;
  let identity = 0;
  for (let unit = 0; unit < units; unit++) {
    const value = values[start + unit]!;
    const shifted = value - half;
    unitSums[base + unit] = unitSums[base + unit]! + shifted;
    unitSquares[base + unit] = unitSquares[base + unit]! + shifted * shifted;
    if (value - value !== 0) {
      broken++; // not finite
      bins[start + unit] = histogramBins;
      continue;
    }
    const share = value / gamma;
    rowSum += value;
    rowSquares += value * value;
    bins[start + unit] = binOf(share);
    if (share < 0.05) closed++;
    else if (share > 0.95) open++;
    else if (Math.abs(share - 0.5) < 0.02) identity++;
    entropy += binaryEntropy(share);
  }
  sums.rows++;
  sums.values += units - broken;
  sums.broken += broken;
  sums.sum += rowSum;
  sums.squares += rowSquares;
  sums.closed += closed;
  sums.open += open;
  sums.identity += identity;
  sums.entropy += entropy / Math.LN2;
  if (rowSquares > 0) sums.width += (rowSum * rowSum) / rowSquares;
}

function binOf(share: number): number {
  if (!(share > 0)) return 0;
  return share < 1 ? (share * histogramBins) | 0 : histogramBins - 1;
}

function emptySums(): Sums {
  return { rows: 0, values: 0, broken: 0, sum: 0, squares: 0, closed: 0, open: 0, identity: 0, entropy: 0, width: 0 };
}

function added(a: Sums, b: Sums): Sums {
  const sums = { ...a };
  for (const name of Object.keys(b) as SumName[]) sums[name] += b[name];
  return sums;
}

export interface Prior {
  readonly name: string;
  /** [rows], from 0; −1: in no group, excluded. */
  readonly groupOf: Int32Array;
  readonly groups: number;
}

const leastVariance = 1e-14;

/**
 * η²_j = Σ_d N_d (ḡ_dj − ḡ_j)² / Σ_n (g_nj − ḡ_j)², mean over the units j that vary; and ε², which subtracts the
 * share that this number of groups explains by chance (Kelley 1935): about 0 if the grouping has no effect, even
 * with thousands of ids.
 * @param values [rows, units] @param center near the values, so that squares keep their digits
 */
export function explainedVariance(
  values: Float32Array,
  units: number,
  center: number,
  prior: Prior,
): ExplainedVariance {
  const { name, groupOf, groups } = prior;
  const sums = new Float64Array(groups * units);
  const squares = new Float64Array(units);
  const rowsOf = new Float64Array(groups);
  for (let row = 0; row < groupOf.length; row++) {
    const group = groupOf[row]!;
    if (group < 0) continue;
    rowsOf[group] = rowsOf[group]! + 1;
    for (let unit = 0; unit < units; unit++) {
      const shifted = values[row * units + unit]! - center;
      sums[group * units + unit] = sums[group * units + unit]! + shifted;
      squares[unit] = squares[unit]! + shifted * shifted;
    }
  }
  return { prior: name, ...shares(sums, squares, rowsOf, units) };
}

/** @param sums [groups, units] @param squares [units] @param rowsOf [groups] */
export function shares(
  sums: Float64Array,
  squares: Float64Array,
  rowsOf: ArrayLike<number>,
  units: number,
): Omit<ExplainedVariance, "prior"> {
  const groups = Array.from({ length: rowsOf.length }, (_, group) => group).filter((group) => (rowsOf[group] ?? 0) > 0);
  const rows = groups.reduce((sum, group) => sum + rowsOf[group]!, 0);
  let eta = 0;
  let epsilon = 0;
  let counted = 0;
  for (let unit = 0; unit < units; unit++) {
    let sum = 0;
    let between = 0;
    for (const group of groups) {
      const groupSum = sums[group * units + unit]!;
      sum += groupSum;
      between += (groupSum * groupSum) / rowsOf[group]!;
    }
    const total = squares[unit]! - (sum * sum) / rows;
    if (!(total > leastVariance * rows)) continue;
    const share = Math.min(1, Math.max(0, (between - (sum * sum) / rows) / total));
    eta += share;
    epsilon += 1 - ((1 - share) * (rows - 1)) / (rows - groups.length);
    counted++;
  }
  const free = rows > groups.length;
  return {
    groups: groups.length,
    etaSquared: counted === 0 ? null : eta / counted,
    adjusted: counted === 0 || !free ? null : epsilon / counted,
  };
}
