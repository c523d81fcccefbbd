/** Statistics of a gate's values by domain: moments, quantiles, and the share that the domain explains. */
import type { GateSite } from "../../core/engine/engine.js";
import { joinFloats } from "../../core/util/growing.js";
import { mean, sum } from "../../core/util/numbers.js";
import { type Gathered, gather, type Sums } from "./accumulate.js";
import type { GateReport, GateStatistics } from "./types.js";

/**
 * The value at an index of the sorted order, by Hoare's selection: reorders values from `from` on; those before are
 * smaller.
 */
function nth(values: Float32Array, place: number, from: number): number {
  let low = from;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else break;
  }
  return values[place]!;
}

const deadStd = 1e-3;

const probabilities = [0.05, 0.25, 0.5, 0.75, 0.95];

export interface MeasuredGate {
  readonly report: GateReport;
  /** By domain (one entry of all rows without domains), [units]; `null`: no rows. */
  readonly means: readonly (Float64Array | null)[];
}

/** @param values [rows, units] @param domains [rows] */
export function measureGate(
  site: GateSite,
  values: Float32Array,
  domains: Int32Array | null,
  domainCount: number,
): MeasuredGate {
  const { units, gamma } = site;
  const slotCount = domains ? domainCount + 1 : 1;
  const slotOf = new Int32Array(values.length / units).map((_, row) => slotIn(domains?.[row], domainCount));
  const gathered = gather(values, units, gamma, slotOf, slotCount);
  const [overall, ...quantiles] = exactQuantiles(values, units, slotOf, gathered);
  const domainSlots = gathered.slots.slice(0, domains ? domainCount : 0);
  const statistics = domainSlots.map((sums, domain) =>
    siteStatistics(site, sums, quantiles[domain]!, deadShare(gathered, [domain], units), domain),
  );
  const all = gathered.slots.map((_, slot) => slot);
  const whole = siteStatistics(site, gathered.overall, overall!, deadShare(gathered, all, units), null);
  const broken = gathered.overall.broken > 0;
  const report: GateReport = {
    ...site,
    overall: whole,
    domains: statistics,
    domainVariance: domains && !broken ? domainVariance(gathered, domainCount, units) : null,
  };
  return { report, means: unitMeans(gathered, domains ? domainCount : 1, units, gamma) };
}

function slotIn(domain: number | undefined, domainCount: number): number {
  if (domain === undefined) return 0;
  return domain >= 0 && domain < domainCount ? domain : domainCount;
}

/** Exact quantiles of all finite values and of each slot's, by selection in a copy. */
function exactQuantiles(values: Float32Array, units: number, slotOf: Int32Array, { slots }: Gathered): number[][] {
  const bySlot = slots.map((sums) => new Float32Array(sums.values));
  const sizes = new Uint32Array(slots.length);
  const isBroken = slots.some(({ broken }) => broken > 0);
  for (let row = 0; row < slotOf.length; row++) {
    const slot = slotOf[row]!;
    const all = values.subarray(row * units, (row + 1) * units);
    const finite = isBroken ? all.filter(Number.isFinite) : all;
    bySlot[slot]!.set(finite, sizes[slot]!);
    sizes[slot]! += finite.length;
  }
  return [slots.length === 1 ? bySlot[0]! : joinFloats(bySlot), ...bySlot].map(quantilesOf);
}

function quantilesOf(values: Float32Array): number[] {
  let at = 0;
  return probabilities.map((share) => {
    if (values.length === 0) return Number.NaN;
    const place = share * (values.length - 1);
    const low = nth(values, Math.floor(place), at);
    at = Math.floor(place);
    return low + (nth(values, Math.ceil(place), at) - low) * (place - at);
  });
}

function siteStatistics(
  site: GateSite,
  sums: Sums,
  quantiles: readonly number[],
  deadUnits: number,
  domain: number | null,
): GateStatistics {
  const mean = sums.sum / sums.values;
  return {
    domain,
    rows: sums.rows,
    mean,
    std: Math.sqrt(Math.max(0, sums.squares / sums.values - mean * mean)),
    quantiles: quantiles as unknown as GateStatistics["quantiles"],
    closed: sums.closed / sums.values,
    open: sums.open / sums.values,
    identity: sums.identity / sums.values,
    deadUnits,
    notFinite: sums.rows === 0 ? 0 : sums.broken / (sums.rows * site.units),
  };
}

function deadShare({ slots, unitSums, unitSquares }: Gathered, of: readonly number[], units: number): number {
  const rows = of.reduce((sum, slot) => sum + slots[slot]!.rows, 0);
  let dead = 0;
  for (let unit = 0; unit < units; unit++) {
    let sum = 0;
    let squares = 0;
    for (const slot of of) {
      sum += unitSums[slot * units + unit]!;
      squares += unitSquares[slot * units + unit]!;
    }
    const variance = squares / rows - (sum / rows) ** 2;
    if (Number.isNaN(variance)) return Number.NaN;
    if (variance < deadStd ** 2) dead++;
  }
  return dead / units;
}

const leastVariance = 1e-14;

/** η²_j = Σ_d N_d (ḡ_dj − ḡ_j)² / Σ_n (g_nj − ḡ_j)², mean over the units j that vary; `null` if none does. */
function domainVariance({ slots, unitSums, unitSquares }: Gathered, domainCount: number, units: number): number | null {
  const domains = slots.slice(0, domainCount).flatMap(({ rows }, domain) => (rows > 0 ? [{ domain, rows }] : []));
  const count = sum(domains.map(({ rows }) => rows));
  const shares: number[] = [];
  for (let unit = 0; unit < units; unit++) {
    let [total, squares, between] = [0, 0, 0];
    for (const { domain, rows } of domains) {
      const value = unitSums[domain * units + unit]!;
      total += value;
      squares += unitSquares[domain * units + unit]!;
      between += value ** 2 / rows;
    }
    const middle = total ** 2 / count;
    if (squares - middle > leastVariance * count) shares.push((between - middle) / (squares - middle));
  }
  return shares.length === 0 ? null : mean(shares.map((share) => Math.min(1, Math.max(0, share))));
}

/** Mean of each unit over the rows of the first slots, [units]; `null` for a slot without rows. */
function unitMeans({ slots, unitSums }: Gathered, count: number, units: number, gamma: number) {
  return slots.slice(0, count).map(({ rows }, slot) => {
    if (rows === 0) return null;
    return unitSums.slice(slot * units, (slot + 1) * units).map((sum) => sum / rows + gamma / 2);
  });
}
