/** The sums of one pass over a gate's values. */
export type Sums = Record<SumName, number>;
type SumName = "rows" | "values" | "broken" | "sum" | "squares" | "closed" | "open" | "identity";

/** A gate's sums by slot: one per domain, then one for rows without a domain. */
export interface Gathered {
  readonly slots: readonly Sums[];
  readonly overall: Sums;
  /** Sums of g − gamma / 2, [slots, units], so that squares of small differences keep their digits. */
  readonly unitSums: Float64Array;
  readonly unitSquares: Float64Array;
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
  };
  for (let row = 0; row < slotOf.length; row++) addRow(gathered, slotOf[row]!, values, row * units, units, gamma);
  return { ...gathered, overall: gathered.slots.reduce(added, emptySums()) };
}

function addRow(
  { slots, unitSums, unitSquares }: Gathered,
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
      continue;
    }
    const share = value / gamma;
    rowSum += value;
    rowSquares += value * value;
    if (share < 0.05) closed++;
    else if (share > 0.95) open++;
    else if (Math.abs(share - 0.5) < 0.02) identity++;
  }
  sums.rows++;
  sums.values += units - broken;
  sums.broken += broken;
  sums.sum += rowSum;
  sums.squares += rowSquares;
  sums.closed += closed;
  sums.open += open;
  sums.identity += identity;
}

function emptySums(): Sums {
  return { rows: 0, values: 0, broken: 0, sum: 0, squares: 0, closed: 0, open: 0, identity: 0 };
}

function added(a: Sums, b: Sums): Sums {
  const sums = { ...a };
  for (const name of Object.keys(b) as SumName[]) sums[name] += b[name];
  return sums;
}
