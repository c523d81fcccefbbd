import type { GateSite } from "../engine/engine.js";
import { criticalZ, differenceP, fewestForInterval, holm, smallSampleWidening } from "../metrics/intervals/normal.js";
import { Numbering } from "../util/growing.js";
import type { FieldColumns } from "./fields.js";
import type { CollectedSite } from "./sample.js";
import type { GateDifference, GateDifferences, GateInterval } from "./types.js";

const level = 0.95;
/** Gates are float32: smaller differences are rounding. */
const rounding = 1e-6;

export interface DifferenceRows {
  readonly domains: Int32Array;
  readonly domainCount: number;
  /** [rows], negative: unknown; `null`: rows are drawn. */
  readonly users: Int32Array | null;
  readonly user: string | null;
}

/**
 * Each domain's mean gate less the mean of the other domains' means: of EPNet's fields, and of each tower's layers and
 * their units. Standard errors are those of the infinitesimal jackknife, with all rows of a user together. `null` with
 * fewer than two domains of ten rows (users).
 * @param before the same gates before training; those of other places, or none, are left out
 */
export function gateDifferences(
  sites: readonly CollectedSite[],
  fields: readonly FieldColumns[],
  rows: DifferenceRows,
  before: readonly CollectedSite[] = [],
): GateDifferences | null {
  const clusters = clusterRows(rows);
  if (clusters.measured.length < 2) return null;
  // Of two domains the second is the first with the other sign.
  const compared = clusters.measured.length === 2 ? clusters.measured.slice(0, 1) : clusters.measured;
  const parts = sites.flatMap((site) => siteParts(site, fields));
  const estimates = parts.map(({ values }) => estimate(values, clusters));
  const adjusted = holm(estimates.flatMap((each) => compared.map((domain) => each[domain]!.p)));
  const { values: untrainedValues, largest } = beforeTraining(sites, before, fields, clusters);
  const interval = (part: number, at: number): GateInterval => {
    const { value, reach } = estimates[part]![compared[at]!]!;
    const p = adjusted[part * compared.length + at]!;
    const untrained = untrainedValues[part]?.[compared[at]!]?.value ?? null;
    const isBeyondNoise =
      p <= 1 - level && Math.abs(value) - reach > 2 * (largest.get(parts[part]!.site.site.module) ?? 0);
    return { value, low: value - reach, high: value + reach, untrained, adjustedPValue: p, isBeyondNoise };
  };
  const cells = parts.flatMap(({ site: { site }, field, unit, units }, part): GateDifference[] => {
    if (unit !== null) return [];
    const { module, tower, layer } = site;
    return compared.map((domain, at) => {
      const all = Array.from({ length: units }, (_, k) => ({ unit: k, ...interval(part + 1 + k, at) }));
      const most = all.reduce<(typeof all)[number] | null>(
        (a, b) => (a !== null && Math.abs(a.value) >= Math.abs(b.value) ? a : b),
        null,
      );
      return {
        ...{ module, tower, layer, field, domain, rows: clusters.rowsOf[domain]!, ...interval(part, at) },
        units:
          most === null
            ? null
            : { count: units, beyondNoise: all.filter((each) => each.isBeyondNoise).length, furthest: most },
      };
    });
  });
  const tested = estimates.length * compared.length;
  return { level, user: rows.user, tests: tested, isPair: compared.length < clusters.measured.length, cells };
}

interface Part {
  readonly site: CollectedSite;
  readonly field: string | null;
  readonly unit: number | null;
  readonly units: number;
  /** [rows] */
  readonly values: Float64Array;
}

function siteParts(collected: CollectedSite, fields: readonly FieldColumns[]): Part[] {
  const { site, values } = collected;
  const rows = values.length / site.units;
  const mean = (start: number, end: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => {
      let sum = 0;
      for (let unit = start; unit < end; unit++) sum += values[row * site.units + unit]!;
      return sum / (end - start);
    });
  if (site.module === "epnet") {
    return fields.map(({ field, start, end }) => ({
      ...{ site: collected, field, unit: null, units: 0, values: mean(start, end) },
    }));
  }
  const units = Array.from({ length: site.units }, (_, unit): Part => {
    return { site: collected, field: null, unit, units: 0, values: mean(unit, unit + 1) };
  });
  return [{ site: collected, field: null, unit: null, units: site.units, values: mean(0, site.units) }, ...units];
}

function placeOf({ module, tower, layer }: GateSite): string {
  return `${module} ${tower} ${layer}`;
}

/** By part, `null` if unknown; and each module's largest, in any domain. */
function beforeTraining(
  sites: readonly CollectedSite[],
  before: readonly CollectedSite[],
  fields: readonly FieldColumns[],
  clusters: Clusters,
): { readonly values: readonly (Estimates | null)[]; readonly largest: ReadonlyMap<string, number> } {
  const untrained = new Map(before.map((collected) => [placeOf(collected.site), collected]));
  const largest = new Map<string, number>();
  const values = sites.flatMap((collected) => {
    const same = untrained.get(placeOf(collected.site));
    return siteParts(same ?? collected, fields).map((part) => {
      if (same === undefined) return null;
      const estimates = estimate(part.values, clusters);
      const most = Math.max(...Object.values(estimates).map(({ value }) => Math.abs(value)));
      largest.set(collected.site.module, Math.max(most, largest.get(collected.site.module) ?? 0));
      return estimates;
    });
  });
  return { values, largest };
}

type Clusters = ReturnType<typeof clusterRows>;

/** `measured`: domains with enough rows (users), ascending. */
function clusterRows({ domains, domainCount, users }: DifferenceRows) {
  const [pairDomains, pairUsers]: [number[], number[]] = [[], []];
  const numbers = new Numbering<number>();
  const [rowsOf, unitsOf] = [new Array<number>(domainCount).fill(0), new Array<number>(domainCount).fill(0)];
  const most = users === null ? 0 : users.reduce((top, user) => Math.max(top, user + 1), 0);
  const pairs = domains.map((domain, row) => {
    if (domain < 0 || domain >= domainCount) return -1;
    const code = users === null ? -1 : users[row]!;
    const user = code >= 0 ? code : most + row;
    const pair = numbers.of(user * domainCount + domain);
    if (pair === pairDomains.length) {
      pairDomains.push(domain);
      pairUsers.push(user);
      unitsOf[domain] = unitsOf[domain]! + 1;
    }
    rowsOf[domain] = rowsOf[domain]! + 1;
    return pair;
  });
  const measured = unitsOf.flatMap((units, domain) => (units >= fewestForInterval ? [domain] : []));
  const isMeasured = new Set(measured);
  return {
    /** [rows], the pair of user and domain; −1: a row without a measured domain. */
    pairs: pairs.map((pair) => (pair >= 0 && isMeasured.has(pairDomains[pair]!) ? pair : -1)),
    ...{ pairDomains, pairUsers, users: most + domains.length, rowsOf, unitsOf, measured },
  };
}

type Estimate = { readonly value: number; readonly reach: number; readonly p: number };

/** By domain. */
type Estimates = Readonly<Record<number, Estimate>>;

function estimate(values: Float64Array, clusters: Clusters): Estimates {
  const { pairs, pairDomains, pairUsers, users, rowsOf, measured, unitsOf } = clusters;
  const means = new Float64Array(rowsOf.length);
  pairs.forEach((pair, row) => {
    if (pair >= 0) means[pairDomains[pair]!]! += values[row]! / rowsOf[pairDomains[pair]!]!;
  });
  const influence = new Float64Array(pairDomains.length);
  pairs.forEach((pair, row) => {
    const domain = pairDomains[pair];
    if (domain !== undefined) influence[pair]! += (values[row]! - means[domain]!) / rowsOf[domain]!;
  });
  const totals = new Float64Array(users);
  influence.forEach((part, pair) => {
    totals[pairUsers[pair]!]! += part;
  });
  const others = measured.length - 1;
  const all = totals.reduce((sum, total) => sum + (total / others) ** 2, 0);
  const variances = new Float64Array(rowsOf.length).fill(all);
  influence.forEach((part, pair) => {
    const total = totals[pairUsers[pair]!]!;
    const term = part - (total - part) / others;
    variances[pairDomains[pair]!]! += term ** 2 - (total / others) ** 2;
  });
  const sum = measured.reduce((total, domain) => total + means[domain]!, 0);
  const made = measured.map((domain): [number, Estimate] => {
    const difference = means[domain]! - (sum - means[domain]!) / others;
    const error = Math.sqrt(Math.max(0, variances[domain]!)) * smallSampleWidening(unitsOf[domain]!, level);
    const value = Math.abs(difference) < rounding ? 0 : difference;
    return [domain, { value, reach: criticalZ(level) * error, p: value === 0 ? 1 : differenceP(value, error) }];
  });
  return Object.fromEntries(made);
}
