/** Gates on some rows: their values, and the statistics of these by domain. */
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { GateSite, GateValues } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import { domainName, hasEpnet, hasPpnet, listDomainNames, type ModelSpec, siteName } from "../../core/spec/model.js";
import { joinFloats } from "../../core/util/growing.js";
import { throwIfInterrupted } from "../../core/util/interrupt.js";
import { mean, sum } from "../../core/util/numbers.js";
import { percent } from "../../core/util/text.js";
import { fieldGates } from "./fields.js";
import { rowBatches } from "./sample.js";
import type { Gap, GateReport, GateStatistics, GatesReport } from "./types.js";

/** A gate with its values, [rows, units]. */
export interface CollectedSite {
  readonly site: GateSite;
  readonly values: Float32Array;
}

/** Every gate's values of all rows. */
export async function collectGates(engine: ReadingEngine, data: EncodedData): Promise<readonly CollectedSite[]> {
  const parts: (readonly GateValues[])[] = [];
  for (const rows of rowBatches(data.rows)) parts.push(await engine.gates({ data, rows }));
  return (parts[0] ?? []).map(({ values, ...site }, at) => {
    return { site, values: parts.length === 1 ? values : joinFloats(parts.map((part) => part[at]!.values)) };
  });
}

/** Gates of the same rows to compare with. */
export interface StatisticsOptions {
  /** The model before training, for its gates. */
  readonly untrained?: ReadingEngine | null;
  /** A report on the same rows of a model that differs only behind EPNet, whose gates are taken from it. */
  readonly sameEpnet?: GatesReport | null;
}

/**
 * Statistics of every gate by domain. The values come from the engine's program, without dropout. They are
 * descriptive: gates differ between domains even if domains have no effect.
 */
export async function gateStatistics(
  engine: ReadingEngine,
  data: EncodedData,
  { untrained = null, sameEpnet = null }: StatisticsOptions = {},
): Promise<GatesReport> {
  const { spec } = engine;
  const domainCount = spec.domains?.count ?? 0;
  const domains = domainCount === 0 ? null : data.domains;
  const measured: MeasuredGate[] = [];
  for (const { site, values } of await collectGates(engine, data)) {
    throwIfInterrupted();
    const same = site.module === "epnet" ? sameEpnet?.gates.find(({ module }) => module === "epnet") : null;
    if (same) measured.push({ report: same, means: [] });
    else measured.push(measureGate(site, values, domains, domainCount));
  }
  const epnet = measured.find(({ report }) => report.module === "epnet");
  const before = untrained === null ? [] : await collectGates(untrained, data);
  const report = {
    rows: data.rows,
    domainNames: listDomainNames(spec),
    gates: measured.map(({ report }) => report),
    fields: sameEpnet?.fields ?? (epnet && hasEpnet(spec) ? fieldGates(spec, epnet.means) : []),
    untrained: before.map(({ site, values }) => measureGate(site, values, domains, domainCount).report),
    effects: null,
  };
  return { ...report, gaps: findGaps(spec, report) };
}

function findGaps(spec: ModelSpec, { gates }: Omit<GatesReport, "gaps">): Gap[] {
  const gaps: Gap[] = [];
  if (!hasEpnet(spec)) gaps.push({ what: "EPNet: its gate and fields", reason: "the model has no EPNet" });
  if (!hasPpnet(spec) || !spec.switches.ppnet) gaps.push({ what: "PPNet's gates", reason: "the model has no PPNet" });
  if (spec.domains === null) gaps.push({ what: "everything by domain", reason: "the model has no domains" });
  for (const { domain, rows } of gates[0]?.domains ?? []) {
    if (rows > 1) continue;
    const reason = rows === 0 ? "contain no row of it" : "contain one row of it, which has no spread";
    gaps.push({ what: `domain ${domainName(spec, domain!)}`, reason: `the sampled rows ${reason}` });
  }
  for (const gate of gates) {
    const { notFinite } = gate.overall;
    const reason = `${percent(notFinite)} of its values are not finite numbers: they are excluded, and statistics that need every unit are missing`;
    if (notFinite > 0) gaps.push({ what: siteName(gate), reason });
  }
  return gaps;
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

/** The sums of one pass over a gate's values. */
type Sums = Record<SumName, number>;
type SumName = "rows" | "values" | "broken" | "sum" | "squares" | "closed" | "open" | "identity";

/** A gate's sums by slot: one per domain, then one for rows without a domain. */
interface Gathered {
  readonly slots: readonly Sums[];
  readonly overall: Sums;
  /** Sums of g − gamma / 2, [slots, units], so that squares of small differences keep their digits. */
  readonly unitSums: Float64Array;
  readonly unitSquares: Float64Array;
}

/** @param slotOf [rows], the slot of each row @param values [rows, units] */
function gather(values: Float32Array, units: number, gamma: number, slotOf: Int32Array, slotCount: number): Gathered {
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
