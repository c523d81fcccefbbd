/** One pass over a gate's values collects sums. */
export type Sums = Record<SumName, number>;
type SumName = "rows" | "values" | "broken" | "sum" | "squares" | "closed" | "open" | "identity";

/** A gate's sums by slot: one per domain, then one for rows without a domain. */
export interface Gathered {
  readonly slots: readonly Sums[];
  readonly overall: Sums;
  /** [slots, units], of g − gamma / 2, so that squares of small differences keep their digits. */
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

const leastVariance = 1e-14;

/**
 * η²_j = Σ_d N_d (ḡ_dj − ḡ_j)² / Σ_n (g_nj − ḡ_j)², mean over the units j that vary; `null`: none does.
 * @param sums [groups, units] @param squares [units] @param rowsOf [groups]
 */
export function etaSquared(
  sums: Float64Array,
  squares: Float64Array,
  rowsOf: ArrayLike<number>,
  units: number,
): number | null {
  const groups = Array.from({ length: rowsOf.length }, (_, group) => group).filter((group) => (rowsOf[group] ?? 0) > 0);
  const rows = groups.reduce((sum, group) => sum + rowsOf[group]!, 0);
  let eta = 0;
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
    eta += Math.min(1, Math.max(0, (between - (sum * sum) / rows) / total));
    counted++;
  }
  return counted === 0 ? null : eta / counted;
}
