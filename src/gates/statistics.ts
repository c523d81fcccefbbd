/** Statistics of one gate's values, by domain. */
import type { GateSite } from "../engine/engine.js";
import type { GateReport, GateStatistics } from "./types.js";

/** Bins of a gate's histogram over [0, gamma]. */
export const histogramBins = 50;

/** A unit whose values vary less than this over the rows (standard deviation) is dead. */
const deadStd = 1e-3;

/**
 * Statistics of a gate over all rows and over each domain's rows.
 *
 * @param values [rows, units]
 * @param domains [rows], or `null` where the model has none
 */
export function gateReport(
  site: GateSite,
  values: Float32Array,
  domains: Int32Array | null,
  domainCount: number,
): GateReport {
  const rows = values.length / site.units;
  const all = Array.from({ length: rows }, (_, row) => row);
  const byDomain = Array.from({ length: domains ? domainCount : 0 }, (_, domain) =>
    all.filter((row) => domains?.[row] === domain),
  );
  return {
    ...site,
    overall: gateStatistics(site, values, all, null),
    domains: byDomain.map((own, domain) => gateStatistics(site, values, own, domain)),
    domainVariance: domains ? varianceExplained(values, site.units, byDomain) : null,
  };
}

function gateStatistics(
  site: GateSite,
  values: Float32Array,
  rows: readonly number[],
  domain: number | null,
): GateStatistics {
  const { units, gamma } = site;
  const own = new Float32Array(rows.length * units);
  rows.forEach((row, i) => {
    own.set(values.subarray(row * units, (row + 1) * units), i * units);
  });
  const { mean, std } = moments(own);
  const histogram = new Array<number>(histogramBins).fill(0);
  let closed = 0;
  let open = 0;
  let identity = 0;
  for (const value of own) {
    const bin = Math.min(histogramBins - 1, Math.max(0, Math.floor((value / gamma) * histogramBins)));
    histogram[bin] = (histogram[bin] as number) + 1;
    if (value < 0.05 * gamma) closed++;
    if (value > 0.95 * gamma) open++;
    if (Math.abs(value - gamma / 2) < 0.02 * gamma) identity++;
  }
  const deadUnits = deadShare(own, units);
  const sorted = own.sort();
  return {
    domain,
    rows: rows.length,
    mean,
    std,
    quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map((q) => quantile(sorted, q)) as unknown as GateStatistics["quantiles"],
    histogram,
    closed: closed / own.length,
    open: open / own.length,
    identity: identity / own.length,
    deadUnits,
  };
}

/** Linear interpolation between the two nearest values of an ascending array; NaN where it is empty. */
export function quantile(sorted: Float32Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  return low + (high - low) * (at - Math.floor(at));
}

function moments(values: Float32Array): { mean: number; std: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, std: Math.sqrt(squares / values.length) };
}

/** Mean of each unit over some rows, [units]. */
export function unitMeans(values: Float32Array, units: number, rows: readonly number[]): Float64Array {
  const means = new Float64Array(units);
  for (const row of rows) {
    for (let unit = 0; unit < units; unit++) {
      means[unit] = (means[unit] as number) + (values[row * units + unit] as number) / rows.length;
    }
  }
  return means;
}

function deadShare(values: Float32Array, units: number): number {
  const rows = values.length / units;
  const means = unitMeans(
    values,
    units,
    Array.from({ length: rows }, (_, row) => row),
  );
  let dead = 0;
  for (let unit = 0; unit < units; unit++) {
    let squares = 0;
    for (let row = 0; row < rows; row++)
      squares += ((values[row * units + unit] as number) - (means[unit] as number)) ** 2;
    if (Math.sqrt(squares / rows) < deadStd) dead++;
  }
  return dead / units;
}

/**
 * η²: the share of each unit's variance between domains, Σ_d N_d (ḡ_d − ḡ)² / Σ_n (g_n − ḡ)², mean over the units
 * that vary; `null` where none does.
 */
function varianceExplained(
  values: Float32Array,
  units: number,
  byDomain: readonly (readonly number[])[],
): number | null {
  const rows = byDomain.flat();
  const grand = unitMeans(values, units, rows);
  const means = byDomain.map((own) => unitMeans(values, units, own));
  let sum = 0;
  let counted = 0;
  for (let unit = 0; unit < units; unit++) {
    const center = grand[unit] as number;
    let total = 0;
    for (const row of rows) total += ((values[row * units + unit] as number) - center) ** 2;
    if (total === 0) continue;
    let between = 0;
    byDomain.forEach((own, domain) => {
      if (own.length > 0) between += own.length * ((means[domain]?.[unit] as number) - center) ** 2;
    });
    sum += between / total;
    counted++;
  }
  return counted === 0 ? null : sum / counted;
}
