/** What priors are worth: how much history rows have, whether its rates hold, and the gain of a logistic regression. */
import { independentNoise, rateInterval } from "../../metrics/intervals/clusters.js";
import { holm } from "../../metrics/intervals/normal.js";
import { getOrMake } from "../../util/growing.js";
import { mean } from "../../util/numbers.js";

/** What a key's columns add to a logistic regression on newer rows. */
export interface PriorsGain {
  readonly label: string;
  /** `user_id`, `item_id_scene`; `null`: all keys together. */
  readonly key: string | null;
  /** After which labels are known, such as `1h`. */
  readonly delay: string;
  /** The AUC without priors; `null`: the test rows have one class, or priors cannot be computed at this delay. */
  readonly without: number | null;
  /** Change of AUC by the key's columns, with its 95% interval. */
  readonly gain: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Corrected for all gains of the result (Holm). */
  readonly adjustedP: number | null;
  readonly says: "helps" | "harms" | "cannot be told";
}

/** The history of training rows beside that of test rows. */
export interface PriorsCoverage {
  readonly key: string;
  readonly delay: string;
  /** `null`: all rows. */
  readonly domain: string | null;
  readonly trainingRows: number;
  readonly testRows: number;
  /** Shares of rows whose key was known before, from 0 to 1. */
  readonly training: number | null;
  readonly test: number | null;
  /** Medians of earlier rows of the key. */
  readonly trainingHistory: number | null;
  readonly testHistory: number | null;
}

/** Test rows with a prior rate in a range, and the rate of their labels. */
export interface PriorsRate {
  readonly label: string;
  readonly key: string;
  readonly rows: number;
  /** The mean of the prior rates. */
  readonly prior: number;
  readonly observed: number;
  /** Ends of the 95% interval of the observed rate; rows count as independent. */
  readonly low: number;
  readonly high: number;
}

/** The numbers of `suggestPriors`. */
export interface PriorsWorth {
  readonly trainingRows: number;
  readonly testRows: number;
  readonly labels: readonly string[];
  readonly keys: readonly string[];
  /** The columns of each key. */
  readonly keyColumns: readonly (readonly string[])[];
  readonly delays: readonly string[];
  /** The column whose values are independent in the intervals of gains; `null`: rows are. */
  readonly over: string | null;
  readonly gains: readonly PriorsGain[];
  readonly coverage: readonly PriorsCoverage[];
  /** At the first delay. */
  readonly rates: readonly PriorsRate[];
}

const level = 0.05;

/** A gain with the p value of its own test. */
export interface TestedGain extends Omit<PriorsGain, "adjustedP" | "says"> {
  readonly pValue: number | null;
}

/** The gains with their verdicts, of which any is wrong in at most 5% of logs. */
export function judgedGains(gains: readonly TestedGain[]): PriorsGain[] {
  const adjusted = holm(gains.map(({ pValue }) => pValue));
  return gains.map(({ pValue: _, ...gain }, at) => {
    const adjustedP = adjusted[at]!;
    const isClear = adjustedP !== null && adjustedP < level && gain.gain !== null;
    return { ...gain, adjustedP, says: isClear ? (gain.gain! > 0 ? "helps" : "harms") : "cannot be told" };
  });
}

/** Earlier rows of each row's key, and the rows' domains. */
export interface RowHistory {
  readonly counts: readonly number[];
  /** `null`: no domain column. */
  readonly domains: readonly string[] | null;
}

/** Over all rows, and in each of these domains; a single one has the same rows. */
export function coverageOf(
  at: Pick<PriorsCoverage, "key" | "delay">,
  training: RowHistory,
  test: RowHistory,
  domains: readonly string[],
): PriorsCoverage[] {
  const [earlier, later] = [countsByDomain(training), countsByDomain(test)];
  return [null, ...(domains.length > 1 ? domains : [])].map((domain) => {
    const [before, after] = [earlier.get(domain) ?? [], later.get(domain) ?? []];
    return {
      ...at,
      domain,
      trainingRows: before.length,
      testRows: after.length,
      training: knownShare(before),
      test: knownShare(after),
      trainingHistory: median(before),
      testHistory: median(after),
    };
  });
}

/** `null`: of all rows. */
function countsByDomain({ counts, domains }: RowHistory): ReadonlyMap<string | null, readonly number[]> {
  const byDomain = new Map<string | null, number[]>([[null, [...counts]]]);
  for (const [row, domain] of (domains ?? []).entries()) {
    getOrMake(byDomain, domain, (): number[] => []).push(counts[row]!);
  }
  return byDomain;
}

function knownShare(counts: readonly number[]): number | null {
  return counts.length === 0 ? null : counts.filter((count) => count > 0).length / counts.length;
}

function median(counts: readonly number[]): number | null {
  return [...counts].sort((a, b) => a - b)[Math.floor(counts.length / 2)] ?? null;
}

const mostBins = 8;
const fewestInBin = 50;

/** Rows of a known key in bins of about equal size, by their prior rate; equal rates stay together. */
export function ratesOf(
  of: Pick<PriorsRate, "label" | "key">,
  counts: readonly number[],
  rates: readonly number[],
  labels: readonly (number | null)[],
): PriorsRate[] {
  const rows = [...counts.keys()]
    .filter((row) => counts[row]! > 0 && labels[row] !== null)
    .sort((a, b) => rates[a]! - rates[b]!);
  const size = Math.max(fewestInBin, Math.ceil(rows.length / mostBins));
  const bins: number[][] = [];
  for (const row of rows) {
    const last = bins.at(-1);
    if (last === undefined || (last.length >= size && rates[row] !== rates[last.at(-1)!])) bins.push([row]);
    else last.push(row);
  }
  const short = bins.length > 1 && bins.at(-1)!.length < fewestInBin ? bins.pop()! : [];
  bins.at(-1)?.push(...short);
  return bins
    .filter((bin) => bin.length >= fewestInBin)
    .map((bin) => {
      const observed = mean(bin.map((row) => labels[row]!));
      const { low, high } = rateInterval(observed, bin.length, level, independentNoise);
      return { ...of, rows: bin.length, prior: mean(bin.map((row) => rates[row]!)), observed, low, high };
    });
}
