/** One pass over a gate's values collects sums and a fine histogram, from which a second pass finds exact quantiles. */

import { binaryEntropy } from "./entropy.js";

/** Fine bins over [0, gamma]; a multiple of the displayed bins. */
export const fineBins = 1000;

export interface Sums {
  rows: number;
  values: number;
  broken: number;
  sum: number;
  squares: number;
  closed: number;
  open: number;
  identity: number;
  /** Σ of the binary entropies of g / gamma, in bits. */
  entropy: number;
  /** Σ over rows of (Σ g)² / Σ g². */
  width: number;
  readonly fine: Uint32Array;
}

/** A gate's sums by slot: one per domain, then one for rows without a domain. */
export interface Gathered {
  readonly slots: readonly Sums[];
  readonly overall: Sums;
  /** [slots, units], of g − gamma / 2, so that squares of small differences keep their digits. */
  readonly unitSums: Float64Array;
  readonly unitSquares: Float64Array;
  /** The fine bin of each value, {@link fineBins} if it is not finite. [rows, units] */
  readonly bins: Uint16Array;
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
    bins: new Uint16Array(values.length),
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
  const { fine } = sums;
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
      bins[start + unit] = fineBins;
      continue;
    }
    const share = value / gamma;
    rowSum += value;
    rowSquares += value * value;
    const bin = fineBin(share);
    bins[start + unit] = bin;
    fine[bin] = fine[bin]! + 1;
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

function fineBin(share: number): number {
  if (!(share > 0)) return 0;
  return share < 1 ? (share * fineBins) | 0 : fineBins - 1;
}

function emptySums(): Sums {
  return {
    rows: 0,
    values: 0,
    broken: 0,
    sum: 0,
    squares: 0,
    closed: 0,
    open: 0,
    identity: 0,
    entropy: 0,
    width: 0,
    fine: new Uint32Array(fineBins),
  };
}

function added(a: Sums, b: Sums): Sums {
  return {
    rows: a.rows + b.rows,
    values: a.values + b.values,
    broken: a.broken + b.broken,
    sum: a.sum + b.sum,
    squares: a.squares + b.squares,
    closed: a.closed + b.closed,
    open: a.open + b.open,
    identity: a.identity + b.identity,
    entropy: a.entropy + b.entropy,
    width: a.width + b.width,
    fine: a.fine.map((count, bin) => count + b.fine[bin]!),
  };
}
