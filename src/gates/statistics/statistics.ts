import type { GateSite } from "../../engine/index.js";
import type { GateReport, GateStatistics } from "../types.js";
import { fineBins, type Gathered, gather, type Sums } from "./accumulate.js";
import { domainDistances, unitMeans } from "./distances.js";
import { QuantileCollector } from "./quantiles.js";
import { explainedVariance, type Prior, shares } from "./variance.js";

/** Bins of a gate's histogram over [0, gamma]. */
export const histogramBins = 50;

const deadStd = 1e-3;

const probabilities = [0.05, 0.25, 0.5, 0.75, 0.95];

export interface MeasuredGate {
  readonly report: GateReport;
  /** By domain (one entry of all rows without domains), [units]; `null`: no rows. */
  readonly means: readonly (Float64Array | null)[];
}

/** @param values [rows, units] @param domains [rows] @param priors further groupings for the explained variance */
export function measureGate(
  site: GateSite,
  values: Float32Array,
  domains: Int32Array | null,
  domainCount: number,
  priors: readonly Prior[] = [],
): MeasuredGate {
  const { units, gamma } = site;
  const slotCount = domains ? domainCount + 1 : 1;
  const rows = values.length / units;
  const slotOf = Int32Array.from({ length: rows }, (_, row) => slotIn(domains?.[row], domainCount));
  const gathered = gather(values, units, gamma, slotOf, slotCount);
  const [overall, ...quantiles] = exactQuantiles(values, units, slotOf, gathered);
  const domainSlots = gathered.slots.slice(0, domains ? domainCount : 0);
  const statistics = domainSlots.map((sums, domain) =>
    siteStatistics(site, sums, quantiles[domain]!, deadShare(gathered, [domain], units), domain),
  );
  const all = gathered.slots.map((_, slot) => slot);
  const whole = siteStatistics(site, gathered.overall, overall!, deadShare(gathered, all, units), null);
  const broken = gathered.overall.broken > 0;
  const explained = broken ? [] : priors.map((prior) => explainedVariance(values, units, gamma / 2, prior));
  return {
    report: {
      ...site,
      overall: whole,
      domains: statistics,
      domainVariance: domains && !broken ? domainVariance(gathered, domainCount, units) : null,
      explained,
      distances:
        domains && !broken ? domainDistances(gathered, slotOf, domainCount, units, gamma, histogramBins) : null,
    },
    means: unitMeans(gathered, domains ? domainCount : 1, units, gamma),
  };
}

export function gateReport(
  site: GateSite,
  values: Float32Array,
  domains: Int32Array | null,
  domainCount: number,
  priors: readonly Prior[] = [],
): GateReport {
  return measureGate(site, values, domains, domainCount, priors).report;
}

function slotIn(domain: number | undefined, domainCount: number): number {
  if (domain === undefined) return 0;
  return domain >= 0 && domain < domainCount ? domain : domainCount;
}

function exactQuantiles(
  values: Float32Array,
  units: number,
  slotOf: Int32Array,
  { overall, slots, bins }: Gathered,
): number[][] {
  const whole = new QuantileCollector(overall.fine, probabilities);
  const bySlot = slots.map((sums) => new QuantileCollector(sums.fine, probabilities));
  for (let row = 0; row < slotOf.length; row++) {
    const slotQuantiles = bySlot[slotOf[row]!]!;
    for (let at = row * units; at < (row + 1) * units; at++) {
      const bin = bins[at]!;
      if (whole.wants[bin] === 1) whole.take(values[at]!, bin);
      if (slotQuantiles.wants[bin] === 1) slotQuantiles.take(values[at]!, bin);
    }
  }
  return [whole, ...bySlot].map((collector) => collector.quantiles());
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
    histogram: coarse(sums.fine),
    ecdf: cumulative(coarse(sums.fine)),
    closed: sums.closed / sums.values,
    open: sums.open / sums.values,
    identity: sums.identity / sums.values,
    deadUnits,
    entropy: sums.entropy / sums.values,
    effectiveWidth: sums.width / sums.rows,
    notFinite: sums.rows === 0 ? 0 : sums.broken / (sums.rows * site.units),
  };
}

function coarse(fine: Uint32Array): number[] {
  const each = fineBins / histogramBins;
  return Array.from({ length: histogramBins }, (_, bin) =>
    fine.subarray(bin * each, (bin + 1) * each).reduce((sum, count) => sum + count, 0),
  );
}

function cumulative(histogram: readonly number[]): number[] {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let below = 0;
  return histogram.map((count) => {
    below += count;
    return below / total;
  });
}

/** Share of dead units over the rows of some slots; NaN without rows, or if a value is not finite. */
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

function domainVariance({ slots, unitSums, unitSquares }: Gathered, domainCount: number, units: number): number | null {
  const squares = new Float64Array(units);
  for (let at = 0; at < domainCount * units; at++) {
    squares[at % units] = squares[at % units]! + unitSquares[at]!;
  }
  const rowsOf = slots.slice(0, domainCount).map((slot) => slot.rows);
  return shares(unitSums, squares, rowsOf, units).etaSquared;
}
